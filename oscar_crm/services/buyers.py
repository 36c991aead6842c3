"""Who placed an order: what its account, its e-mail address and its addresses say."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from oscar_crm import text
from oscar_crm.conf import crm_settings
from oscar_crm.queries.rows import read_with
from oscar_crm.relations import has_field

from .identity import Person

# The addresses of an order, whoever pays first, and where ``read_orders`` puts their phone.
PHONES = {"billing_address": "crm_billing_phone", "shipping_address": "crm_shipping_phone"}


def read_orders(orders: QuerySet[Any]) -> list[Any]:
    """Orders with buyer, addresses and link, the phone numbers beside them as plain text.

    A ``PhoneNumberField`` parses what it reads, which takes as long as reading the whole order, and
    most orders are of contacts whose number is known.
    """
    phones = []
    for name, phone in PHONES.items():
        address: Any = orders.model._meta.get_field(name).related_model
        if has_field(address, "phone_number"):
            phones.append(f"{name}__phone_number")
            orders = orders.annotate(**{phone: Cast(phones[-1], CharField())})
    return read_with(orders, "user", *PHONES, "crm_link", without=phones)


def person_of_order(order: Any) -> Person:
    """Who placed the order, by its account, its e-mail address and its addresses.

    The buyer is the account's holder, else whoever is billed, else the recipient; phone and
    address are taken only where the address names the same person (it may be a present).
    """
    return Person(
        email=order.email or order.guest_email or "",
        user=order.user,
        seen_at=order.date_placed,
        details=_Details(order),
    )


class _Details(dict[str, str]):
    """Fields of a contact, worked out when asked for: most orders are of known contacts.

    Reading a phone number alone costs more than the rest of an order.
    """

    def __init__(self, order: Any) -> None:
        super().__init__()
        self._order = order

    def __missing__(self, name: str) -> str:
        if name in ("first_name", "last_name"):
            self["first_name"], self["last_name"] = self._name()
        elif name == "company_name":
            self[name] = _first(map(_company_of, self._addresses()))[:255]
        elif name == "phone":
            self[name] = _first(map(self._phone_of, self._own_addresses()))[:64]
        else:
            self.update(_postal_details(next(self._own_addresses(), None)))
        return self[name]

    def _addresses(self) -> list[Any]:
        both = (getattr(self._order, name) for name in PHONES)
        return [address for address in both if address is not None]

    def _phone_of(self, address: Any) -> str:
        order = self._order
        name = "billing_address" if address is order.billing_address else "shipping_address"
        known = vars(order)
        number = (
            known[PHONES[name]] if PHONES[name] in known else getattr(address, "phone_number", "")
        )
        return str(number or "").removeprefix("tel:")  # as ``PHONENUMBER_DB_FORMAT`` may have it

    def _name(self) -> tuple[str, str]:
        names = map(_name_of, (self._order.user, *self._addresses()))
        return next((name for name in names if any(name)), ("", ""))

    def _own_addresses(self) -> Iterator[Any]:
        buyer = self["first_name"], self["last_name"]
        for address in self._addresses():
            name = _name_of(address)
            if name == buyer or _is_same_person(" ".join(buyer), " ".join(name)):
                yield address


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _name_of(holder: Any) -> tuple[str, str]:
    first = str(getattr(holder, "first_name", "") or "").strip()[:255]
    last = str(getattr(holder, "last_name", "") or "").strip()[:255]
    return ("", "") if text.is_blank(f"{first}{last}") else (first, last)


def _is_same_person(one: str, other: str) -> bool:
    words, others = set(text.words(one)), set(text.words(other))
    return words <= others or others <= words


def _postal_details(address: Any) -> dict[str, str]:
    if address is None:
        return dict.fromkeys(("line1", "line2", "city", "state", "postcode", "country"), "")
    return {
        "line1": address.line1,
        "line2": ", ".join(filter(None, (address.line2, address.line3)))[:255],
        "city": address.line4,
        "state": address.state,
        "postcode": address.postcode,
        "country": address.country_id or "",
    }


def _company_of(address: Any) -> str:
    model: Any = type(address)
    names = _company_fields(model, crm_settings.COMPANY_FIELDS)
    return _first(str(getattr(address, name, "") or "").strip() for name in names)


@lru_cache(maxsize=16)
def _company_fields(model: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the setting's fields that an address has: in a shop that forks nothing, none."""
    return tuple(name for name in names if hasattr(model, name))
