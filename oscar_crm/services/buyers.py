"""Who placed an order: what its account, its e-mail address and its addresses say."""

from typing import Any

from oscar_crm import text
from oscar_crm.conf import crm_settings

from .identity import Person


def person_of_order(order: Any) -> Person:
    """Who placed the order, by its account, its e-mail address and its addresses.

    The buyer is the account's holder, else whoever is billed, else the recipient; phone and
    address are taken only where the address names the same person (it may be a present).
    """
    addresses = [a for a in (order.billing_address, order.shipping_address) if a is not None]
    names = [_name_of(order.user), *map(_name_of, addresses)]
    first_name, last_name = next((name for name in names if any(name)), ("", ""))
    buyer = f"{first_name} {last_name}"
    own = [a for a in addresses if _is_same_person(buyer, " ".join(_name_of(a)))]
    details = {"first_name": first_name, "last_name": last_name}
    details |= _postal_details(own[0]) if own else {}
    details["phone"] = _first(str(getattr(a, "phone_number", "") or "") for a in own)[:64]
    details["company_name"] = _first(map(_company_of, addresses))[:255]
    return Person(
        email=order.email or order.guest_email or "",
        user=order.user,
        seen_at=order.date_placed,
        details=details,
    )


def _first(values: Any) -> str:
    return next((value for value in values if value), "")


def _name_of(holder: Any) -> tuple[str, str]:
    first = str(getattr(holder, "first_name", "") or "").strip()[:255]
    last = str(getattr(holder, "last_name", "") or "").strip()[:255]
    return ("", "") if text.is_blank(f"{first}{last}") else (first, last)


def _is_same_person(one: str, other: str) -> bool:
    words, others = set(text.words(one)), set(text.words(other))
    return words <= others or others <= words


def _postal_details(address: Any) -> dict[str, str]:
    return {
        "line1": address.line1,
        "line2": _first([", ".join(filter(None, (address.line2, address.line3)))])[:255],
        "city": address.line4,
        "state": address.state,
        "postcode": address.postcode,
        "country": address.country_id or "",
    }


def _company_of(address: Any) -> str:
    values = (getattr(address, name, "") for name in crm_settings.COMPANY_FIELDS)
    return _first(str(value or "").strip() for value in values)
