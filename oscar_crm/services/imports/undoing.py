"""Taking an import back, newest change first, a block at a time.

What anybody has changed since stays as it is, and is told row by row; the rest comes back. It
works on the journal, as every undo does, but set-based and with a place of its own: an import of a
hundred thousand is taken back in seconds, in steps that a request has time for.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _t

from oscar_crm import text
from oscar_crm.models import (
    Account,
    AccountContact,
    Change,
    Contact,
    ContactEmail,
    Import,
    ImportRow,
    Operation,
    OrderLink,
    Tag,
)
from oscar_crm.queries.ids import IdIn
from oscar_crm.services import bulk
from oscar_crm.services.account_figures import refresh_account_figures
from oscar_crm.services.journal import label_of
from oscar_crm.services.search import index_accounts, index_contacts
from oscar_crm.signals import account_changed, contact_changed, send_on_commit

from .hanging import delete_with_all, uses_of
from .journal import Journal
from .tags import tag_key

BLOCK = 2_000
_BESIDE = frozenset(("emails", "tags", "accounts", "custom"))


def undo_block(locked: Import) -> None:
    """Take back the next changes; after the oldest the import is undone."""
    operation = locked.operation
    undo = locked.facts["undo"]
    changes = (
        list(operation.changes.filter(pk__lt=undo["before"]).order_by("-pk")[:BLOCK])
        if operation
        else []
    )
    if not changes:
        _finish(locked)
        return
    block = _Block(locked, changes)
    block.take_back()
    undo["before"] = changes[-1].pk
    undo["done"] += len(changes)
    undo["restored"] += block.restored
    undo["kept"] += len(block.kept)
    ImportRow.objects.bulk_create(block.kept, batch_size=500)


def begin_undo(locked: Import, *, by: Any) -> None:
    """Note where the undo begins; its own operation is in the journal from now on."""
    operation = locked.operation
    newest = operation.changes.order_by("-pk").first() if operation else None
    opened = Operation.objects.create(
        kind=Operation.Kind.UNDO, actor=by, actor_label=label_of(by), summary=locked.file_name[:255]
    )
    locked.facts = {
        **locked.facts,
        "undo": {
            "operation": opened.pk,
            "before": newest.pk + 1 if newest else 0,
            "total": operation.changes.count() if operation else 0,
            "done": 0,
            "restored": 0,
            "kept": 0,
        },
    }


def _finish(locked: Import) -> None:
    undo = locked.facts["undo"]
    locked.state = Import.State.UNDONE
    opened = Operation.objects.filter(pk=undo["operation"]).first()
    if opened is not None:
        opened.finished_at = timezone.now()
        opened.state = {"import": locked.pk, "restored": undo["restored"], "kept": undo["kept"]}
        opened.save(update_fields=["finished_at", "state"])
        if locked.operation is not None:
            locked.operation.undone_by = opened
            locked.operation.save(update_fields=["undone_by"])


class _Block:
    """Some changes of an import, newest first, and the records they are about, locked."""

    def __init__(self, locked: Import, changes: Sequence[Change]) -> None:
        self.of_import = locked
        self.restored = 0
        self.oldest = min(change.pk for change in changes)
        self.kept: list[ImportRow] = []
        self.by_type: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            self.by_type[change.object_type].append(change)

    def take_back(self) -> None:
        """What hangs on records goes before them."""
        self._orders(self.by_type.pop(OrderLink._meta.label, []))
        self._memberships(self.by_type.pop(AccountContact._meta.label, []))
        for model, key in ((Contact, "contact"), (Account, "account")):
            changes = self.by_type.pop(model._meta.label, [])
            if changes:
                self._records(model, key, changes)

    def _orders(self, changes: Sequence[Change]) -> None:
        """Orders that followed a membership have no company again, if nobody gave them another."""
        accounts = set()
        for change in changes:
            moved = change.moved
            accounts.add(moved["to"])
            orders = OrderLink.objects.filter(pk__in=moved["ids"], account=moved["to"])
            orders.update(account=moved["from"])
        refresh_account_figures(accounts)

    def _memberships(self, changes: Sequence[Change]) -> None:
        ids = [change.object_id for change in changes]
        if not ids:
            return
        # Ended or with a role by now: somebody has looked after it.
        gone, _rows = AccountContact.objects.filter(
            pk__in=ids, until_date=None, from_date=None, role=""
        ).delete()
        self.restored += gone

    def _records(self, model: Any, key: str, changes: Sequence[Change]) -> None:
        ids = [change.object_id for change in changes]
        rows = model.objects.filter(IdIn(ids)).order_by("pk").select_for_update(of=("self",))
        records = {record.pk: record for record in rows}
        made = [c for c in changes if not c.before and not c.after]
        edited = [c for c in changes if c.before or c.after]
        self._creations(model, key, made, records)
        self._updates(model, key, edited, records)

    # Records that the import made

    def _creations(
        self, model: Any, key: str, changes: Sequence[Change], records: dict[int, Any]
    ) -> None:
        ids = [change.object_id for change in changes]
        in_use = self._in_use(model, ids) if ids else {}
        going = []
        for change in changes:
            record = records.get(change.object_id)
            if record is None:
                continue  # deleted since: nothing is left to take back
            if change.is_erased:
                self._keep(record, _t("Its personal data has been erased."))
            elif record.version != change.version or record.merged_into_id is not None:
                self._keep(record, _t("It has been changed since."))
            elif record.pk in in_use:
                self._keep(record, in_use[record.pk])
            else:
                going.append(record.pk)
        delete_with_all(model, key, going)
        self.restored += len(going)

    def _in_use(self, model: Any, ids: list[int]) -> dict[int, str]:
        """Records that others have done something with, and what."""
        found: dict[int, str] = {}
        for rows, name, reason in uses_of(model):
            hits = rows.filter(IdIn(ids, name)).values_list(name, flat=True)
            found |= dict.fromkeys(hits.distinct(), reason)
        later = Change.objects.filter(
            IdIn(ids, "object_id"), object_type=model._meta.label, pk__gt=self.oldest
        ).exclude(operation=self.of_import.operation)
        found |= dict.fromkeys(
            later.values_list("object_id", flat=True), _t("It has been changed since.")
        )
        return found

    # Records that it changed

    def _updates(
        self, model: Any, key: str, changes: Sequence[Change], records: dict[int, Any]
    ) -> None:
        back: list[tuple[Change, Any]] = []
        for change in changes:
            record = records.get(change.object_id)
            if record is None or change.is_erased:
                if record is not None:
                    self._keep(record, _t("Its personal data has been erased."))
                continue
            if record.version != change.version or record.merged_into_id is not None:
                self._keep(record, _t("It has been changed since."))
            else:
                back.append((change, record))
        if not back:
            return
        self._restore_columns(model, back)
        if key == "contact":
            self._restore_emails(back)
        self._restore_tags(model, key, back)
        self._reindex(model, back)
        self._note(key, back)
        self._tell(model, key, back)
        self.restored += len(back)

    def _restore_columns(self, model: Any, back: Sequence[tuple[Change, Any]]) -> None:
        now = timezone.now()
        columns = {"version", "updated_at"}
        for change, record in back:
            record.version += 1
            record.updated_at = now
            for name in change.after.keys() - _BESIDE:
                field = model._meta.get_field(name)
                setattr(record, field.attname, change.before.get(name))
                columns.add(name)
            if "custom" in change.after:
                custom = {k: v for k, v in record.custom.items() if k not in change.after["custom"]}
                record.custom = {**custom, **change.before.get("custom", {})}
                columns.add("custom")
        bulk.update(model, [record for _change, record in back], sorted(columns))

    def _restore_emails(self, back: Sequence[tuple[Change, Any]]) -> None:
        """Addresses the import has added go; adding is all it does with addresses."""
        wanted = [
            (record.pk, text.fold_email(address))
            for change, record in back
            for address in change.after.get("emails", ())
            if address not in change.before.get("emails", ())
        ]
        if not wanted:
            return
        owners = {pk for pk, _key in wanted}
        rows = ContactEmail.objects.filter(IdIn(owners, "contact"))
        pairs = set(wanted)
        going = [
            email.pk
            for email in rows
            if (email.contact_id, email.match_key or email.shared_key) in pairs
        ]
        ContactEmail.objects.filter(IdIn(going)).delete()

    def _restore_tags(self, model: Any, key: str, back: Sequence[tuple[Change, Any]]) -> None:
        wanted: dict[str, list[int]] = defaultdict(list)
        for change, record in back:
            for name in change.after.get("tags", ()):
                if name not in change.before.get("tags", ()):
                    wanted[tag_key(name)].append(record.pk)
        tags = dict(Tag.objects.filter(key__in=wanted).values_list("key", "pk")) if wanted else {}
        for folded, pk in tags.items():
            model.tags.through.objects.filter(IdIn(wanted[folded], key), tag=pk).delete()

    def _reindex(self, model: Any, back: Sequence[tuple[Change, Any]]) -> None:
        ids = [record.pk for _change, record in back]
        rows = model.objects.filter(IdIn(ids))
        if model is Contact:
            index_contacts(rows.prefetch_related("emails"))
        else:
            index_accounts(rows)

    def _note(self, key: str, back: Sequence[tuple[Change, Any]]) -> None:
        """The same changes the other way round, on the timelines of their records."""
        journal = Journal(Operation(pk=self.of_import.facts["undo"]["operation"]))
        for change, record in back:
            journal.add(
                record,
                version=record.version,
                before=change.after,
                after=change.before,
                **{f"{key}_id": record.pk},
            )
        journal.write()

    def _tell(self, model: Any, key: str, back: Sequence[tuple[Change, Any]]) -> None:
        signal = contact_changed if model is Contact else account_changed
        if signal.has_listeners(model):
            operation = Operation(pk=self.of_import.facts["undo"]["operation"])
            for _change, record in back:
                send_on_commit(signal, model, **{key: record, "operation": operation})

    def _keep(self, record: Any, reason: str) -> None:
        self.kept.append(
            ImportRow(
                of_import=self.of_import,
                row=0,
                outcome=ImportRow.Outcome.KEPT,
                label=str(record)[:255],
                object_id=record.pk,
                remarks=[{"column": None, "text": reason}],
            )
        )
