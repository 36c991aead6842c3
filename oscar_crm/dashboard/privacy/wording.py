"""What an erasure takes, leaves and did, in words."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oscar_crm.models import Erasure
from oscar_crm.queries.erasure import Kind, Preview
from oscar_crm.wording import bounded

# Per kind of row: what is taken off it, and what stays and why.
BLANKED = {
    "OrderLink": gettext_lazy("the copy of the e-mail address"),
    "Consent": gettext_lazy("the remark"),
    "Change": gettext_lazy("all values before and after"),
}
KEPT = {
    "OrderLink": gettext_lazy(
        "Number, date, status and total stay: the law wants orders kept, and the shop's totals "
        "with them. They belong to an anonymous contact, so that no sync makes a person of them."
    ),
    "ValueEntry": gettext_lazy("Amounts and dates stay: they are the shop's totals."),
    "Consent": gettext_lazy(
        "Purpose, text, source and time stay without a name, as proof of what was agreed to."
    ),
    "Change": gettext_lazy("That something was changed, when and by whom stays, without values."),
}
COUNTS = {
    "Contact": gettext_lazy("Contacts made anonymous"),
    "ContactEmail": gettext_lazy("E-mail addresses deleted"),
    "ContactUser": gettext_lazy("Links to shop accounts deleted"),
    "Activity": gettext_lazy("Notes deleted"),
    "AccountContact": gettext_lazy("Links to companies deleted"),
    "Tag": gettext_lazy("Tags taken off"),
    "DuplicatePair": gettext_lazy("Possible duplicates deleted"),
    "OrderLink": gettext_lazy("Orders without their e-mail address in the CRM"),
    "Consent": gettext_lazy("Consents without their remark"),
    "Change": gettext_lazy("Entries of the journal without their values"),
    "orders": gettext_lazy("Orders of the shop without their guest e-mail address"),
    "addresses": gettext_lazy("Addresses of the shop's orders blanked"),
    "Segment": gettext_lazy("Segments whose name or search told of them"),
    "Import": gettext_lazy("Imported files whose rows were erased"),
    "users": gettext_lazy("Shop accounts deleted"),
}


def going(preview: Preview) -> Iterator[tuple[str, str]]:
    """What an erasure takes: a label and how many."""
    number = len(preview.contacts)
    records = ngettext("of %s contact", "of %s contacts", number) % number
    if preview.records > number:
        merged = preview.records - number
        records += ngettext(
            ", and of %s record merged into it", ", and of %s records merged into it", merged
        ) % (merged)
    what = _("Names, company, job title, phone, address, custom fields, tags, search words")
    yield what, records
    for kind in (k for k in preview.deleted if k.count):
        yield str(kind.label), bounded(kind.count)
    if preview.segments:
        yield str(COUNTS["Segment"]), str(len(preview.segments))
    for kind in (k for k in preview.blanked if k.count):
        what = _("%(kind)s: %(part)s") % {"kind": kind.label, "part": BLANKED.get(kind.model, "")}
        yield what, bounded(kind.count)


def staying(preview: Preview) -> Iterator[tuple[Kind, str]]:
    """What must stay, and why; nothing is said of kinds there are none of."""
    for kind in (*preview.blanked, *preview.kept):
        if kind.count:
            yield kind, str(KEPT.get(kind.model, ""))


def counts_of(erasure: Erasure) -> Iterator[tuple[str, str]]:
    """The lines of a certificate: what was done and how often."""
    for key, label in COUNTS.items():
        if erasure.counts.get(key):
            yield str(label), bounded(int(erasure.counts[key]))


def choices_of(erasure: Erasure) -> Iterator[str]:
    """What was chosen beyond the CRM, in sentences."""
    if erasure.choices.get("orders"):
        yield _("The e-mail and the addresses of the shop's orders were blanked.")
    else:
        yield _("The shop's orders were kept with their addresses.")
    if erasure.choices.get("users"):
        yield _("The shop account was deleted.")
    else:
        yield _("A shop account, if there was one, was not deleted.")
