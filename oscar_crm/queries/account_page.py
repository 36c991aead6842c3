"""What the page of one account shows beside its own fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, prefetch_related_objects
from django.db.models.expressions import RawSQL

from oscar_crm.models import Account, AccountContact, Contact, CustomField, OrderLink

from . import accounts, memberships, orders
from .contacts import is_id
from .custom_fields import with_definitions
from .duplicates import with_twins

LATEST_ORDERS = 10
SHOWN_PEOPLE = 20
SHOWN_CHILDREN = 20
FAMILY_LIMIT = 5_000
LEVELS = 20  # twice as many as services let in, so that a loop in the data ends
# The account and those below it. UNION and the level keep it finite whatever the data.
_TREE = """
WITH RECURSIVE tree (id, level) AS (
  SELECT id, 1 FROM oscar_crm_account WHERE id = %s
  UNION
  SELECT child.id, tree.level + 1 FROM oscar_crm_account child
  JOIN tree ON child.parent_id = tree.id WHERE tree.level < %s
) SELECT id FROM tree LIMIT %s
"""


@dataclass(frozen=True)
class RollUp:
    """Figures of an account and those below it, in base currency; each order counts once.

    An order belongs to one account, so the accounts' own figures add up.
    """

    lifetime_value: Decimal
    orders_count: int
    unvalued_orders: int
    last_order_at: datetime | None
    accounts: int

    @property
    def average(self) -> Decimal | None:
        """Per order with a known rate, None without any."""
        valued = self.orders_count - self.unvalued_orders
        return (self.lifetime_value / valued).quantize(Decimal("0.01")) if valued > 0 else None


@dataclass(frozen=True)
class Family:
    """An account with what the user may see above and below it. ``tree`` has all ids below too."""

    account: Account
    parent: Account | None
    children: list[Account]
    tree: list[int]
    rollup: RollUp


def family(user: Any, pk: int) -> Family | None:
    """An account with its parent, sub-accounts and rolled-up figures: one query.

    The account brings the definitions of its custom fields along.

    None if the user may not see the account. Sub-accounts at any depth count as far as they may
    be seen, ``FAMILY_LIMIT`` at most.
    """
    if not is_id(str(pk)):
        return None
    tree: Any = RawSQL(_TREE, (pk, LEVELS, FAMILY_LIMIT))  # noqa: S611 - constant, no input in it
    above = Account.objects.filter(pk=pk).values("parent")
    seen = with_twins(user, accounts.visible_to(user), pk=pk)
    seen = with_definitions(seen, CustomField.Area.ACCOUNT, only=pk)
    rows = seen.filter(Q(pk__in=tree) | Q(pk__in=above))
    found = {account.pk: account for account in rows.select_related("owner").order_by("sort_name")}
    account = found.get(pk)
    if account is None:
        return None
    parent = found.pop(account.parent_id, None) if account.parent_id else None
    return Family(
        account=account,
        parent=parent,
        children=[row for row in found.values() if row.parent_id == pk],
        tree=list(found),
        rollup=_rolled_up(found.values()),
    )


def _rolled_up(rows: Iterable[Account]) -> RollUp:
    known = list(rows)
    return RollUp(
        lifetime_value=sum((Decimal(row.lifetime_value) for row in known), Decimal(0)),
        orders_count=sum(row.orders_count for row in known),
        unvalued_orders=sum(row.unvalued_orders for row in known),
        last_order_at=max((r.last_order_at for r in known if r.last_order_at), default=None),
        accounts=len(known),
    )


def latest_orders(found: Family, user: Any) -> list[OrderLink]:
    """The newest orders of an account and those below it that the user may see: one query."""
    # One account is read from its index; of several the newest have to be sorted out.
    wanted = {"account": found.tree[0]} if len(found.tree) == 1 else {"account__in": found.tree}
    rows = orders.visible_to(user).filter(**wanted).select_related("order", "contact")
    return list(rows.order_by("-placed_at", "-pk")[:LATEST_ORDERS])


def first_people(account: Account, user: Any) -> list[AccountContact]:
    """Some people of an account, those who are still there first, one more than are shown."""
    rows = memberships.people_of(account, user).prefetch_related(None)
    still_there_first = F("until_date").desc(nulls_first=True)
    return list(rows.order_by(still_there_first, "contact__sort_name", "pk")[: SHOWN_PEOPLE + 1])


def load_addresses(people: Iterable[Contact | None]) -> None:
    """Load the addresses by which contacts without a name are called: one query."""
    prefetch_related_objects([contact for contact in people if contact is not None], "emails")


def addresses_of(account: Account, countries: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Billing and shipping address as lines of text, left out where there is none."""
    found = []
    for kind in ("billing", "shipping"):
        names = ("line1", "line2", "city", "state", "postcode", "country")
        values = {name: getattr(account, f"{kind}_{name}").strip() for name in names}
        values["country"] = countries.get(values["country"], values["country"])
        if any(values.values()):
            found.append((kind, [value for value in values.values() if value]))
    return found
