"""Factories of CRM records, beside those Oscar ships in ``oscar.test.factories``."""

import csv
import io
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.utils import timezone
from oscar.core.loading import get_model
from oscar.test.factories import ShippingAddressFactory

from oscar_crm.models import (
    Account,
    AccountContact,
    Activity,
    Consent,
    ConsentPurpose,
    ConsentText,
    Contact,
    ContactUser,
    CustomField,
    Erasure,
    ExchangeRate,
    Import,
    OrderLink,
    Segment,
    Tag,
    ValueEntry,
)
from oscar_crm.services.contacts import set_emails
from oscar_crm.services.imports import create_import
from oscar_crm.services.search import index_accounts, index_contacts
from oscar_crm.text import fold

__all__ = [
    "AccountContactFactory",
    "AccountFactory",
    "ClosedAccountFactory",
    "ConsentFactory",
    "ConsentPurposeFactory",
    "ContactFactory",
    "CustomFieldFactory",
    "ErasureFactory",
    "ExchangeRateFactory",
    "ImportFactory",
    "NoteFactory",
    "OrderLinkFactory",
    "SegmentFactory",
    "TagFactory",
    "ValueEntryFactory",
    "make_order",
    "make_staff",
    "refund_order",
]

_numbers = count(1)


class TagFactory(factory.django.DjangoModelFactory):
    name = factory.Sequence(lambda n: f"Tag {n}")
    key = factory.LazyAttribute(lambda o: fold(o.name))
    colour = "#1f77b4"

    class Meta:
        model = Tag


class CustomFieldFactory(factory.django.DjangoModelFactory):
    """A text field of contacts; ``kind="choice"`` wants ``choices=[…]`` as well."""

    area = CustomField.Area.CONTACT
    key = factory.LazyAttribute(lambda o: fold(o.label).replace(" ", "_"))
    label = factory.Sequence(lambda n: f"Field {n}")
    kind = CustomField.Kind.TEXT
    position = factory.Sequence(lambda n: n)

    class Meta:
        model = CustomField


class ContactFactory(factory.django.DjangoModelFactory):
    """A contact with one address, findable by search. ``emails=[…]`` replaces the address."""

    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = factory.Sequence(lambda n: f"Last{n}")

    class Meta:
        model = Contact
        skip_postgeneration_save = True

    @factory.post_generation
    def emails(obj: Any, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create:
            default = [f"contact{obj.pk}@example.com"]
            set_emails(obj, default if extracted is None else extracted)
            index_contacts([obj])

    @factory.post_generation
    def tags(obj: Any, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create and extracted:
            obj.tags.set(extracted)


class AccountFactory(factory.django.DjangoModelFactory):
    """A company, findable by search."""

    name = factory.Sequence(lambda n: f"Company {n} GmbH")

    class Meta:
        model = Account
        skip_postgeneration_save = True

    @factory.post_generation
    def tags(obj: Any, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create:
            obj.tags.set(extracted or [])
            index_accounts([obj])


class AccountContactFactory(factory.django.DjangoModelFactory):
    """A person belongs to a company, now and always."""

    account = factory.SubFactory(AccountFactory)
    contact = factory.SubFactory(ContactFactory)

    class Meta:
        model = AccountContact


class OrderLinkFactory(factory.django.DjangoModelFactory):
    """A link without an order behind it; see ``make_order`` for real ones."""

    contact = factory.SubFactory(ContactFactory)
    number = factory.Sequence(lambda n: str(700000 + n))
    placed_at = factory.LazyFunction(timezone.now)
    currency = "EUR"
    total = Decimal("10.00")

    class Meta:
        model = OrderLink


class ValueEntryFactory(factory.django.DjangoModelFactory):
    link = factory.SubFactory(OrderLinkFactory)
    contact = factory.SelfAttribute("link.contact")
    kind = ValueEntry.Kind.PLACED
    gross = factory.SelfAttribute("link.total")
    amount = factory.SelfAttribute("link.total")
    base_amount = factory.SelfAttribute("link.total")
    currency = factory.SelfAttribute("link.currency")
    occurred_at = factory.SelfAttribute("link.placed_at")

    class Meta:
        model = ValueEntry


class SegmentFactory(factory.django.DjangoModelFactory):
    """A shared segment; ``conditions={"country": "DE"}`` are those of a stored filter."""

    name = factory.Sequence(lambda n: f"Segment {n}")
    key = factory.LazyAttribute(lambda o: fold(o.name))
    filter = factory.LazyAttribute(lambda o: {"version": 1, "conditions": o.conditions})
    is_shared = True

    class Meta:
        model = Segment

    class Params:
        conditions: ClassVar = {"country": "DE"}


class NoteFactory(factory.django.DjangoModelFactory):
    contact = factory.SubFactory(ContactFactory)
    body = "Called about the delivery."
    author_label = "Sam Sales"

    class Meta:
        model = Activity


class ConsentPurposeFactory(factory.django.DjangoModelFactory):
    """A purpose with the first version of its text; ``text="…"`` gives the words."""

    name = factory.Sequence(lambda n: f"Purpose {n}")
    key = factory.LazyAttribute(lambda o: fold(o.name))

    class Meta:
        model = ConsentPurpose
        skip_postgeneration_save = True

    @factory.post_generation
    def text(obj: Any, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create:
            words = extracted or "May we write to you?"
            ConsentText.objects.create(purpose=obj, version=1, text=words)


class ConsentFactory(factory.django.DjangoModelFactory):
    """A contact agreed; ``purpose=…`` chooses to what."""

    contact = factory.SubFactory(ContactFactory)
    text = factory.LazyAttribute(lambda o: o.purpose.texts.first())
    is_given = True
    source = Consent.Source.STAFF

    class Meta:
        model = Consent

    class Params:
        purpose = factory.SubFactory(ConsentPurposeFactory)


class ClosedAccountFactory(factory.django.DjangoModelFactory):
    """A shop account of a contact that was deleted in the shop."""

    contact = factory.SubFactory(ContactFactory)
    basis = ContactUser.Basis.ORDERED
    label = factory.LazyAttribute(lambda o: f"closed{o.contact.pk}@example.com")

    class Meta:
        model = ContactUser


class ErasureFactory(factory.django.DjangoModelFactory):
    """A certificate; nothing is erased by making one."""

    contact = factory.SubFactory(ContactFactory)
    counts = factory.LazyFunction(lambda: {"Contact": 1})
    choices = factory.LazyFunction(lambda: {"orders": False, "users": False})
    actor_label = "Mara Manager"

    class Meta:
        model = Erasure


class ExchangeRateFactory(factory.django.DjangoModelFactory):
    currency = "USD"
    base = "EUR"
    rate = Decimal("0.9")
    valid_from = factory.LazyFunction(timezone.localdate)

    class Meta:
        model = ExchangeRate


class ImportFactory(factory.django.DjangoModelFactory):
    """A file of two contacts, uploaded by ``actor``; its columns are matched, nothing is written.

    ``rows`` replaces the file, its headers first; ``area`` is ``"contact"`` unless given.
    """

    actor = factory.LazyFunction(
        lambda: make_staff(
            *("view_import", "add_import", "view_contact", "add_contact", "change_contact"),
            *("view_account", "add_account", "change_account"),
        )
    )
    area = "contact"
    rows = (
        ("First name", "Last name", "E-mail"),
        ("Ada", "Byron", "ada@example.com"),
        ("Ben", "Abel", "ben@example.com"),
    )

    class Meta:
        model = Import

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        text = io.StringIO()
        csv.writer(text).writerows(kwargs.pop("rows"))
        file = io.BytesIO(text.getvalue().encode())
        return create_import(
            file, area=kwargs["area"], by=kwargs["actor"], name=kwargs.get("file_name", "list.csv")
        )


def make_order(email: str = "ada@example.com", total: str = "120.00", **fields: Any) -> Any:
    """Save an order of Oscar's with no lines; totals are texts, ``total`` includes tax.

    Further ``fields`` are those of the order model. Tax and shipping are nil unless given.
    """
    values = {
        "number": f"T{next(_numbers):06}",
        "currency": "EUR",
        "guest_email": email,
        "total_incl_tax": Decimal(total),
        "total_excl_tax": Decimal(total),
        "date_placed": timezone.now(),
        **fields,
    }
    if "shipping_address" not in values:
        values["shipping_address"] = ShippingAddressFactory(first_name="Ada", last_name="Byron")
    return get_model("order", "Order")._default_manager.create(**values)


def refund_order(order: Any, amount: str, *, at: Any = None, currency: str = "") -> Any:
    """Record a refund as a payment plug-in does: on a source, with a transaction dated ``at``."""
    source_type, _ = get_model("payment", "SourceType")._default_manager.get_or_create(
        name="Card", code="card"
    )
    sources = get_model("payment", "Source")._default_manager
    source, _ = sources.get_or_create(
        order=order, source_type=source_type, currency=currency or order.currency
    )
    source.refund(Decimal(amount))
    if at is not None:
        transactions = get_model("payment", "Transaction")._default_manager
        newest = transactions.filter(source=source).order_by("-pk").values("pk")[:1]
        transactions.filter(pk__in=list(newest.values_list("pk", flat=True))).update(
            date_created=at
        )
    return source


def make_staff(*codenames: str, is_staff: bool = True, **fields: Any) -> Any:
    """A user with permissions of the CRM, given by codename: ``make_staff("view_contact")``."""
    users = get_user_model()
    number = next(_numbers)
    values = {"email": f"staff{number}@example.com", "is_staff": is_staff, **fields}
    if users.USERNAME_FIELD != "email":
        values.setdefault(users.USERNAME_FIELD, f"staff{number}")
    user = users._default_manager.create(**values)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="oscar_crm", codename__in=codenames)
    )
    return user
