"""Reading tags: the list, how many records carry one, where they are joined to records."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery

from oscar_crm.models import Tag

from .areas import AREAS, Area
from .keyset import COUNT_LIMIT, Sort, bounded_count

BY_NAME = Sort("key")


def visible_to(user: Any) -> QuerySet[Tag]:
    """Tags are everybody's who may see tags at all."""
    return Tag.objects.all() if user.has_perm("oscar_crm.view_tag") else Tag.objects.none()


@dataclass(frozen=True)
class Join:
    """The table that joins tags to the records of an area; ``owner`` is the foreign key to them."""

    area: Area
    model: type[models.Model]
    owner: str

    @property
    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.all()

    @property
    def label(self) -> str:
        return self.model._meta.label


def joins() -> list[Join]:
    """One per area whose records can be tagged."""
    found = []
    for area in AREAS.values():
        tags: Any = getattr(area.model, "tags", None)
        if tags is not None:
            owner = area.model._meta.get_field("tags").m2m_field_name()  # type: ignore[union-attr]
            found.append(Join(area, tags.through, owner))
    return found


class _Count(Subquery):
    """The number of rows of a subquery."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value: Any = 0  # of areas a user may not see at all


def with_counts(tags: QuerySet[Tag], user: Any) -> QuerySet[Tag]:
    """Let each tag carry ``<area>_count``: the records a user may see, at most 10,001."""
    for join in joins():
        seen = join.area.visible_to(user).filter(archived_at=None, tags=OuterRef("pk"))
        tags = tags.annotate(
            **{f"{join.area.key}_count": _Count(seen.order_by().values("pk")[: COUNT_LIMIT + 1])}
        )
    return tags


def carriers(tag: Tag) -> dict[Area, int]:
    """How many records of each area carry a tag, seen or not, at most 10,001 each."""
    return {join.area: bounded_count(join.rows.filter(tag=tag)) for join in joins()}
