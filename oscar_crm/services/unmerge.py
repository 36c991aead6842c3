"""What the undo of a merge does beyond its journal: whose are the orders that came since?"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.exceptions import UndoError
from oscar_crm.models import (
    Change,
    Contact,
    ContactEmail,
    ContactUser,
    Operation,
    OrderLink,
)
from oscar_crm.queries.areas import AREAS
from oscar_crm.queries.memberships import accounts_at

from .buyers import person_of_order
from .identity import is_shared
from .undo_run import UndoRun

_CHUNK = 1000


def check_unmerge(operation: Operation) -> None:
    """Raise ``UndoError`` where a later merge or an erasure stands in the way."""
    state = operation.state
    rows = AREAS[state["area"]].model._default_manager
    kept: Any = rows.filter(pk=state["into"]).first()
    if kept is None:
        raise UndoError(_("What the others were merged into is not there any more."))
    if kept.merged_into_id is not None:
        raise UndoError(  # into which may be nothing for these eyes
            _("“%s” was merged into another record later. Undo that merge first.") % kept
        )
    everybody = rows.filter(pk__in=[state["into"], *state["others"]])
    if hasattr(kept, "erased_at") and everybody.filter(erased_at__isnull=False).exists():
        raise UndoError(_("The data of this person has been erased: the merge stays."))


def give_back_later_orders(run: UndoRun, operation: Operation) -> None:
    """Orders that came since the merge go to whoever gets back what they came by."""
    state = operation.state
    others = [pk for pk in state["others"] if _is_back(state, pk)]
    if not others:
        return
    name = state["area"]
    since = Q(pk__gt=state["last_link"]) | Q(pk__in=state["failed"])
    links = OrderLink.objects.filter(since, **{name: state["into"]})
    by_hand = Change.objects.filter(
        operation__kind=Operation.Kind.ASSIGN_ORDER,
        operation__pk__gt=operation.pk,
        object_type=OrderLink._meta.label,
    )
    links = links.exclude(pk__in=by_hand.values("object_id")).select_related("order__user")
    owners = _owners_by_address if name == "contact" else _owners_by_company
    going: dict[int, list[int]] = defaultdict(list)
    rows = list(links.order_by("pk"))
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        for link_id, owner in owners(chunk, set(others)).items():
            going[owner].append(link_id)
    for owner, ids in going.items():
        _hand_over(run, operation, owner, ids)
    if name == "contact":
        _follow_companies(run, [link.pk for link in rows])


def _is_back(state: dict[str, Any], pk: int) -> bool:
    rows = AREAS[state["area"]].model._default_manager
    return bool(rows.filter(pk=pk, **{"merged_into": None}).exists())


def _owners_by_address(links: Iterable[OrderLink], others: set[int]) -> dict[int, int]:
    """Which of these orders came by the shop account or address of one of the ``others``."""
    rows = list(links)
    keys = {text.fold_email(link.email) for link in rows if link.email}
    users = {link.order.user_id for link in rows if link.order is not None}
    by_user = dict(
        ContactUser.objects.filter(user__in=users - {None}).values_list("user_id", "contact_id")
    )
    by_key = dict(
        ContactEmail.objects.filter(match_key__in=keys).values_list("match_key", "contact_id")
    )
    by_name = _shared_names(keys, others)
    found = {}
    for link in rows:
        user_id = link.order.user_id if link.order is not None else None
        key = text.fold_email(link.email)
        owner = by_user.get(user_id) if user_id in by_user else by_key.get(key)
        if owner is None and link.order is not None and is_shared(link.email):
            owner = by_name.get((key, text.fold(person_of_order(link.order).name)))
        if owner in others:
            found[link.pk] = int(owner)
    return found


def _shared_names(keys: set[str], others: set[int]) -> dict[tuple[str, str], int]:
    shared = ContactEmail.objects.filter(shared_key__in=keys, contact__in=others)
    return {
        (email.shared_key or "", text.fold(email.contact.full_name)): email.contact_id
        for email in shared.select_related("contact")
    }


def _owners_by_company(links: Iterable[OrderLink], others: set[int]) -> dict[int, int]:
    """Which of these orders are of people who belonged to one of the ``others`` then."""
    pairs = {link.pk: (link.contact_id, link.placed_at) for link in links if link.contact_id}
    companies = accounts_at(pairs.values())
    found = {pk: companies.get(pair) for pk, pair in pairs.items()}
    return {pk: owner for pk, owner in found.items() if owner in others}


def _hand_over(run: UndoRun, operation: Operation, owner: int, ids: list[int]) -> None:
    name, into = operation.state["area"], operation.state["into"]
    for start in range(0, len(ids), _CHUNK):
        OrderLink.objects.filter(pk__in=ids[start : start + _CHUNK]).update(**{f"{name}_id": owner})
    change = Change(
        contact_id=owner if name == "contact" else None,
        account_id=owner if name == "account" else None,
        object_type=OrderLink._meta.label,
        object_id=ids[0],
    )
    run.put_back(change, moved={"field": name, "from": into, "to": owner, "ids": ids})
    run.links.update(ids)
    (run.contacts if name == "contact" else run.accounts).update({into, owner})


def _follow_companies(run: UndoRun, ids: list[int]) -> None:
    """Orders that came since the merge count for the companies their contacts have by themselves.

    Merged, the contacts had all of their companies together.
    """
    going: dict[tuple[int | None, int | None], list[int]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        links = OrderLink.objects.filter(pk__in=ids[start : start + _CHUNK]).order_by("pk")
        rows = list(links.values_list("pk", "contact_id", "placed_at", "account_id"))
        companies = accounts_at((contact, at) for _pk, contact, at, _old in rows if contact)
        for pk, contact, at, old in rows:
            if contact and (new := companies.get((contact, at))) != old:
                going[old, new].append(pk)
    for (source, target), moved in going.items():
        for start in range(0, len(moved), _CHUNK):
            some = OrderLink.objects.filter(pk__in=moved[start : start + _CHUNK])
            some.update(account=target)
        change = Change(
            account_id=source or target, object_type=OrderLink._meta.label, object_id=moved[0]
        )
        run.put_back(change, moved={"field": "account", "from": source, "to": target, "ids": moved})
        run.accounts.update(pk for pk in (source, target) if pk is not None)


def ensure_main_emails(operation: Operation) -> None:
    """Whoever has addresses has a main one, even where some were edited since the merge."""
    state = operation.state
    if state["area"] != "contact":
        return
    everybody = Contact.objects.filter(pk__in=[state["into"], *state["others"]])
    for contact in everybody.prefetch_related("emails"):
        emails = sorted(contact.emails.all(), key=lambda email: email.pk)
        if emails and not any(email.is_primary for email in emails):
            ContactEmail.objects.filter(pk=emails[0].pk).update(is_primary=True)
