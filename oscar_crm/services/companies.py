"""Making accounts of the company names that orders brought, each company once."""

from collections import Counter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, AccountContact, Change, CompanyDecision, Contact, Operation
from oscar_crm.queries import accounts
from oscar_crm.queries.companies import account_of_key, people_of_key

from .accounts import restore_account, save_new_account
from .journal import label_of, operation, record_change, row_of, snapshot
from .memberships import give_company, in_companies

_BATCH = 1000


def accept_company(key: str, *, by: Any) -> Account:
    """Join all people of a company name to its account, which is made if there is none.

    Only people that ``by`` may see and that belong to no company. Two people at once make one
    account. Raises ``ValidationError`` if nobody is left, or if the account is not theirs to see.
    """
    with operation(Operation.Kind.JOIN, by=by) as opened:
        is_new, decision = _lock_decision(key)
        before = {} if is_new else snapshot(decision, ["account", "dismissed_at"])
        people = list(people_of_key(key, by).order_by("pk").select_for_update(no_key=True))
        joined = in_companies(contact.pk for contact in people)  # while we waited for the lock
        people = [contact for contact in people if contact.pk not in joined]
        if not people:
            raise ValidationError(_("Nobody of this company is without an account any more."))
        account = account_of_key(key)
        if account is None:
            account = save_new_account(opened, _values_of(people, by))
        elif not accounts.visible_to(by).filter(pk=account.pk).exists():
            raise ValidationError(_("This company is in the CRM already: ask a manager."))
        elif account.is_archived:
            account = restore_account(account, by=by)
        _decide(opened, decision, before, account=account, dismissed_at=None, by=by)
        _join(opened, account, people)
        opened.summary = account.name[:255]
    return account


def dismiss_company(key: str, *, by: Any) -> None:
    """Remember that a company name is to become no account. Safe to repeat.

    Raises ``ValidationError`` for a name that nobody has whom ``by`` may see.
    """
    with operation(Operation.Kind.JOIN, by=by) as opened:
        is_new, decision = _lock_decision(key)
        if decision.dismissed_at is not None:
            return
        if not people_of_key(key, by).exists():
            raise ValidationError(_("Nobody of this company is without an account any more."))
        before = {} if is_new else snapshot(decision, ["account", "dismissed_at"])
        _decide(opened, decision, before, account=None, dismissed_at=timezone.now(), by=by)


def _lock_decision(key: str) -> tuple[bool, CompanyDecision]:
    """The row of a company name, made if missing, locked: the second person waits here."""
    _row, is_new = CompanyDecision.objects.get_or_create(company_key=key)
    return is_new, CompanyDecision.objects.select_for_update().get(company_key=key)


def _decide(
    opened: Operation,
    decision: CompanyDecision,
    before: dict[str, Any],
    *,
    account: Account | None,
    dismissed_at: Any,
    by: Any,
) -> None:
    decision.account, decision.dismissed_at = account, dismissed_at
    decision.decided_by_label = label_of(by)
    decision.save()
    after = snapshot(decision, before) if before else row_of(decision)
    if before != after:
        record_change(opened, decision, before=before, after=after)


def _values_of(people: list[Contact], by: Any) -> dict[str, Any]:
    """The name as most of them write it, and the country if all have the same."""
    names = Counter(contact.company_name.strip() for contact in people)
    countries = {contact.country for contact in people}
    return {
        "name": names.most_common(1)[0][0],
        "billing_country": countries.pop() if len(countries) == 1 else "",
        "owner": by,
    }


def _join(opened: Operation, account: Account, people: list[Contact]) -> None:
    """Their only company, so their main one; they belong to it as long as anybody knows."""
    rows = AccountContact.objects.bulk_create(
        [AccountContact(account=account, contact=c, is_primary=True) for c in people],
        batch_size=_BATCH,
    )
    Change.objects.bulk_create(
        [
            Change(
                operation=opened,
                contact=row.contact,
                account=account,
                object_type=AccountContact._meta.label,
                object_id=row.pk,
                after=row_of(row),
            )
            for row in rows
        ],
        batch_size=_BATCH,
    )
    for start in range(0, len(rows), _BATCH):
        give_company(opened, rows[start : start + _BATCH])
