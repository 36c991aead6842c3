"""What staff do with contacts: create, change, archive. And what a registration does."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as InvalidFieldsError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.conf import crm_settings
from oscar_crm.exceptions import AddressInUseError, EditConflictError, ValidationError
from oscar_crm.match_keys import email_alias
from oscar_crm.models import Contact, ContactEmail, CustomField, Operation
from oscar_crm.queries.areas import CONTACT_FIELDS
from oscar_crm.signals import contact_changed, contact_created, send_on_commit

from .custom_values import changed_custom
from .forgetting import keep_erased, refuse_erased
from .identity import Person, is_shared
from .journal import operation, record_change, snapshot
from .people import find_contact, find_or_create_contact
from .search import index_contacts
from .survivors import hand_to_survivors, refuse_merged

EDITABLE_FIELDS = CONTACT_FIELDS
JOURNALLED_FIELDS = (*EDITABLE_FIELDS, "custom")


def create_contact(
    values: Mapping[str, Any],
    *,
    emails: Sequence[str] = (),
    custom: Mapping[str, Any] | None = None,
    by: Any,
) -> Contact:
    """Make a contact from some of ``EDITABLE_FIELDS``; the first address is the main one.

    ``custom`` has values of custom fields by key.

    Raises ``ValidationError`` without a name, company or address; ``AddressInUseError`` if an
    address belongs to another contact.
    """
    with operation(Operation.Kind.CREATE, by=by) as opened:
        contact = Contact(source=Contact.Source.STAFF)
        _assign(contact, values, custom)
        _check_named(contact, emails)
        contact.save()
        set_emails(contact, emails)
        index_contacts([contact])
        after = {**snapshot(contact, JOURNALLED_FIELDS), "emails": list(emails)}
        record_change(opened, contact, before={}, after=after, contact=contact)
        send_on_commit(contact_created, Contact, contact=contact)
    return contact


def update_contact(
    contact: Contact,
    values: Mapping[str, Any],
    *,
    by: Any,
    emails: Sequence[str] | None = None,
    custom: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Contact:
    """Change some of ``EDITABLE_FIELDS`` and, if given, the list of addresses.

    ``custom`` changes the custom fields it names by key; None or ``""`` takes a value away.

    ``version`` is the one the user saw: ``EditConflictError`` if the contact has moved on.
    Nothing is written when nothing differs.
    """
    with operation(Operation.Kind.UPDATE, by=by) as opened:
        locked = lock_contact(contact, version=version)
        before = {**snapshot(locked, JOURNALLED_FIELDS), "emails": _addresses(locked)}
        _assign(locked, values, custom)
        _check_named(locked, before["emails"] if emails is None else emails)
        if emails is not None:
            set_emails(locked, emails)
        after = {**snapshot(locked, JOURNALLED_FIELDS), "emails": _addresses(locked)}
        changed = [name for name in before if before[name] != after[name]]
        if not changed:
            return locked
        locked.version += 1
        locked.save()
        index_contacts([locked])
        _record(opened, locked, _only(before, changed), _only(after, changed))
    return locked


def assign_owner(contact: Contact, owner: Any, *, by: Any = None) -> Contact:
    """Give a contact to somebody, or with None to nobody."""
    return update_contact(contact, {"owner": owner}, by=by)


def archive_contact(contact: Contact, *, by: Any) -> Contact:
    """Take a contact off the lists; history and figures stay, a new order brings it back."""
    return _set_archived(contact, timezone.now(), kind=Operation.Kind.ARCHIVE, by=by)


def restore_contact(contact: Contact, *, by: Any) -> Contact:
    """Bring a contact back from the archive."""
    return _set_archived(contact, None, kind=Operation.Kind.RESTORE, by=by)


def _set_archived(contact: Contact, at: Any, *, kind: str, by: Any) -> Contact:
    with operation(kind, by=by) as opened:
        locked = lock_contact(contact)
        if (locked.archived_at is None) == (at is None):
            return locked
        before = snapshot(locked, ["archived_at"])
        locked.archived_at = at
        locked.version += 1
        locked.save(update_fields=["archived_at", "version", "updated_at"])
        _record(opened, locked, before, snapshot(locked, ["archived_at"]))
    return locked


@transaction.atomic
def join_user(user: Any) -> Contact | None:
    """What a registration does: join the contact with this e-mail address, or make a prospect.

    None when there is neither, because ``OSCAR_CRM_REGISTRATION_CREATES_CONTACT`` is off.
    """
    details: dict[str, str] = defaultdict(str)
    for name in ("first_name", "last_name"):
        details[name] = str(getattr(user, name, "") or "")[:255]
    person = Person(email=str(getattr(user, "email", "") or ""), user=user, details=details)
    if find_contact(person) is None and not crm_settings.REGISTRATION_CREATES_CONTACT:
        return None
    contact = find_or_create_contact(person, source=Contact.Source.REGISTRATION)
    keep_erased([contact.pk])
    heirs = hand_to_survivors([contact.pk])
    return Contact.objects.get(pk=heirs[contact.pk]) if heirs else contact


def set_emails(contact: Contact, addresses: Sequence[str]) -> None:
    """Make these the contact's addresses, the first one the main one.

    Raises ``ValidationError`` for what is no address, ``AddressInUseError`` for another's.
    """
    wanted = _unique_addresses(addresses)
    kept = {email.match_key or email.shared_key: email for email in contact.emails.all()}
    gone = [email.pk for key, email in kept.items() if key not in wanted]
    ContactEmail.objects.filter(pk__in=gone).delete()
    ContactEmail.objects.filter(contact=contact, is_primary=True).update(is_primary=False)
    for position, (key, address) in enumerate(wanted.items()):
        email = kept.get(key) or _new_email(contact, key, address)
        email.address, email.is_primary = address, position == 0
        email.alias_key = email_alias(address)
        try:
            with transaction.atomic():
                email.save()
        except IntegrityError as error:  # somebody else was quicker
            raise AddressInUseError(address, key) from error
    contact._prefetched_objects_cache = {}  # type: ignore[attr-defined]


def _unique_addresses(addresses: Sequence[str]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for raw in addresses:
        address = raw.strip()
        if not text.is_email(address) or len(address) > 254:
            raise ValidationError(
                _("“%s” is not an e-mail address.") % address[:60], field="emails"
            )
        wanted.setdefault(text.fold_email(address), address)
    return wanted


def _new_email(contact: Contact, key: str, address: str) -> ContactEmail:
    if is_shared(address):
        return ContactEmail(contact=contact, shared_key=key)
    if ContactEmail.objects.filter(match_key=key).exists():
        raise AddressInUseError(address, key)
    return ContactEmail(contact=contact, match_key=key)


def lock_contact(contact: Contact, *, version: int | None = None) -> Contact:
    """The contact as it is now, locked until the transaction ends.

    Raises ``ErasedError`` if it was erased, ``MergedError`` if it was merged into another one.
    """
    locked = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    refuse_erased(locked)
    refuse_merged(locked)
    if version is not None and locked.version != version:
        raise EditConflictError(
            _("Somebody else changed this contact meanwhile. Look at it again, then repeat.")
        )
    return locked


def _assign(contact: Contact, values: Mapping[str, Any], custom: Mapping[str, Any] | None) -> None:
    for name, value in values.items():
        if name not in EDITABLE_FIELDS:
            raise ValidationError(_("“%s” cannot be changed.") % name, field=name)
        if isinstance(value, str) and "\x00" in value:
            raise ValidationError(_("The text has a character that cannot be kept."), field=name)
        setattr(contact, name, value)
    if contact.kind != Contact.Kind.VENDOR:
        contact.partner = None  # only a vendor is a partner of the shop
    try:
        contact.clean_fields(exclude=["owner", "partner", "version", "currency_totals"])
    except InvalidFieldsError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise ValidationError(messages[0], field=name) from error
    if custom:
        contact.custom = changed_custom(CustomField.Area.CONTACT, contact.custom, custom)


def _check_named(contact: Contact, emails: Sequence[str]) -> None:
    names = f"{contact.full_name}{contact.company_name}"
    if text.is_blank(names) and not any(emails):
        raise ValidationError(
            _("Give at least a name, a company or an e-mail address."), field="first_name"
        )


def _addresses(contact: Contact) -> list[str]:
    return [email.address for email in contact.emails.all()]


def _only(values: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _record(
    opened: Operation, contact: Contact, before: dict[str, Any], after: dict[str, Any]
) -> None:
    record_change(opened, contact, before=before, after=after, contact=contact)
    send_on_commit(contact_changed, Contact, contact=contact, operation=opened)
