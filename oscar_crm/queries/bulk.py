"""Changes of many contacts at once: what they are, whom they would change, how far they got."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from oscar_crm.models import Contact, Operation

from . import contacts
from .contacts import ContactFilter

TAG, UNTAG, OWNER, ARCHIVE, RESTORE = "tag", "untag", "owner", "archive", "restore"
KINDS = (TAG, UNTAG, OWNER, ARCHIVE, RESTORE)


@dataclass(frozen=True)
class BulkAction:
    """``kind`` is one of ``KINDS``; ``tag`` an id; ``owner`` a user's id as text, "" for nobody."""

    kind: str
    tag: int = 0
    owner: str = ""

    def changes(self, found: QuerySet[Contact]) -> QuerySet[Contact]:
        """Those of some contacts that are not yet as the action makes them."""
        if self.kind in (TAG, UNTAG):
            tagged = Contact.tags.through._default_manager.filter(
                tag_id=self.tag, contact_id=OuterRef("pk")
            )
            return found.filter(Exists(tagged) if self.kind == UNTAG else ~Exists(tagged))
        if self.kind == OWNER and self.owner:
            return found.exclude(**{"owner": self.owner, "owner__isnull": False})
        if self.kind == OWNER:
            return found.exclude(owner=None)
        return found.filter(archived_at__isnull=self.kind == ARCHIVE)


@dataclass(frozen=True)
class Target:
    """Whom a bulk change is about: some ids, or all that pass a filter, as far as visible."""

    ids: tuple[int, ...] = ()
    filter: ContactFilter | None = None

    def contacts(self, user: Any) -> QuerySet[Contact]:
        """The contacts of the target that a user may see, without the erased."""
        if self.filter is not None:
            return contacts.filtered_contacts(user, self.filter).filter(erased_at=None)
        return contacts.visible_to(user).filter(pk__in=self.ids, erased_at=None)


def bulk_changes() -> QuerySet[Operation]:
    """Those that keep their place; an operation of this kind may have been made otherwise."""
    return Operation.objects.filter(kind=Operation.Kind.BULK, state__has_key="progress")


def find_bulk_change(pk: int) -> Operation | None:
    """A bulk change by its id."""
    return bulk_changes().select_related("actor").filter(pk=pk).first()


def visible_to(user: Any) -> QuerySet[Operation]:
    """The bulk changes that a user began: nobody else can go on with them."""
    return bulk_changes().filter(actor=user.pk)


def unfinished_of(user: Any) -> Operation | None:
    """The newest bulk change that a user began and that has not come to its end."""
    return visible_to(user).filter(finished_at=None).order_by("-started_at").first()
