"""The accounts that rows of contacts name: found, or made where that is wanted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm import match_keys, text
from oscar_crm.models import Account
from oscar_crm.queries import accounts
from oscar_crm.services.search import derive_account

from .decisions import Decision
from .options import Companies as Choice
from .rows import Draft

if TYPE_CHECKING:
    from .contacts import ContactPlanner


class Companies:
    """Accounts by the name a row gives, of those the user may see. Never a second of one name."""

    def __init__(self, planner: "ContactPlanner", drafts: Sequence[Draft]) -> None:
        self.planner = planner
        self.choice = planner.options.companies
        self.made: dict[str, Account] = {}
        self.found: dict[str, list[Account]] = {}
        self.hidden: set[str] = set()
        self.keys: set[str] = set()
        if self.choice != Choice.TEXT:
            self.keys = {match_keys.company_key(n) for d in drafts for n in self.names_in(d)}
            self._look_up(self.keys)

    def names_in(self, draft: Draft) -> list[str]:
        """The accounts a row names; without a column for them its company."""
        if "accounts" in self.planner.of_import.columns:
            return draft.lists.get("accounts", [])
        company = draft.values.get("company_name", "")
        return [company] if company else []

    def _look_up(self, keys: set[str]) -> None:
        keys.discard("")
        if not keys:
            return
        rows = Account.objects.filter(merged_into=None, name_key__in=keys)
        known = list(rows.only("pk", "name", "name_key").order_by("archived_at", "pk"))
        ids = [account.pk for account in known]
        seen = accounts.visible_to(self.planner.user).filter(pk__in=ids) if ids else ()
        visible = set(seen.values_list("pk", flat=True)) if ids else set()  # type: ignore[union-attr]
        for account in known:
            if account.pk in visible:
                self.found.setdefault(account.name_key, []).append(account)
            else:
                self.hidden.add(account.name_key)

    def join(self, decision: Decision, joined: set[int]) -> None:
        """Note the accounts that the contact does not belong to yet."""
        new: dict[str, Account] = {}
        for name in self.names_in(decision.draft):
            account = self._account(decision.draft, name)
            if account is not None and account.pk not in joined:
                new.setdefault(account.name_key, account)
        if new:
            decision.added["accounts"] = list(new.values())
            if decision.record.pk:
                decision.before["accounts"] = []
                decision.after["accounts"] = [account.name for account in new.values()]

    def _account(self, draft: Draft, name: str) -> Account | None:
        key = match_keys.company_key(name)
        if not key:
            return None
        if key in self.found:
            return self._best(self.found[key], name)
        if key in self.hidden:
            draft.remark(
                _("“%s” is in the CRM already: ask a manager to join the two.") % name, "accounts"
            )
            return None
        if self.choice != Choice.MAKE:
            draft.remark(_("There is no account “%s”.") % name, "accounts")
            return None
        return self._made(draft, key, name)

    def _best(self, found: Sequence[Account], name: str) -> Account:
        """Of several whose names differ by their legal form, the one that is spelt so."""
        folded = text.fold(name)
        return next((one for one in found if text.fold(one.name) == folded), found[0])

    def _made(self, draft: Draft, key: str, name: str) -> Account:
        if key not in self.made:
            now = timezone.now()
            account = Account(
                name=name,
                owner_id=self.planner.options.owner or None,
                created_at=now,
                updated_at=now,
            )
            for attribute, value in derive_account(account).items():
                setattr(account, attribute, value)
            self.made[key] = account
            if self.planner.claim(f"a:{key}", draft.row):
                self.planner.of_import.counts["accounts"] = (
                    self.planner.of_import.counts.get("accounts", 0) + 1
                )
        return self.made[key]
