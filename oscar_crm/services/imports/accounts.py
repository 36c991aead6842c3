"""Planning rows of accounts: which company a row is, and what it changes of it."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oscar_crm import match_keys, text
from oscar_crm.exceptions import CRMError, ValidationError
from oscar_crm.models import Account
from oscar_crm.queries import accounts
from oscar_crm.services.parents import MAX_DEPTH, check_parent, levels_through

from .decisions import Decision, Planner, ambiguous, by_external_id
from .fields import CUSTOM
from .options import Match
from .rows import Draft
from .tags import TagFinder


class AccountPlanner(Planner):
    area = "account"
    hidden_message = gettext_lazy("This account is in the CRM already. Ask a manager.")
    repeated_message = gettext_lazy("The same company as in row %(row)s. Only that row is taken.")
    key_field = "name"

    def keys_of(self, draft: Draft) -> list[str]:
        external_id = self.external_id(draft)
        keys = [f"x:{external_id}"] if external_id else []
        if name := match_keys.company_key(draft.values.get("name", "")):
            keys.append(f"n:{name}")
        return keys

    def look_up(self, drafts: Sequence[Draft]) -> None:
        ids = {known for draft in drafts if (known := self.external_id(draft))}
        names = {
            match_keys.company_key(draft.values[field])
            for draft in drafts
            for field in ("name", "parent")
            if draft.values.get(field)
        } - {""}
        rows = Account.objects.filter(merged_into=None)
        by_id = by_external_id(Account, ids)
        wanted = {
            *rows.filter(name_key__in=names).order_by().values_list("pk", flat=True),
            *by_id.values(),
        }
        found = rows.filter(pk__in=wanted).order_by("pk")
        if self.lock:
            found = found.select_for_update(no_key=True, of=("self",))
        self.records: dict[int, Account] = (
            {account.pk: account for account in found} if wanted else {}
        )
        seen = accounts.visible_to(self.user).filter(pk__in=list(self.records))
        self.visible = set(seen.values_list("pk", flat=True)) if self.records else set()
        self.by_name: dict[str, list[Account]] = defaultdict(list)
        for account in self.records.values():
            self.by_name[account.name_key].append(account)
        self.by_external_id = {key: self.records[pk] for key, pk in by_id.items()}
        self.tags = TagFinder(Account, drafts, self.options.tags, list(self.records))

    def match(self, draft: Draft) -> Account | None:
        external_id = self.external_id(draft)
        if self.options.match != Match.NAME and external_id in self.by_external_id:
            found: Account | None = self.by_external_id[external_id]
        else:
            found = self._by_name(draft, draft.values.get("name", ""))
        if found is not None and found.pk not in self.visible:
            self.refuse_hidden(draft, self.key_field)
            return None
        return found

    def _by_name(self, draft: Draft, name: str) -> Account | None:
        """The account of a name; of several that differ in their legal form, the one spelt so."""
        found = self.by_name.get(match_keys.company_key(name), [])
        visible = [account for account in found if account.pk in self.visible]
        alike = [a for a in visible if text.fold(a.name) == text.fold(name)] or visible
        if len(alike) > 1:
            draft.refuse(ambiguous(len(alike)), "name")
            return None
        return alike[0] if alike else next(iter(found), None)

    def make(self, draft: Draft) -> Account:
        if text.is_blank(draft.values.get("name", "")):
            draft.refuse(_("has no name of a company."), "name")
        now = timezone.now()
        account = Account(
            owner_id=draft.values.get("owner") or self.options.owner or None,
            created_at=now,
            updated_at=now,
            external_id=self.external_id(draft),
        )
        for key, value in draft.values.items():
            if key.startswith(CUSTOM):
                account.custom[key.removeprefix(CUSTOM)] = value
            elif key == "parent":
                account.parent_id = self._parent(draft, None)
            elif key not in ("owner", "external_id"):
                setattr(account, key, value)
        return account

    def _parent(self, draft: Draft, account: Account | None) -> int | None:
        """The id of the company above; one that is missing or would make a loop is left out."""
        name = str(draft.values["parent"])
        found = self.by_name.get(match_keys.company_key(name), [])
        visible = [one for one in found if one.pk in self.visible]
        exact = [one for one in visible if text.fold(one.name) == text.fold(name)]
        parent = next(iter(exact or visible), None)
        if parent is None:
            draft.remark(
                _("There is no account “%s” yet. Import the file again to set it.") % name,
                "parent",
            )
            return account.parent_id if account else None
        try:
            self._check_parent(parent, account)
        except CRMError as error:
            draft.remark(str(error), "parent")
            return account.parent_id if account else None
        return int(parent.pk)

    def _check_parent(self, parent: Account, account: Account | None) -> None:
        """No loops, not even among the rows of a block, and no more levels than there may be."""
        if account is None:
            if levels_through(parent.pk) >= MAX_DEPTH:
                raise ValidationError(
                    _("Companies can stand in %s levels at most.") % MAX_DEPTH, field="parent"
                )
            return
        if account.parent_id == parent.pk:
            return
        if self._is_below(parent, account.pk):
            raise ValidationError(
                _("“%s” belongs to this company itself.") % parent, field="parent"
            )
        check_parent(account, parent)

    def _is_below(self, account: Account, pk: int) -> bool:
        """Whether an account is another one, or belongs to it over several companies."""
        current: int | None = account.pk
        for _step in range(MAX_DEPTH + 1):
            if current == pk:
                return True
            if current is None:
                return False
            known = self.records.get(current)
            current = (
                known.parent_id
                if known
                else Account.objects.filter(pk=current).values_list("parent", flat=True).first()
            )
        return True

    def _change_fields(self, decision: Decision) -> None:
        draft, account = decision.draft, decision.record
        values = draft.values
        if "external_id" in values:
            values["external_id"] = account.external_id or self.external_id(draft)
        name = values.pop("parent", None)
        super()._change_fields(decision)
        if name is None:
            return
        values["parent"] = name
        parent = self._parent(draft, account)
        if parent != account.parent_id:
            decision.before["parent"], decision.after["parent"] = account.parent_id, parent
            account.parent_id = parent

    def add_lists(self, decision: Decision, *, is_new: bool) -> None:
        self.tags.add(decision, 0 if is_new else decision.record.pk)
