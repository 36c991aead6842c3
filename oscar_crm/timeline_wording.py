"""Timeline items in words: icons, titles, and a sentence per changed field."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oscar_crm.models import Account, Change, Contact, Operation, OrderLink, ValueEntry
from oscar_crm.queries.changes import Names
from oscar_crm.queries.timeline import FieldChange, TimelineItem
from oscar_crm.wording import sentence

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
    Operation.Kind.BULK: "list-check",
    Operation.Kind.JOIN: "building",
    Operation.Kind.IMPORT: "file-import",
    Operation.Kind.CONSENT: "handshake",
    Operation.Kind.EXPORT: "file-export",
    Operation.Kind.ERASE: "eraser",
}
# Operations whose title says everything.
WITHOUT_LINES = {
    Operation.Kind.ARCHIVE,
    Operation.Kind.RESTORE,
    Operation.Kind.TAG,
    Operation.Kind.ASSIGN_ORDER,
    Operation.Kind.MERGE,
    Operation.Kind.CONSENT,
    Operation.Kind.EXPORT,
    Operation.Kind.ERASE,
}


ACCOUNT_TITLES: dict[str, Any] = {
    Operation.Kind.CREATE: gettext_lazy("Account created"),
    Operation.Kind.ARCHIVE: gettext_lazy("Account archived"),
    Operation.Kind.RESTORE: gettext_lazy("Account restored from the archive"),
}
TITLES: dict[str, Any] = {
    "note": gettext_lazy("Note"),
    Operation.Kind.CREATE: gettext_lazy("Contact created"),
    Operation.Kind.UPDATE: gettext_lazy("Details changed"),
    Operation.Kind.ARCHIVE: gettext_lazy("Contact archived"),
    Operation.Kind.RESTORE: gettext_lazy("Contact restored from the archive"),
    Operation.Kind.UNDO: gettext_lazy("A change was undone"),
    Operation.Kind.EXPORT: gettext_lazy("Personal data exported"),
    Operation.Kind.ERASE: gettext_lazy("Personal data erased"),
}


def icon_of(item: TimelineItem) -> str:
    return ICONS.get(item.kind, "circle")


def title_of(item: TimelineItem) -> str:
    """What happened: “Order 100012 placed”, “Tag “VIP” added”, “Details changed”."""
    if isinstance(item.record, ValueEntry):
        return _entry_title(item)
    if isinstance(item.record, Change) and (title := _title_with_names(item, item.record)):
        return title
    titles = {**TITLES, **ACCOUNT_TITLES} if item.contact is None else TITLES
    if item.kind in titles:
        return str(titles[item.kind])
    label = str(item.record.operation.get_kind_display())
    return label[:1].upper() + label[1:]


def _title_with_names(item: TimelineItem, change: Change) -> str:
    """The title that tells which tag, order or company; ``""`` where it was erased."""
    if change.is_erased:
        return ""
    values = {change.name: change for change in item.changes}
    if item.kind in (Operation.Kind.TAG, Operation.Kind.BULK) and "tag" in values:
        return _tag_title(values["tag"])
    if item.kind == Operation.Kind.ASSIGN_ORDER and "number" in values:
        return str(_("Order %s assigned to this contact") % values["number"].after)
    if item.kind == Operation.Kind.MERGE:
        return _merge_title(change.operation)
    if item.kind == Operation.Kind.JOIN:
        return _join_title(change)
    if item.kind == Operation.Kind.BULK:
        return _bulk_title(values, item)
    if item.kind == Operation.Kind.IMPORT:
        return _import_title(change)
    if item.kind == Operation.Kind.CONSENT and "purpose" in values:
        return _consent_title(values)
    return ""


def _import_title(change: Change) -> str:
    """What an import did, and of which file."""
    if change.object_type not in (Contact._meta.label, Account._meta.label):
        return str(_join_title(change))
    text = _("Changed by the import %s") if change.before or change.after else _("Imported: %s")
    return str(text % change.operation.summary)


def _bulk_title(values: dict[str, FieldChange], item: TimelineItem) -> str:
    """What a change of many records did to this one; its tag has a title of its own."""
    if "archived_at" in values:
        kind = Operation.Kind.ARCHIVE if values["archived_at"].after else Operation.Kind.RESTORE
        return str((ACCOUNT_TITLES if item.contact is None else TITLES)[kind])
    return _("Changed, with others at once")


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


def _join_title(change: Any) -> str:
    """What became of somebody at a company, or how many orders followed.

    Whom it is about is told beside the title, wherever that is not plain.
    """
    words = {"account": change.account}
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
        return _("Joined %(account)s") % words
    if not change.after:
        return _("Taken off the people of %(account)s") % words
    return _("Role or dates at %(account)s changed") % words


def _merge_title(merge: Operation) -> str:
    """Undone, the others are themselves again, and may be nobody's who reads this."""
    if merge.undone_by_id is not None:
        return _("Merged with others, which was undone")
    return str(_("Merged: %s") % merge.summary)


def _consent_title(values: dict[str, FieldChange]) -> str:
    words = {"purpose": values["purpose"].after, "version": values["version"].after}
    if values["is_given"].after:
        return str(_("Consent given to “%(purpose)s”, version %(version)s") % words)
    return str(_("Consent to “%(purpose)s” withdrawn") % words)


def lines_of(item: TimelineItem, names: Names) -> list[str]:
    """One sentence per changed field: “Phone changed from “1” to “2””."""
    if item.kind in WITHOUT_LINES:
        return []
    if item.kind == Operation.Kind.BULK:  # tag and archive are told by the title
        return [sentence(change, names) for change in item.changes if change.name == "owner"]
    return [sentence(change, names) for change in item.changes]
