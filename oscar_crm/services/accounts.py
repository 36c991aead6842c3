"""What staff do with accounts: create, change, tag, archive."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as InvalidFieldsError
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.company_data import checked_currency, checked_vat_number, checked_website
from oscar_crm.exceptions import EditConflictError, ValidationError
from oscar_crm.models import Account, CustomField, Operation, Tag
from oscar_crm.queries.areas import ACCOUNT_FIELDS
from oscar_crm.signals import account_changed, account_created, send_on_commit

from .custom_values import changed_custom
from .journal import operation, record_change, snapshot
from .parents import check_parent
from .search import index_accounts
from .survivors import refuse_merged
from .tags import tag_named

EDITABLE_FIELDS = ACCOUNT_FIELDS
JOURNALLED_FIELDS = (*EDITABLE_FIELDS, "custom")


def create_account(
    values: Mapping[str, Any], *, custom: Mapping[str, Any] | None = None, by: Any
) -> Account:
    """Make an account from some of ``EDITABLE_FIELDS``. Raises ``ValidationError``.

    ``custom`` has values of custom fields by key.
    """
    with operation(Operation.Kind.CREATE, by=by) as opened:
        account = save_new_account(opened, values, custom)
    return account


def save_new_account(
    opened: Operation, values: Mapping[str, Any], custom: Mapping[str, Any] | None = None
) -> Account:
    """Make an account as a part of an operation."""
    account = Account()
    _assign(account, values, custom)
    account.save()
    if account.parent is not None:
        check_parent(account, account.parent)
    index_accounts([account])
    after = snapshot(account, JOURNALLED_FIELDS)
    record_change(opened, account, before={}, after=after, account=account)
    send_on_commit(account_created, Account, account=account)
    return account


def update_account(
    account: Account,
    values: Mapping[str, Any],
    *,
    by: Any,
    custom: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Account:
    """Change some of ``EDITABLE_FIELDS``.

    ``custom`` changes the custom fields it names by key; None or ``""`` takes a value away.

    ``version`` is the one the user saw: ``EditConflictError`` if the account has moved on.
    Nothing is written when nothing differs. Raises ``ValidationError``, also for a parent that
    would make a loop.
    """
    with operation(Operation.Kind.UPDATE, by=by) as opened:
        parent = values.get("parent")
        if parent is not None and parent.pk != account.parent_id:
            check_parent(account, parent)  # locks several accounts in order, so it comes first
        locked = lock_account(account, version=version)
        before = snapshot(locked, JOURNALLED_FIELDS)
        _assign(locked, values, custom)
        after = snapshot(locked, JOURNALLED_FIELDS)
        changed = [name for name in before if before[name] != after[name]]
        if not changed:
            return locked
        locked.version += 1
        locked.save()
        index_accounts([locked])
        _record(opened, locked, _only(before, changed), _only(after, changed))
    return locked


def set_parent(account: Account, parent: Account | None, *, by: Any) -> Account:
    """Put a company below another one, or with None below none."""
    return update_account(account, {"parent": parent}, by=by)


def archive_account(account: Account, *, by: Any) -> Account:
    """Take an account off the lists; history, people and figures stay."""
    return _set_archived(account, timezone.now(), kind=Operation.Kind.ARCHIVE, by=by)


def restore_account(account: Account, *, by: Any) -> Account:
    """Bring an account back from the archive."""
    return _set_archived(account, None, kind=Operation.Kind.RESTORE, by=by)


def _set_archived(account: Account, at: Any, *, kind: str, by: Any) -> Account:
    with operation(kind, by=by) as opened:
        locked = lock_account(account)
        if (locked.archived_at is None) == (at is None):
            return locked
        before = snapshot(locked, ["archived_at"])
        locked.archived_at = at
        locked.version += 1
        locked.save(update_fields=["archived_at", "version", "updated_at"])
        _record(opened, locked, before, snapshot(locked, ["archived_at"]))
    return locked


def tag_account(account: Account, name: str, *, by: Any = None, colour: str = "") -> Tag:
    """Put a tag on an account; an unknown tag is made, with a colour few others have."""
    with operation(Operation.Kind.TAG, by=by) as opened:
        locked = lock_account(account)
        tag = tag_named(name, colour=colour)
        if not locked.tags.filter(pk=tag.pk).exists():
            locked.tags.add(tag)
            _record(opened, locked, {"tag": None}, {"tag": tag.name})
    return tag


def untag_account(account: Account, tag: Tag, *, by: Any = None) -> None:
    """Take a tag off an account; the tag itself stays."""
    with operation(Operation.Kind.TAG, by=by) as opened:
        locked = lock_account(account)
        if locked.tags.filter(pk=tag.pk).exists():
            locked.tags.remove(tag)
            _record(opened, locked, {"tag": tag.name}, {"tag": None})


def lock_account(account: Account, *, version: int | None = None) -> Account:
    """The account as it is now, locked until the transaction ends; ``MergedError`` if merged."""
    locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    refuse_merged(locked)
    if version is not None and locked.version != version:
        raise EditConflictError(
            _("Somebody else changed this account meanwhile. Look at it again, then repeat.")
        )
    return locked


def _assign(account: Account, values: Mapping[str, Any], custom: Mapping[str, Any] | None) -> None:
    for name, value in values.items():
        if name not in EDITABLE_FIELDS:
            raise ValidationError(_("“%s” cannot be changed.") % name, field=name)
        if isinstance(value, str) and "\x00" in value:
            raise ValidationError(_("The text has a character that cannot be kept."), field=name)
        setattr(account, name, value)
    account.name = " ".join(account.name.split())
    if text.is_blank(account.name):
        raise ValidationError(_("Give the company's name."), field="name")
    if "website" in values:
        account.website = checked_website(account.website)
    if "vat_number" in values:
        country = account.billing_country
        account.vat_number = checked_vat_number(account.vat_number, country=country)
    if "currency" in values:
        account.currency = checked_currency(account.currency)
    try:
        account.clean_fields(exclude=["owner", "parent", "version"])
    except InvalidFieldsError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise ValidationError(messages[0], field=name) from error
    if custom:
        account.custom = changed_custom(CustomField.Area.ACCOUNT, account.custom, custom)


def _only(values: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _record(
    opened: Operation, account: Account, before: dict[str, Any], after: dict[str, Any]
) -> None:
    record_change(opened, account, before=before, after=after, account=account)
    send_on_commit(account_changed, Account, account=account, operation=opened)
