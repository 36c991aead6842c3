"""Changes of many records at once: what they are, which they would change, how far they got."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from oscar_crm.models import Operation

from .areas import AREAS, CONTACTS, Area

TAG, UNTAG, OWNER, ARCHIVE, RESTORE = "tag", "untag", "owner", "archive", "restore"
KINDS = (TAG, UNTAG, OWNER, ARCHIVE, RESTORE)


@dataclass(frozen=True)
class BulkAction:
    """``kind`` is one of ``KINDS``; ``tag`` an id; ``owner`` a user's id as text, "" for nobody."""

    kind: str
    tag: int = 0
    owner: str = ""

    def changes(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """Those of some records that are not yet as the action makes them."""
        if self.kind in (TAG, UNTAG):
            links, owner = tag_links(found.model)
            tagged = links.filter(**{owner: OuterRef("pk")}, tag_id=self.tag)
            return found.filter(Exists(tagged) if self.kind == UNTAG else ~Exists(tagged))
        if self.kind == OWNER and self.owner:
            return found.exclude(**{"owner": self.owner, "owner__isnull": False})
        if self.kind == OWNER:
            return found.exclude(owner=None)
        return found.filter(archived_at__isnull=self.kind == ARCHIVE)


@dataclass(frozen=True)
class Target:
    """What a bulk change is about: some ids, or all that pass a filter, as far as visible.

    ``filter`` is one of the area's own kind.
    """

    ids: tuple[int, ...] = ()
    filter: Any = None
    area: Area = CONTACTS

    def records(self, user: Any) -> QuerySet[Any]:
        """The records of the target that a user may see, without the erased."""
        if self.filter is not None:
            return not_erased(self.area.filtered(user, self.filter))
        return not_erased(self.area.visible_to(user).filter(pk__in=self.ids))


def not_erased(records: QuerySet[Any]) -> QuerySet[Any]:
    """Those of some records that still stand for somebody; only contacts can be erased."""
    return records.filter(erased_at=None) if hasattr(records.model, "erased_at") else records


def tag_links(model: Any) -> tuple[Any, str]:
    """The rows that join records with tags, and what their column of records is called."""
    return model.tags.through._default_manager, f"{model.tags.field.m2m_field_name()}_id"


def area_of(opened: Operation) -> Area:
    """What the records of a bulk change are."""
    return AREAS[opened.state["area"]]


def bulk_changes() -> QuerySet[Operation]:
    """Those that keep their place; an operation of this kind may have been made otherwise."""
    return Operation.objects.filter(kind=Operation.Kind.BULK, state__has_key="progress")


def find_bulk_change(pk: int) -> Operation | None:
    """A bulk change by its id."""
    return bulk_changes().select_related("actor").filter(pk=pk).first()


def visible_to(user: Any, area: Area) -> QuerySet[Operation]:
    """The bulk changes in an area that a user began: nobody else can go on with them."""
    return bulk_changes().filter(actor=user.pk, state__area=area.key)


def unfinished_of(user: Any, area: Area) -> Operation | None:
    """The newest bulk change in an area that a user began and that has not come to its end."""
    return visible_to(user, area).filter(finished_at=None).order_by("-started_at").first()
