"""What the page of one contact shows beside its own fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from oscar.core.loading import get_model

from oscar_crm import text
from oscar_crm.conf import crm_settings
from oscar_crm.models import (
    Account,
    Contact,
    ContactEmail,
    ContactUser,
    CustomField,
    OrderLink,
    Tag,
)

from .companies import with_proposal
from .custom_fields import with_definitions
from .orders import orders_of

LATEST_ORDERS = 20
MAX_TAGS = 500
CENT = Decimal("0.01")


@dataclass(frozen=True)
class CurrencyTotal:
    """What a contact spent in one currency; ``base`` is its worth in base currency, if known."""

    currency: str
    amount: Decimal
    base: Decimal | None


@dataclass(frozen=True)
class ValueSummary:
    """A contact's value. ``average`` is per order with a known rate, None without any."""

    lifetime: Decimal
    currency: str
    average: Decimal | None
    totals: list[CurrencyTotal]
    unvalued_orders: int

    @property
    def has_foreign(self) -> bool:
        return any(total.currency != self.currency for total in self.totals)


def value_summary(contact: Contact) -> ValueSummary:
    """Reads only the cached figures: no query."""
    totals = [
        CurrencyTotal(
            currency,
            Decimal(sums["amount"]),
            None if sums["base"] is None else Decimal(sums["base"]),
        )
        for currency, sums in sorted(contact.currency_totals.items())
    ]
    valued = contact.orders_count - contact.unvalued_orders
    lifetime = Decimal(contact.lifetime_value)
    average = (lifetime / valued).quantize(CENT) if valued > 0 else None
    return ValueSummary(lifetime, crm_settings.CURRENCY, average, totals, contact.unvalued_orders)


def for_page(found: QuerySet[Contact], user: Any) -> QuerySet[Contact]:
    """Let contacts carry what stands beside their fields, at no further query.

    ``country_name``, None if the shop has no such country; the definitions of custom fields;
    and ``companies.with_proposal``.
    """
    countries = get_model("address", "Country")._default_manager
    own = countries.filter(pk=OuterRef("country")).values("printable_name")
    found = found.select_related("owner", "partner").annotate(country_name=Subquery(own[:1]))
    found = with_definitions(found, CustomField.Area.CONTACT)
    return with_proposal(found, user)


def known_by(contact: Contact) -> tuple[list[ContactEmail], list[ContactUser]]:
    """A contact's addresses, the main one first, and shop accounts: both in one query.

    The rows are those of one with those of the other, which is few times few.
    """
    rows = Contact.objects.filter(pk=contact.pk).values_list(
        *("emails__id", "emails__address", "emails__is_primary"),
        *("shop_accounts__id", "shop_accounts__user", "shop_accounts__label"),
        "shop_accounts__basis",
    )
    emails: dict[int, ContactEmail] = {}
    accounts: dict[int, ContactUser] = {}
    for email, address, is_primary, account, user, label, basis in rows.order_by(
        "-emails__is_primary", "emails__id", "shop_accounts__id"
    ):
        if email is not None and email not in emails:
            emails[email] = ContactEmail(pk=email, address=address, is_primary=is_primary)
        if account is not None and account not in accounts:
            accounts[account] = ContactUser(pk=account, user_id=user, label=label, basis=basis)
    return list(emails.values()), list(accounts.values())


def latest_orders(contact: Contact) -> list[OrderLink]:
    """The newest orders, with the shop's order and its addresses: one query."""
    related = ("order__shipping_address__country", "order__billing_address__country")
    return list(orders_of(contact).select_related(*related)[:LATEST_ORDERS])


def addresses_in(orders: Iterable[OrderLink], contact: Contact, country: str) -> list[list[str]]:
    """The distinct addresses of some orders as lines of text, the contact's own first.

    ``country`` is the printable name of the contact's country. Two spellings that differ in
    case, accents or spaces only are one address.
    """
    own = [contact.line1, contact.line2, contact.city, contact.state, contact.postcode, country]
    found: dict[str, list[str]] = {}
    for lines in [own, *_order_addresses(orders)]:
        kept = [line.strip() for line in lines if line.strip()]
        if any(line.strip() for line in lines[:-1]):
            found.setdefault(text.fold(" ".join(kept)), kept)
    return list(found.values())


def _order_addresses(orders: Iterable[OrderLink]) -> Iterable[list[str]]:
    for link in orders:
        for address in _addresses_of(link.order):
            yield [
                address.line1,
                ", ".join(filter(None, (address.line2, address.line3))),
                address.line4,
                address.state,
                address.postcode,
                address.country.printable_name if address.country_id else "",
            ]


def _addresses_of(order: Any) -> list[Any]:
    addresses = () if order is None else (order.shipping_address, order.billing_address)
    return [address for address in addresses if address is not None]


def tags_for(record: Contact | Account) -> list[Tag]:
    """The record's tags first (``is_on``), then the others, which may be added: one query."""
    on = type(record).objects.filter(pk=record.pk, tags=OuterRef("pk"))
    tags: Any = Tag.objects.annotate(is_on=Exists(on))
    return list(tags.order_by("-is_on", "key")[:MAX_TAGS])


def tag_exists(name: str) -> bool:
    """Whether there is a tag of this name, however it is spelt."""
    return Tag.objects.filter(key=text.fold(name)).exists()
