"""What hangs on a record that an import has made: what keeps it, and what goes with it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from oscar_crm.models import (
    AccountWord,
    Change,
    CompanyDecision,
    Contact,
    ContactEmail,
    ContactWord,
)
from oscar_crm.queries.ids import IdIn
from oscar_crm.relations import pointing_at

# Rows that are made with a record and go with it; tags that others have put on are in the journal.
_DERIVED = (
    *("ContactWord", "AccountWord", "ContactEmail", "Change", "Contact_tags", "Account_tags"),
    "CompanyDecision",
)
_REASONS = {
    "OrderLink": _("It has orders by now."),
    "ValueEntry": _("It has orders by now."),
    "Activity": _("It has notes by now."),
    "ContactUser": _("It has a shop account by now."),
    "Consent": _("It has consents by now."),
}


def uses_of(model: Any) -> Iterable[tuple[Any, str, str]]:
    """What may hang on a record that an import made, by which column, and what is said of it."""
    for related, name in pointing_at(model):
        if related.__name__ not in _DERIVED:
            reason = _REASONS.get(related.__name__, _("It is in use by now."))
            yield related._default_manager, name, str(reason)


def delete_with_all(model: Any, key: str, ids: Sequence[int]) -> None:
    """Records and all that was made with them, a table at a time and without fetching any."""
    if not ids:
        return
    words, own = (ContactWord, "contact") if model is Contact else (AccountWord, "account")
    words.objects.filter(IdIn(ids, own))._raw_delete(words.objects.db)
    if model is Contact:
        ContactEmail.objects.filter(IdIn(ids, "contact"))._raw_delete(ContactEmail.objects.db)
    else:
        CompanyDecision.objects.filter(IdIn(ids, "account")).delete()
    through = model.tags.through
    through.objects.filter(IdIn(ids, key))._raw_delete(through.objects.db)
    Change.objects.filter(IdIn(ids, key)).update(**{f"{key}": None})
    model.objects.filter(IdIn(ids))._raw_delete(model.objects.db)
