"""Notes on contacts and accounts."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, Activity, Contact, Operation

from .accounts import lock_account
from .contacts import lock_contact
from .journal import label_of, operation, record_change, row_of

MAX_NOTE_LENGTH = 20_000


def add_note(subject: Contact | Account, body: str, *, by: Any) -> Activity:
    """Write a note on the timeline of a contact or an account.

    Raises ``ValidationError`` if empty or too long, ``ErasedError`` where the contact's data was
    erased.
    """
    body = _checked(body)
    with operation(Operation.Kind.NOTE, by=by) as opened:
        _lock(subject)
        note = Activity.objects.create(
            contact=subject if isinstance(subject, Contact) else None,
            account=subject if isinstance(subject, Account) else None,
            body=body,
            author=by,
            author_label=label_of(by),
        )
        record_change(opened, note, before={}, after={"body": body}, contact=note.contact)
    return note


def edit_note(note: Activity, body: str, *, by: Any) -> Activity:
    """Replace a note's text; the old one stays in the journal. Raises ``ValidationError``."""
    body = _checked(body)
    with operation(Operation.Kind.NOTE, by=by) as opened:
        locked = _lock_note(note)
        record_change(
            opened,
            locked,
            before={"body": locked.body},
            after={"body": body},
            contact=locked.contact,
        )
        locked.body = body
        locked.edited_at = timezone.now()
        locked.save(update_fields=["body", "edited_at"])
    return locked


def delete_note(note: Activity, *, by: Any) -> None:
    """Take a note off the timeline; its text stays in the journal. Raises ``ValidationError``."""
    with operation(Operation.Kind.NOTE, by=by) as opened:
        locked = _lock_note(note)
        record_change(opened, locked, before=row_of(locked), after={}, contact=locked.contact)
        locked.delete()


def _lock(subject: Contact | Account) -> None:
    """An erasure or a merge of whom a note is about comes before it, or sees it."""
    if isinstance(subject, Contact):
        lock_contact(subject)
    else:
        lock_account(subject)


def _lock_note(note: Activity) -> Activity:
    """The note as it is now, locked; whom it is about first, as an erasure does."""
    _lock(note.subject)
    locked = Activity.objects.select_for_update().filter(pk=note.pk).first()
    if locked is None:
        raise ValidationError(_("Somebody else has deleted this note meanwhile."))
    return locked


def _checked(body: str) -> str:
    body = body.replace("\x00", "").strip()
    if not body:
        raise ValidationError(_("Write something first."), field="body")
    if len(body) > MAX_NOTE_LENGTH:
        raise ValidationError(
            _("A note can have at most %(limit)s characters; this one has %(length)s.")
            % {"limit": MAX_NOTE_LENGTH, "length": len(body)},
            field="body",
        )
    return body
