"""What becomes of a row: the part of planning that is the same for every area."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from oscar_crm.models import Import, ImportKey, ImportRow
from oscar_crm.queries.ids import IdIn, TextIn
from oscar_crm.queries.operations import survivor_id

from .fields import CUSTOM
from .options import Mode, Options
from .rows import Draft

Outcome = ImportRow.Outcome


@dataclass(slots=True)
class Decision:
    """A row and what will be done. ``record`` is new (``CREATE``) or the one it changes.

    ``before`` and ``after`` are what the journal keeps; ``added`` what comes to the record's
    lists: addresses, tags, companies.
    """

    draft: Draft
    outcome: str
    record: Any = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    added: dict[str, list[Any]] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)  # of a contact, as they will be
    has_main_company: bool = False

    @property
    def is_told(self) -> bool:
        """Whether there is more to say of the row than its outcome."""
        return bool(self.draft.remarks) or self.outcome in (Outcome.UPDATE, Outcome.REFUSED)

    def cells(self) -> list[dict[str, Any]]:
        """The differences, cell by cell."""
        changes = []
        for name, after in self.after.items():
            before = self.before.get(name)
            if name == "custom":
                changes += [
                    {"field": CUSTOM + key, "before": (before or {}).get(key), "after": value}
                    for key, value in after.items()
                ]
            else:
                changes.append({"field": name, "before": before, "after": after})
        return changes


def digest(key: str) -> int:
    """63 bits that stand for a key; see ``ImportKey``."""
    raw = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big") >> 1


class Planner:
    """Plans the rows of a block together. Writes nothing, whether it is a dry run or not.

    An area says how a row is matched and what of a record it changes.
    """

    area: str
    records: dict[int, Any]  # what the rows may match, after ``look_up``
    hidden_message: Any
    repeated_message: Any

    def __init__(self, of_import: Import, options: Options, user: Any, *, lock: bool) -> None:
        self.of_import, self.options, self.user = of_import, options, user
        self.lock = lock
        self.seen: dict[int, int] = {}
        self.fresh: dict[int, int] = {}

    def plan(self, drafts: Sequence[Draft]) -> list[Decision]:
        """One decision a row, in a number of queries that does not depend on their number."""
        self.look_at(drafts)
        keys = {draft.row: [digest(key) for key in self.keys_of(draft)] for draft in drafts}
        self.seen = self._seen(key for found in keys.values() for key in found)
        self.fresh = {}
        self.look_up([draft for draft in drafts if not draft.is_refused])
        self.seen |= self._seen(map(digest, self.keys_of_found()))
        return [self._decide(draft, keys[draft.row]) for draft in drafts]

    def _seen(self, keys: Iterable[int]) -> dict[int, int]:
        wanted = set(keys)
        if not wanted:
            return {}
        rows = ImportKey.objects.filter(IdIn(wanted, "key"), of_import=self.of_import)
        return dict(rows.values_list("key", "row"))

    def _decide(self, draft: Draft, keys: list[int]) -> Decision:
        if draft.is_blank and not draft.is_refused:
            return Decision(draft, Outcome.SKIP)
        decision = self._refused(draft) or self._matched(draft, keys)
        if decision.outcome != Outcome.REFUSED:
            self._remember(draft.row, keys)
        return decision

    def _refused(self, draft: Draft) -> Decision | None:
        return Decision(draft, Outcome.REFUSED) if draft.is_refused else None

    def _matched(self, draft: Draft, keys: list[int]) -> Decision:
        if (row := self._row_with(keys, before=draft.row)) is not None:
            draft.refuse(str(self.repeated_message) % {"row": row}, self.key_field)
            return Decision(draft, Outcome.REFUSED)
        record = self.match(draft)
        if draft.is_refused:
            return Decision(draft, Outcome.REFUSED)
        if record is None:
            return self._as_new(draft)
        keys.append(own := digest(f"#{record.pk}"))
        if (row := self._row_with([own], before=draft.row)) is not None:
            draft.refuse(str(self.repeated_message) % {"row": row}, self.key_field)
            return Decision(draft, Outcome.REFUSED)
        return self._as_known(draft, record)

    def _as_new(self, draft: Draft) -> Decision:
        if self.options.mode == Mode.UPDATE:
            return Decision(draft, Outcome.SKIP)
        record = self.make(draft)
        outcome = Outcome.REFUSED if draft.is_refused else Outcome.CREATE
        decision = Decision(draft, outcome, record)
        if outcome == Outcome.CREATE:
            self.add_lists(decision, is_new=True)
        return decision

    def _as_known(self, draft: Draft, record: Any) -> Decision:
        if self.options.mode == Mode.CREATE:
            return Decision(draft, Outcome.SKIP)
        decision = Decision(draft, Outcome.UPDATE, record)
        self._change_fields(decision)
        self.add_lists(decision, is_new=False)
        if draft.is_refused:
            decision.outcome = Outcome.REFUSED
        elif not decision.after:
            decision.outcome = Outcome.UNCHANGED
        return decision

    def _change_fields(self, decision: Decision) -> None:
        """Blank cells are not among the values: they never empty a field."""
        record, custom = decision.record, {}
        for key, value in decision.draft.values.items():
            if key.startswith(CUSTOM):
                custom[key.removeprefix(CUSTOM)] = value
                continue
            attribute = "owner_id" if key == "owner" else key
            current = getattr(record, attribute)
            if current != value and not (key == "owner" and str(current) == str(value)):
                decision.before[key], decision.after[key] = current, value
                setattr(record, attribute, value)
        changed = {k: v for k, v in custom.items() if record.custom.get(k) != v}
        if changed:
            kept = record.custom
            decision.before["custom"] = {k: kept[k] for k in changed if k in kept}
            decision.after["custom"] = changed
            record.custom = {**kept, **changed}

    def _row_with(self, keys: Iterable[int], *, before: int) -> int | None:
        """The earlier row that stands for the same; a block may be planned more than once."""
        for key in keys:
            row = self.fresh.get(key, self.seen.get(key))
            if row is not None and row < before:
                return row
        return None

    def _remember(self, row: int, keys: Iterable[int]) -> None:
        for key in keys:
            if key not in self.seen:
                self.fresh.setdefault(key, row)

    def claim(self, key: str, row: int) -> bool:
        """Note a key; whether this row is the first of the file with it."""
        number = digest(key)
        known = self.fresh.get(number, self.seen.get(number))
        if known is None:
            self.fresh[number] = row
        return known is None or known == row

    def external_id(self, draft: Draft) -> str:
        """The id with its source before it: those of two systems may be alike."""
        value = str(draft.values.get("external_id", ""))
        source = self.options.source
        if not value or not source or value.startswith(f"{source}:"):
            return value
        return f"{source}:{value}"

    def refuse_hidden(self, draft: Draft, key: str) -> None:
        draft.refuse(str(self.hidden_message), key)

    # What an area fills in.

    key_field = ""

    def look_at(self, drafts: Sequence[Draft]) -> None:
        """Note what all rows together tell, before anything is asked of one of them."""

    def keys_of(self, draft: Draft) -> list[str]:
        """What the row stands for; no two rows of a file may stand for the same."""
        raise NotImplementedError

    def look_up(self, drafts: Sequence[Draft]) -> None:
        """Read everything the rows may match."""
        raise NotImplementedError

    def keys_of_found(self) -> list[str]:
        """Keys of what has been looked up, which the rows alone do not tell."""
        return [f"#{pk}" for pk in self.records]

    def match(self, draft: Draft) -> Any:
        """The record that the row is, None if it is a new one; may refuse the row."""
        raise NotImplementedError

    def make(self, draft: Draft) -> Any:
        """A new record; may refuse the row."""
        raise NotImplementedError

    def add_lists(self, decision: Decision, *, is_new: bool) -> None:
        """Addresses, tags and companies that the record does not have yet."""
        raise NotImplementedError


def by_external_id(model: Any, ids: Iterable[str]) -> dict[str, int]:
    """The records of some external ids; of a merged one the record it was merged into."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = model.objects.filter(TextIn(wanted, "external_id")).exclude(external_id="")
    rows = rows.values_list("external_id", "pk", "merged_into")
    found = {key: (pk, into) for key, pk, into in rows}
    merged = [pk for pk, into in found.values() if into is not None]
    heirs = {one.pk: survivor_id(one) for one in model.objects.filter(pk__in=merged)}  # few
    return {key: heirs.get(pk, pk) for key, (pk, _into) in found.items()}


def ambiguous(count: int) -> str:
    return _("%s records match this row. Merge them, or give the one that is meant an ID.") % count
