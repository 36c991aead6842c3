"""The tags of a block's rows: which there are, and which come to a record."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from oscar_crm import text
from oscar_crm.models import Tag
from oscar_crm.queries.ids import IdIn
from oscar_crm.services.tags import TAG_COLOURS

from .decisions import Decision
from .rows import Draft


def tag_key(name: str) -> str:
    return text.fold(name)[:200]


def names_of(tags: Iterable[str]) -> list[str]:
    """Names of tags that fold differently, each once."""
    return list({tag_key(name): name for name in reversed(list(tags))}.values())[::-1]


class TagFinder:
    """What tags some records have, and which of a row's are missing. Tags are never taken off."""

    def __init__(
        self,
        model: type[models.Model],
        drafts: Sequence[Draft],
        for_all: Sequence[str],
        records: Sequence[int],
    ) -> None:
        self.for_all = for_all
        self.on: dict[int, dict[str, str]] = defaultdict(dict)
        self.owner = str(model._meta.model_name)
        self.through: Any = model.tags.through  # type: ignore[attr-defined]
        if records and (for_all or any("tags" in draft.lists for draft in drafts)):
            rows = self.through.objects.filter(IdIn(records, self.owner))
            for pk, key, name in rows.order_by("tag__key").values_list(
                f"{self.owner}_id", "tag__key", "tag__name"
            ):
                self.on[pk][key] = name

    def add(self, decision: Decision, pk: int) -> None:
        wanted = names_of([*decision.draft.lists.get("tags", ()), *self.for_all])
        known = self.on[pk] if pk else {}
        new = [name for name in wanted if tag_key(name) not in known]
        if not new:
            return
        decision.added["tags"] = new
        if pk:
            decision.before["tags"] = list(known.values())
            decision.after["tags"] = [*known.values(), *new]


def find_or_make_tags(names: Iterable[str]) -> dict[str, int]:
    """Ids of tags by key, those that are missing made; two queries at most."""
    wanted = {tag_key(name): " ".join(name.split()) for name in names}
    if not wanted:
        return {}
    found = dict(Tag.objects.filter(key__in=wanted).values_list("key", "pk"))
    missing = [key for key in wanted if key not in found]
    if missing:
        first = Tag.objects.count()
        Tag.objects.bulk_create(
            [
                Tag(key=key, name=wanted[key], colour=TAG_COLOURS[(first + n) % len(TAG_COLOURS)])
                for n, key in enumerate(missing)
            ],
            ignore_conflicts=True,
        )
        found |= dict(Tag.objects.filter(key__in=missing).values_list("key", "pk"))
    return found
