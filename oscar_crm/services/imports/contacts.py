"""Planning rows of contacts: who a row is, and what it changes of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oscar_crm import match_keys, text
from oscar_crm.models import AccountContact, Contact, ContactEmail
from oscar_crm.queries import contacts
from oscar_crm.queries.ids import IdIn, TextIn
from oscar_crm.services import bulk
from oscar_crm.services.identity import shared_keys

from .companies import Companies as CompanyFinder
from .decisions import Decision, Planner, ambiguous, by_external_id
from .fields import CUSTOM
from .options import Companies as CompanyChoice
from .options import Match
from .rows import Draft
from .tags import TagFinder

# Of contacts that are there: nothing here asks for these, and reading days takes time.
_NOT_READ = ("created_at", "updated_at", "first_order_at", "last_order_at", "currency_totals")

NameKey = tuple[str, str]


class ContactPlanner(Planner):
    area = "contact"
    hidden_message = gettext_lazy("This contact is in the CRM already. Ask a manager.")
    repeated_message = gettext_lazy("The same person as in row %(row)s. Only that row is taken.")
    key_field = "emails"

    def look_at(self, drafts: Sequence[Draft]) -> None:
        self.shared = shared_keys(
            text.fold_email(address)
            for draft in drafts
            for address in draft.lists.get("emails", ())
        )

    def keys_of(self, draft: Draft) -> list[str]:
        emails = draft.lists.get("emails", ())
        folded = [text.fold_email(address) for address in emails]
        keys = [f"e:{key}" for key in folded if key not in self.shared]
        if external_id := self.external_id(draft):
            keys.append(f"x:{external_id}")
        if not keys or self.options.match == Match.NAME:
            name, company = self._name_key(draft)
            if name:
                keys.append(f"n:{name}|{company}")
        return keys

    def _name_key(self, draft: Draft) -> NameKey:
        values = draft.values
        name = f"{values.get('last_name', '')} {values.get('first_name', '')}"
        return match_keys.person_key(name), match_keys.company_key(values.get("company_name", ""))

    # Looking up

    def look_up(self, drafts: Sequence[Draft]) -> None:
        self.companies = CompanyFinder(self, drafts)
        self._find_by_email(drafts)
        self._find_by_external_id(drafts)
        self._find_by_name(drafts)
        self._load()
        self.tags = TagFinder(Contact, drafts, self.options.tags, list(self.records))

    def keys_of_found(self) -> list[str]:
        return [*super().keys_of_found(), *(f"a:{key}" for key in self.companies.keys)]

    def _find_by_email(self, drafts: Sequence[Draft]) -> None:
        keys = {text.fold_email(a) for d in drafts for a in d.lists.get("emails", ())}
        rows = ContactEmail.objects.order_by()
        unique = rows.filter(TextIn(keys, "match_key")).values_list("match_key", "contact_id")
        self.by_email: dict[str, int] = dict(unique) if keys else {}  # type: ignore[arg-type]
        self.by_shared: dict[str, list[int]] = defaultdict(list)
        if self.shared:
            found = rows.filter(shared_key__in=self.shared).values_list("shared_key", "contact_id")
            for key, pk in found:
                self.by_shared[str(key)].append(pk)

    def _find_by_external_id(self, drafts: Sequence[Draft]) -> None:
        ids = {found for draft in drafts if (found := self.external_id(draft))}
        self.by_external_id = by_external_id(Contact, ids)

    def _find_by_name(self, drafts: Sequence[Draft]) -> None:
        """Only contacts the user may see: a name alone tells nobody of those of others."""
        wanted = {
            self._name_key(draft)
            for draft in drafts
            if self.options.match == Match.NAME or not self._has_strong_key(draft)
        }
        names = {name for name, _company in wanted if name}
        self.by_name: dict[NameKey, list[int]] = defaultdict(list)
        if not names:
            return
        visible = contacts.visible_to(self.user).exclude(name_key="")
        rows = visible.filter(TextIn(names, "name_key"))
        for pk, name, company in rows.values_list("pk", "name_key", "company_key"):
            if (name, company) in wanted:
                self.by_name[name, company].append(pk)

    def _has_strong_key(self, draft: Draft) -> bool:
        return bool(draft.lists.get("emails") or self.external_id(draft))

    def _load(self) -> None:
        """The contacts that were found, locked in a real run, with their addresses."""
        ids = {*self.by_email.values(), *self.by_external_id.values()}
        ids.update(pk for found in (self.by_shared, self.by_name) for pks in found.values()
                   for pk in pks)  # fmt: skip
        rows = Contact.objects.filter(IdIn(ids)).defer(*_NOT_READ).order_by("pk") if ids else ()
        if ids and self.lock:
            rows = rows.select_for_update(no_key=True, of=("self",))  # type: ignore[union-attr]
        self.records: dict[int, Contact] = {contact.pk: contact for contact in rows}
        self.visible = self._visible(self.records)
        self.emails: dict[int, list[ContactEmail]] = defaultdict(list)
        if ids:
            emails = ContactEmail.objects.filter(IdIn(ids, "contact"))
            for email in emails.order_by("-is_primary", "id"):
                self.emails[email.contact_id].append(email)
        self._load_memberships(ids)

    def _visible(self, records: dict[int, Contact]) -> set[int]:
        if not records:
            return set()
        rows = contacts.visible_to(self.user).filter(IdIn(records))
        return set(rows.values_list("pk", flat=True))

    def _load_memberships(self, ids: Iterable[int]) -> None:
        self.joined: dict[int, set[int]] = defaultdict(set)
        self.has_main: set[int] = set()
        if not ids or self.options.companies == CompanyChoice.TEXT:
            return
        rows = AccountContact.objects.filter(IdIn(ids, "contact"), until_date=None)
        for contact, account, is_primary in rows.values_list("contact", "account", "is_primary"):
            self.joined[contact].add(account)
            if is_primary:
                self.has_main.add(contact)

    # Deciding

    def match(self, draft: Draft) -> Contact | None:
        found = self._found(draft)
        if draft.is_refused or found is None:
            return None
        if found not in self.visible:
            self.refuse_hidden(draft, self.key_field)
            return None
        return self.records[found]

    def _found(self, draft: Draft) -> int | None:
        external_id = self.external_id(draft)
        if self.options.match == Match.NAME:
            return self._one(draft, self.by_name[self._name_key(draft)])
        if external_id in self.by_external_id:
            return self._checked_owner(draft, self.by_external_id[external_id])
        if draft.lists.get("emails"):
            return self._by_address(draft, external_id)
        if external_id:
            return None
        return self._one(draft, self.by_name[self._name_key(draft)])

    def _by_address(self, draft: Draft, external_id: str) -> int | None:
        found: set[int] = set()
        for address in draft.lists["emails"]:
            key = text.fold_email(address)
            if key in self.by_email:
                found.add(self.by_email[key])
            elif key in self.by_shared:
                found.update(self._sharing(draft, key))
        if len(found) > 1:
            draft.refuse(_("The addresses belong to two different contacts."), "emails")
            return None
        pk = next(iter(found), None)
        if pk is not None and pk in self.visible and self._is_anothers(pk, external_id):
            draft.refuse(
                _("This address belongs to the contact with the ID “%s”.")
                % self.records[pk].external_id,
                "external_id",
            )
        return pk

    def _sharing(self, draft: Draft, key: str) -> list[int]:
        """Of those who share an address, the one of the same name."""
        values = draft.values
        name = text.fold(f"{values.get('first_name', '')} {values.get('last_name', '')}")
        return [pk for pk in self.by_shared[key] if text.fold(self.records[pk].full_name) == name]

    def _is_anothers(self, pk: int, external_id: str) -> bool:
        """Whether a contact has another id of the same source."""
        known = self.records[pk].external_id
        if not external_id or not known or known == external_id:
            return False
        return known.partition(":")[0] == external_id.partition(":")[0] or ":" not in known

    def _checked_owner(self, draft: Draft, pk: int) -> int:
        """An address of the row may not be another contact's."""
        self._check_addresses(draft, pk)
        return pk

    def _check_addresses(self, draft: Draft, pk: int | None) -> None:
        for address in draft.lists.get("emails", ()):
            holder = self.by_email.get(text.fold_email(address))
            if holder is None or holder == pk:
                continue
            draft.refuse(
                _("%s is already in the CRM, at another contact.") % address
                if holder in self.visible
                else str(self.hidden_message),
                "emails",
            )
            return

    def _one(self, draft: Draft, found: Sequence[int]) -> int | None:
        if len(found) > 1:
            draft.refuse(ambiguous(len(found)), "last_name")
            return None
        pk = found[0] if found else None
        self._check_addresses(draft, pk)
        return pk

    def make(self, draft: Draft) -> Contact:
        values, options = draft.values, self.options
        named = "".join(str(values.get(n, "")) for n in ("first_name", "last_name", "company_name"))
        if text.is_blank(named) and not draft.lists.get("emails"):
            draft.refuse(_("Give at least a name, a company or an e-mail address."), "first_name")
        external_id = self.external_id(draft)
        now = timezone.now()
        fields = dict(values)
        custom = {k.removeprefix(CUSTOM): fields.pop(k) for k in values if k.startswith(CUSTOM)}
        owner = fields.pop("owner", None)
        fields |= {
            "external_id": external_id,
            "kind": fields.get("kind") or options.kind or Contact.Kind.LEAD,
            "source": Contact.Source.IMPORT,
            "owner_id": owner or options.owner or None,
            "custom": custom,
            "created_at": now,
            "updated_at": now,
        }
        made: Contact = bulk.maker(Contact)(**fields)
        return made

    def add_lists(self, decision: Decision, *, is_new: bool) -> None:
        pk = 0 if is_new else decision.record.pk
        self._add_emails(decision, self.emails[pk] if pk else [])
        self.tags.add(decision, pk)
        if self.options.companies != CompanyChoice.TEXT:
            decision.has_main_company = pk in self.has_main
            self.companies.join(decision, self.joined[pk] if pk else set())

    def _add_emails(self, decision: Decision, known: Sequence[ContactEmail]) -> None:
        decision.addresses = [email.address for email in known]
        keys = {email.match_key or email.shared_key for email in known}
        new = [
            address
            for address in decision.draft.lists.get("emails", ())
            if text.fold_email(address) not in keys
        ]
        if not new:
            return
        decision.added["emails"] = new
        if decision.record.pk:
            decision.before["emails"] = list(decision.addresses)
            decision.after["emails"] = [*decision.addresses, *new]
        decision.addresses += new

    def _change_fields(self, decision: Decision) -> None:
        values = decision.draft.values
        if "external_id" in values:
            values["external_id"] = self._kept_id(decision)
        super()._change_fields(decision)

    def _kept_id(self, decision: Decision) -> str:
        """A contact keeps the id of the system it came from first."""
        known = str(decision.record.external_id)
        external_id = self.external_id(decision.draft)
        if known and known != external_id:
            decision.draft.remark(
                _("The contact keeps its ID “%s” of another system.") % known, "external_id"
            )
            return known
        return external_id
