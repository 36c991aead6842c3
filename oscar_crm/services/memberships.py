"""Who belongs to which company: joining, changing, ending; and the orders that follow.

An order keeps the company that its contact had when it was placed. A membership that is added
gives its company to the orders inside its dates that have none; one that ends changes nothing of
the past; one that was a mistake, and is removed, takes its company back.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm.days import FIRST_DAY, LAST_DAY
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, AccountContact, Contact, Operation, OrderLink
from oscar_crm.queries.memberships import accounts_at

from .account_figures import refresh_account_figures
from .accounts import lock_account
from .contacts import lock_contact
from .journal import operation, record_change, row_of, snapshot

FIELDS = ("role", "is_primary", "from_date", "until_date")
MAX_ROLE = 100
CHUNK = 1000


def add_membership(
    account: Account,
    contact: Contact,
    *,
    by: Any,
    role: str = "",
    is_primary: bool = False,
    from_date: date | None = None,
    until_date: date | None = None,
) -> AccountContact:
    """Let a contact belong to an account, from a day until a day, both included.

    The contact's orders of that time that have no company yet get this one. Raises
    ``ValidationError`` for dates the wrong way round, or if they belong to it then already.
    """
    with operation(Operation.Kind.JOIN, by=by) as opened:
        locked = lock_contact(contact)
        account = lock_account(account)
        made = AccountContact(
            account=account,
            contact=locked,
            role=role,
            is_primary=is_primary,
            from_date=from_date,
            until_date=until_date,
        )
        _check(made)
        _leave_main_company(opened, made)
        made.save()
        record_change(opened, made, before={}, after=row_of(made), contact=locked, account=account)
        give_company(opened, [made])
    return made


def change_membership(membership: AccountContact, *, by: Any, **values: Any) -> AccountContact:
    """Change some of ``FIELDS``. Orders that have a company keep it, whatever the dates."""
    with operation(Operation.Kind.JOIN, by=by) as opened:
        lock_contact(membership.contact)
        locked = _lock(membership)
        before = snapshot(locked, FIELDS)
        for name, value in values.items():
            if name not in FIELDS:
                raise ValidationError(_("“%s” cannot be changed.") % name, field=name)
            setattr(locked, name, value)
        _check(locked)
        after = snapshot(locked, FIELDS)
        changed = [name for name in FIELDS if before[name] != after[name]]
        if not changed:
            return locked
        _leave_main_company(opened, locked)
        locked.save()
        record_change(
            opened,
            locked,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            contact=locked.contact,
            account=locked.account,
        )
        give_company(opened, [locked])
    return locked


def end_membership(
    membership: AccountContact, *, by: Any, until: date | None = None
) -> AccountContact:
    """The person has left the company: ``until`` is their last day, by default today."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return change_membership(membership, by=by, until_date=until or today)


def remove_membership(membership: AccountContact, *, by: Any) -> None:
    """Take back a membership that was a mistake, and with it the company of its orders.

    An order that another company of the contact explains goes to that one.
    """
    with operation(Operation.Kind.JOIN, by=by) as opened:
        lock_contact(membership.contact)
        locked = _lock(membership)
        account, contact = locked.account, locked.contact
        record_change(
            opened, locked, before=row_of(locked), after={}, contact=contact, account=account
        )
        inside = _orders_inside(locked)
        locked.delete()
        _take_company_back(opened, account, contact, inside)


def give_company(opened: Operation, memberships: Sequence[AccountContact]) -> int:
    """Let orders without a company follow some memberships of one account; returns how many."""
    if not memberships:
        return 0
    account = memberships[0].account
    by_contact = {row.contact_id: row for row in memberships}
    waiting = OrderLink.objects.filter(account=None, contact__in=by_contact).order_by("pk")
    rows = list(waiting.values_list("pk", "contact_id", "placed_at"))
    companies = accounts_at((contact, at) for _pk, contact, at in rows)
    ids = [pk for pk, contact, at in rows if companies.get((contact, at)) == account.pk]
    contact = memberships[0].contact if len(memberships) == 1 else None
    _move(opened, ids, None, account.pk, account=account, contact=contact)
    return len(ids)


def _take_company_back(opened: Operation, account: Account, contact: Contact, inside: Any) -> None:
    """Give some orders of a contact the company they had without a membership that is gone."""
    rows = list(inside.order_by("pk").values_list("pk", "placed_at"))
    companies = accounts_at((contact.pk, at) for _pk, at in rows)
    going: dict[int | None, list[int]] = defaultdict(list)
    for pk, at in rows:
        going[companies.get((contact.pk, at))].append(pk)
    going.pop(account.pk, None)
    for company, ids in going.items():
        _move(opened, ids, account.pk, company, account=account, contact=contact)


def _orders_inside(membership: AccountContact) -> Any:
    """The orders that have their company by a membership.

    All of the contact at this account; if they belonged to it twice, those of this time.
    """
    orders = OrderLink.objects.filter(contact=membership.contact, account=membership.account)
    others = AccountContact.objects.filter(
        contact=membership.contact, account=membership.account
    ).exclude(pk=membership.pk)
    if not others.exists():
        return orders
    rows = orders.values_list("pk", "placed_at")
    zone = timezone.get_default_timezone()
    ids = [pk for pk, at in rows if membership.covers(timezone.localtime(at, zone).date())]
    return OrderLink.objects.filter(pk__in=ids)


def _move(
    opened: Operation,
    ids: list[int],
    source: int | None,
    target: int | None,
    *,
    account: Account,
    contact: Contact | None,
) -> None:
    """Point orders at another company, and write down which."""
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        OrderLink.objects.filter(pk__in=chunk).update(account=target)
        record_change(
            opened,
            OrderLink(pk=account.pk),
            before={},
            after={},
            moved={"field": "account", "from": source, "to": target, "ids": chunk},
            account=account,
            contact=contact,
        )
    if ids:
        refresh_account_figures(pk for pk in (source, target) if pk is not None)


def _lock(membership: AccountContact) -> AccountContact:
    rows = AccountContact.objects.select_related("contact", "account")
    locked = rows.select_for_update(of=("self",)).filter(pk=membership.pk).first()
    if locked is None:
        raise ValidationError(_("Somebody else has removed this company meanwhile."))
    return locked


def _check(membership: AccountContact) -> None:
    role = " ".join(membership.role.replace("\x00", "").split())
    if len(role) > MAX_ROLE:
        raise ValidationError(_("A role can have %s characters at most.") % MAX_ROLE, field="role")
    membership.role = role
    for name in ("from_date", "until_date"):
        day = getattr(membership, name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(_("Give a day between 1970 and 2999."), field=name)
    first, last = membership.from_date, membership.until_date
    if first and last and last < first:
        raise ValidationError(_("The last day must not be before the first."), field="until_date")
    others = AccountContact.objects.filter(
        contact=membership.contact_id, account=membership.account_id
    ).exclude(pk=membership.pk)
    if any(_overlap(membership, other) for other in others):
        raise ValidationError(
            _("%(contact)s belongs to %(account)s in that time already. Change that entry instead.")
            % {"contact": membership.contact, "account": membership.account}
        )


def _overlap(one: AccountContact, other: AccountContact) -> bool:
    begins = max(one.from_date or FIRST_DAY, other.from_date or FIRST_DAY)
    ends = min(one.until_date or LAST_DAY, other.until_date or LAST_DAY)
    return begins <= ends


def _leave_main_company(opened: Operation, membership: AccountContact) -> None:
    """A contact has one main company at a time: the one before is that no more."""
    if not membership.is_primary or membership.until_date is not None:
        return
    others = AccountContact.objects.filter(
        contact=membership.contact_id, is_primary=True, until_date=None
    ).exclude(pk=membership.pk)
    for other in others.select_related("account"):
        other.is_primary = False
        other.save(update_fields=["is_primary"])
        record_change(
            opened,
            other,
            before={"is_primary": True},
            after={"is_primary": False},
            contact=membership.contact,
            account=other.account,
        )


def in_companies(contact_ids: Iterable[int]) -> set[int]:
    """Which of some contacts belong, or have belonged, to a company."""
    rows = AccountContact.objects.filter(contact__in=contact_ids)
    return set(rows.values_list("contact_id", flat=True))
