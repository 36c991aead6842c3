"""Purposes of consent and their texts; writing down that a contact gave or withdrew consent."""

from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm import text as folding
from oscar_crm.days import FIRST_DAY, start_of_day
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Consent, ConsentPurpose, ConsentText, Contact, Operation
from oscar_crm.queries.consent import consents_of, is_used, purpose_exists, text_in_force
from oscar_crm.signals import consent_recorded, send_on_commit

from .contacts import lock_contact
from .journal import label_of, operation, record_change, snapshot

MAX_NAME_LENGTH = 100
MAX_NOTE_LENGTH = 255
MAX_TEXT_LENGTH = 20_000
PURPOSE_FIELDS = ("name", "position", "is_active")


def add_purpose(name: str, text: str, *, position: int = 0, by: Any) -> ConsentPurpose:
    """Make a purpose with the first version of its text. Raises ``ValidationError``."""
    name, text = _checked_name(name), _checked_text(text)
    with operation(Operation.Kind.SETTING, by=by, summary=name) as opened:
        purpose = ConsentPurpose(name=name, key=folding.fold(name), position=position)
        _save(purpose)
        ConsentText.objects.create(purpose=purpose, version=1, text=text)
        after = {**snapshot(purpose, PURPOSE_FIELDS), "text": text}
        record_change(opened, purpose, before={}, after=after)
    return purpose


def change_purpose(
    purpose: ConsentPurpose, *, name: str, text: str, position: int, is_active: bool, by: Any
) -> ConsentPurpose:
    """Rename a purpose, move it, put it out of use or back; a new text is a new version.

    What contacts agreed to keeps the version of its day. Nothing is written when nothing differs.
    """
    name, text = _checked_name(name), _checked_text(text)
    with operation(Operation.Kind.SETTING, by=by, summary=name) as opened:
        locked = ConsentPurpose.objects.select_for_update().get(pk=purpose.pk)
        newest = locked.texts.order_by("-version").first()
        before = {**snapshot(locked, PURPOSE_FIELDS), "text": newest.text if newest else ""}
        locked.name, locked.key = name, folding.fold(name)
        locked.position, locked.is_active = position, is_active
        _save(locked)
        if text != before["text"]:
            version = newest.version + 1 if newest else 1
            ConsentText.objects.create(purpose=locked, version=version, text=text)
        after = {**snapshot(locked, PURPOSE_FIELDS), "text": text}
        changed = [key for key in after if before[key] != after[key]]
        if changed:
            record_change(
                opened,
                locked,
                before={key: before[key] for key in changed},
                after={key: after[key] for key in changed},
            )
    return locked


def delete_purpose(purpose: ConsentPurpose, *, by: Any) -> None:
    """Delete a purpose nobody was ever asked for. Raises ``ValidationError`` for any other."""
    with operation(Operation.Kind.SETTING, by=by, summary=purpose.name) as opened:
        locked = ConsentPurpose.objects.select_for_update().get(pk=purpose.pk)
        if is_used(locked):
            raise ValidationError(
                _(
                    "Contacts have given or withdrawn this consent, which must stay on record. "
                    "Put the purpose out of use instead."
                )
            )
        record_change(opened, locked, before=snapshot(locked, PURPOSE_FIELDS), after={})
        locked.delete()


def record_consent(
    contact: Contact,
    purpose: ConsentPurpose,
    *,
    is_given: bool,
    source: str = Consent.Source.STAFF,
    at: datetime | None = None,
    note: str = "",
    by: Any,
) -> Consent:
    """Add a row to the history; the newest one of a purpose holds, by ``at``, then by entry.

    The text is the version in force at ``at``; a withdrawal refers to the consent it withdraws.
    Raises ``ValidationError`` for a time to come, an unknown source, or a giving of what is out
    of use; ``ErasedError`` for an erased contact.
    """
    at = _checked_time(at or timezone.now())
    note = _checked_note(note)
    if source not in Consent.Source.values:
        raise ValidationError(_("Choose where the consent came from."), field="source")
    if is_given and not purpose.is_active:
        raise ValidationError(
            _("“%s” is out of use: consent can only be withdrawn.") % purpose, field="purpose"
        )
    with operation(Operation.Kind.CONSENT, by=by) as opened:
        locked = lock_contact(contact)
        consent = Consent.objects.create(
            contact=locked,
            text=_text_for(locked, purpose, at, is_given=is_given),
            is_given=is_given,
            source=source,
            note=note,
            at=at,
            recorded_by_label=label_of(by),
        )
        after = {"purpose": purpose.name, "version": consent.text.version, "is_given": is_given}
        after |= {"source": source, "at": at, "note": note}
        record_change(opened, consent, before={}, after=after, contact=locked)
        send_on_commit(consent_recorded, Consent, contact=locked, consent=consent)
    return consent


def _text_for(
    contact: Contact, purpose: ConsentPurpose, at: datetime, *, is_given: bool
) -> ConsentText:
    given = None
    if not is_given:
        given = consents_of(contact, purpose).filter(is_given=True, at__lte=at).first()
    chosen = given.text if given else text_in_force(purpose, at)
    if chosen is None:
        raise ValidationError(_("“%s” has no text yet.") % purpose, field="purpose")
    return chosen


def _save(purpose: ConsentPurpose) -> None:
    if purpose_exists(purpose.name, besides=purpose if purpose.pk else None):
        raise _taken()
    try:
        with transaction.atomic():
            purpose.save()
    except IntegrityError as error:  # somebody else was quicker
        raise _taken() from error


def _taken() -> ValidationError:
    return ValidationError(_("There is a purpose of this name already."), field="name")


def _checked_name(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if folding.is_blank(name) or len(name) > MAX_NAME_LENGTH:
        raise ValidationError(_("Give a name of 1 to 100 characters."), field="name")
    return name


def _checked_text(text: str) -> str:
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if folding.is_blank(text):
        raise ValidationError(_("Give the text that people agree to."), field="text")
    if len(text) > MAX_TEXT_LENGTH:
        raise ValidationError(_("The text can have at most 20,000 characters."), field="text")
    return text


def _checked_note(note: str) -> str:
    note = note.replace("\x00", "").strip()
    if len(note) > MAX_NOTE_LENGTH:
        raise ValidationError(_("A remark can have at most 255 characters."), field="note")
    return note


def _checked_time(at: datetime) -> datetime:
    if at > timezone.now():
        raise ValidationError(
            _("This is in the future. Give the time at which it happened."), field="at"
        )
    if at.astimezone(UTC) < start_of_day(FIRST_DAY):
        raise ValidationError(_("Give a day between 1970 and today."), field="at")
    return at
