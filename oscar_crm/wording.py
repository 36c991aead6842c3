"""Timeline items, field changes and counts in words."""

from datetime import date
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oscar_crm.models import Account, AccountContact, Contact, Operation, OrderLink, ValueEntry
from oscar_crm.queries.changes import COUNTRY_FIELDS, Names
from oscar_crm.queries.keyset import COUNT_LIMIT
from oscar_crm.queries.timeline import FieldChange, TimelineItem

ICONS = {
    "note": "sticky-note",
    ValueEntry.Kind.PLACED: "shopping-cart",
    ValueEntry.Kind.REFUNDED: "undo",
    ValueEntry.Kind.CANCELLED: "ban",
    Operation.Kind.CREATE: "user-plus",
    Operation.Kind.UPDATE: "pen",
    Operation.Kind.ARCHIVE: "archive",
    Operation.Kind.RESTORE: "box-open",
    Operation.Kind.TAG: "tag",
    Operation.Kind.ASSIGN_ORDER: "link",
    Operation.Kind.MERGE: "compress-alt",
    Operation.Kind.UNDO: "undo",
    Operation.Kind.JOIN: "building",
    Operation.Kind.IMPORT: "file-import",
}
# Operations whose title says everything.
WITHOUT_LINES = {
    Operation.Kind.ARCHIVE,
    Operation.Kind.RESTORE,
    Operation.Kind.TAG,
    Operation.Kind.ASSIGN_ORDER,
    Operation.Kind.MERGE,
}


ACCOUNT_TITLES = {
    Operation.Kind.CREATE: gettext_lazy("Account created"),
    Operation.Kind.ARCHIVE: gettext_lazy("Account archived"),
    Operation.Kind.RESTORE: gettext_lazy("Account restored from the archive"),
}


def bounded(count: int) -> str:
    """A count of ``queries.keyset.bounded_count`` in words: ``1,234`` or ``more than 10,000``."""
    if count > COUNT_LIMIT:
        return _("more than %s") % number_format(COUNT_LIMIT, force_grouping=True)
    return str(number_format(count, force_grouping=True))


def icon_of(item: TimelineItem) -> str:
    return ICONS.get(item.kind, "circle")


def title_of(item: TimelineItem) -> str:
    """What happened: “Order 100012 placed”, “Tag “VIP” added”, “Details changed”."""
    if isinstance(item.record, ValueEntry):
        return _entry_title(item)
    values = {change.name: change for change in item.changes}
    if item.kind == Operation.Kind.TAG and "tag" in values:
        return _tag_title(values["tag"])
    if item.kind == Operation.Kind.ASSIGN_ORDER and "number" in values:
        return str(_("Order %s assigned to this contact") % values["number"].after)
    if item.kind == Operation.Kind.MERGE:
        return str(_("Merged: %s") % item.record.operation.summary)
    if item.kind == Operation.Kind.JOIN:
        return _join_title(item.record)
    if item.kind == Operation.Kind.IMPORT:
        return _import_title(item.record)
    is_account = item.contact is None
    if is_account and item.kind in ACCOUNT_TITLES:
        return str(ACCOUNT_TITLES[Operation.Kind(item.kind)])
    titles = {
        "note": _("Note"),
        Operation.Kind.CREATE: _("Contact created"),
        Operation.Kind.UPDATE: _("Details changed"),
        Operation.Kind.ARCHIVE: _("Contact archived"),
        Operation.Kind.RESTORE: _("Contact restored from the archive"),
        Operation.Kind.UNDO: _("A change was undone"),
    }
    return titles.get(item.kind) or str(item.record)


def _entry_title(item: TimelineItem) -> str:
    titles = {
        ValueEntry.Kind.PLACED: _("Order %s placed"),
        ValueEntry.Kind.REFUNDED: _("Refund for order %s"),
        ValueEntry.Kind.CANCELLED: _("Order %s cancelled"),
    }
    if item.kind == ValueEntry.Kind.CANCELLED and item.record.link.deleted_at is not None:
        return str(_("Order %s deleted in the shop") % item.record.link.number)
    return str(titles[ValueEntry.Kind(item.kind)] % item.record.link.number)


def _tag_title(change: FieldChange) -> str:
    if change.after:
        return str(_("Tag “%s” added") % change.after)
    return str(_("Tag “%s” removed") % change.before)


def _import_title(change: Any) -> str:
    """What an import did, and of which file."""
    if change.object_type not in (Contact._meta.label, Account._meta.label):
        return _join_title(change)
    text = _("Changed by the import %s") if change.before or change.after else _("Imported: %s")
    return str(text % change.operation.summary)


def _join_title(change: Any) -> str:
    """Who joined or left which company, or how many orders followed."""
    words = {"contact": change.contact, "account": change.account}
    if change.object_type == OrderLink._meta.label:
        number = len(change.moved.get("ids", ()))
        if change.moved.get("to") == change.account_id:
            text = ngettext(
                "%(number)s order now counts for %(account)s",
                "%(number)s orders now count for %(account)s",
                number,
            )
        else:
            text = ngettext(
                "%(number)s order counts for %(account)s no longer",
                "%(number)s orders count for %(account)s no longer",
                number,
            )
        return text % {**words, "number": number}
    if change.object_type == Account._meta.label:
        return str(ACCOUNT_TITLES[Operation.Kind.CREATE])
    if not change.before:
        return _("%(contact)s belongs to %(account)s") % words
    if not change.after:
        return _("%(contact)s no longer belongs to %(account)s: it was a mistake") % words
    return _("What %(contact)s is at %(account)s changed") % words


def lines_of(item: TimelineItem, names: Names) -> list[str]:
    """One sentence per changed field: “Phone changed from “1” to “2””."""
    if item.kind in WITHOUT_LINES:
        return []
    return [sentence(change, names) for change in item.changes]


def sentence(change: FieldChange, names: Names) -> str:
    """A field's change in words; empty values are said to be added or removed."""
    label = label_of(change.name)
    before, after = (value_of(change.name, v, names) for v in (change.before, change.after))
    words = {"field": label[:1].upper() + label[1:], "before": before, "after": after}
    if not before:
        return str(_("%(field)s set to “%(after)s”") % words)
    if not after:
        return str(_("%(field)s “%(before)s” removed") % words)
    return str(_("%(field)s changed from “%(before)s” to “%(after)s”") % words)


def stored_now(change: FieldChange, names: Names) -> str:
    """What a field holds in the database, against the value somebody is about to save."""
    label = label_of(change.name)
    words = {
        "field": label[:1].upper() + label[1:],
        "stored": value_of(change.name, change.before, names) or _("empty"),
    }
    return str(_("%(field)s is now: %(stored)s") % words)


def label_of(name: str) -> str:
    """What a field of a contact, account or membership is called on the page."""
    if name == "emails":
        return _("E-mail addresses")
    for model in (Contact, Account, AccountContact):
        try:
            return str(getattr(model._meta.get_field(name), "verbose_name", name))
        except FieldDoesNotExist:
            continue
    return name


def value_of(name: str, value: Any, names: Names) -> str:
    """A stored value as people read it."""
    if value in (None, "", [], False):
        return ""
    if name == "owner":
        return names.users.get(str(value), _("a deleted user"))
    if name == "parent":
        return names.accounts.get(str(value), _("another company"))
    if name == "partner":
        return names.partners.get(str(value), _("a deleted partner"))
    if name in COUNTRY_FIELDS:
        return names.countries.get(str(value), str(value))
    if name == "kind":
        return str(dict(Contact.Kind.choices).get(value, value))
    if isinstance(value, bool):
        return _("yes")
    if name in ("from_date", "until_date"):
        return date_format(date.fromisoformat(str(value)))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
