"""Everything held on a person, as the descriptions of the areas tell it, a chunk at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from oscar.core.loading import get_model

from oscar_crm.models import Contact, CustomField

from .areas import CONTACTS, Owned
from .erasure import with_merged

CHUNK = 500
Row = dict[str, Any]
_ADDRESS_INTERNALS = ("id", "search_text", "hash")
_FIGURES = (
    *("source", "created_at", "updated_at", "archived_at", "orders_count", "lifetime_value"),
    *("first_order_at", "last_order_at"),
)


@dataclass(frozen=True)
class Section:
    """Rows of one kind; all of them have the same keys. To be read once."""

    key: str
    label: Any
    rows: Iterator[Row]


def subject_records(contact: Contact) -> Iterator[tuple[Contact, Iterator[Section]]]:
    """The contact and then each record merged into it, with what hangs on it.

    Values are plain: text, numbers, dates, truth values, None, and lists and dicts of such.
    """
    ids = sorted(with_merged(contact), key=lambda pk: (pk != contact.pk, pk))
    for pk in ids:
        record = Contact.objects.select_related("owner", "partner").get(pk=pk)
        yield record, _sections(record)


def _sections(record: Contact) -> Iterator[Section]:
    yield Section("contact", CONTACTS.label, iter([_contact_row(record)]))
    for owned in CONTACTS.owned:
        if owned.exported:
            yield Section(owned.model, owned.label, _rows(owned, record))


def _contact_row(record: Contact) -> Row:
    row: Row = {"number": record.pk}
    for name in (*CONTACTS.fields, *_FIGURES):
        row[name] = _plain(record, name)
    row["tags"] = list(record.tags.order_by("key").values_list("name", flat=True))
    labels = dict(CustomField.objects.filter(area=CONTACTS.key).values_list("key", "label"))
    row["custom"] = {labels.get(key, key): value for key, value in record.custom.items()}
    return row


def _rows(owned: Owned, record: Contact) -> Iterator[Row]:
    """Rows in the order they were made, by chunks, so that memory does not grow with them."""
    model: Any = owned.rows.model
    relations = [name for name in owned.exported if model._meta.get_field(name).is_relation]
    found = owned.rows.filter(**{owned.field: record}).select_related(*relations).order_by("pk")
    more = MORE.get(owned.model)
    after = 0
    while chunk := list(found.filter(pk__gt=after)[:CHUNK]):
        after = chunk[-1].pk
        extras = more(chunk) if more else [{} for _row in chunk]
        for row, extra in zip(chunk, extras, strict=True):
            yield {**{name: _plain(row, name) for name in owned.exported}, **extra}


def _plain(record: models.Model, name: str) -> Any:
    """A field's value as people read it: what a choice is called, what a record refers to."""
    field: Any = record._meta.get_field(name)
    if field.is_relation:
        related = getattr(record, name)
        return None if related is None else str(related)
    if field.choices:
        return str(getattr(record, f"get_{name}_display")())
    return getattr(record, name)


def _more_of_orders(links: Sequence[Any]) -> list[Row]:
    """The shop's own lines and addresses, where the order still exists: two queries a chunk."""
    orders = get_model("order", "Order")._default_manager
    found = orders.filter(pk__in=[link.order_id for link in links if link.order_id])
    found = found.select_related("shipping_address__country", "billing_address__country")
    by_id = {order.pk: order for order in found.prefetch_related("lines")}
    return [_more_of_order(by_id.get(link.order_id)) for link in links]


def _more_of_order(order: Any) -> Row:
    lines = [] if order is None else order.lines.all()
    return {
        "billing_address": _address(getattr(order, "billing_address", None)),
        "shipping_address": _address(getattr(order, "shipping_address", None)),
        "lines": [
            {"title": line.title, "quantity": line.quantity, "price": line.line_price_incl_tax}
            for line in lines
        ],
    }


def _address(address: Any) -> Row:
    """Whatever fields the shop's addresses have, without the empty ones."""
    if address is None:
        return {}
    found: Row = {}
    for field in address._meta.concrete_fields:
        if field.name in _ADDRESS_INTERNALS:
            continue
        value = getattr(address, field.name)
        if value not in (None, ""):
            is_plain = isinstance(value, str | int | bool)
            found[field.name] = value if is_plain else str(value)
    return found


def _more_of_users(joined: Sequence[Any]) -> list[Row]:
    """What the shop's account says itself, where it still exists."""
    users = type(joined[0])._meta.get_field("user").remote_field.model._default_manager
    by_id = users.in_bulk([row.user_id for row in joined if row.user_id is not None])
    names = ("email", "first_name", "last_name", "date_joined", "last_login")
    return [
        {f"account_{name}": getattr(by_id.get(row.user_id), name, None) for name in names}
        for row in joined
    ]


def _more_of_consents(consents: Sequence[Any]) -> list[Row]:
    return [{"version": consent.text.version, "wording": consent.text.text} for consent in consents]


# What belongs to a row beyond its own fields.
MORE: dict[str, Callable[[Sequence[Any]], list[Row]]] = {
    "OrderLink": _more_of_orders,
    "ContactUser": _more_of_users,
    "Consent": _more_of_consents,
}
# What the keys above and the fields without a name of their own are called.
LABELS = {
    "number": _("number"),
    "custom": _("custom fields"),
    "tags": _("tags"),
    "lines": _("lines"),
    "billing_address": _("billing address"),
    "shipping_address": _("shipping address"),
    "wording": _("wording"),
    "version": _("version"),
    "text": _("purpose and version"),
    "link": _("order"),
    "at": _("when"),
    "before": _("before"),
    "after": _("after"),
    "title": _("title"),
    "quantity": _("quantity"),
    "price": _("price incl. tax"),
    "operation": _("act"),
    "author_label": _("author"),
}


def label_of(key: str, model: type[models.Model]) -> str:
    """What a key of a row is called."""
    if key in LABELS:
        return str(LABELS[key])
    known = {field.name: field for field in model._meta.get_fields()}
    name = getattr(known.get(key), "verbose_name", None)
    return str(name or key.replace("_", " "))
