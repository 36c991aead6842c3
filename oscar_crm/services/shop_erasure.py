"""What an erasure does beyond the CRM, where staff ask for it: the shop's orders and accounts."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models.deletion import ProtectedError, RestrictedError
from django.utils.translation import gettext as _
from oscar.core.loading import get_model

from oscar_crm.exceptions import ValidationError

ADDRESSES = ("shipping_address", "billing_address")


def blank_orders(contact_ids: Sequence[int]) -> dict[str, int]:
    """Empty the guest e-mail and the addresses of the contacts' orders; the country stays.

    An address row that an order of somebody else uses as well is left as it is: the orders of
    these contacts let go of it. Returns how many orders and addresses were changed.
    """
    manager = get_model("order", "Order")._default_manager
    orders = manager.filter(crm_link__contact__in=contact_ids)
    counts = {"orders": orders.exclude(guest_email="").update(guest_email="")}
    counts["addresses"] = sum(_blank_addresses(manager, orders, name) for name in ADDRESSES)
    return counts


def _blank_addresses(manager: Any, orders: Any, name: str) -> int:
    mine = orders.exclude(**{name: None})
    others = manager.filter(**{f"{name}__in": mine.values(name)})
    others = others.exclude(pk__in=orders.values("pk"))
    shared = set(others.values_list(name, flat=True))
    detached = mine.filter(**{f"{name}__in": shared}).update(**{name: None}) if shared else 0
    addresses: Any = manager.model._meta.get_field(name).related_model
    rows = addresses._default_manager.filter(pk__in=mine.values(name))
    return int(detached + rows.update(**_nothing(addresses)))


def _nothing(model: type[models.Model]) -> dict[str, Any]:
    """Empty values of all fields that a shop's address may have, but for its country."""
    found: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.is_relation:
            continue
        if isinstance(field, models.CharField | models.TextField) and not field.unique:
            found[field.name] = ""
        elif field.null:
            found[field.name] = None
    return found


def lock_users(user_ids: Iterable[Any]) -> list[Any]:
    """The shop accounts that still exist, locked."""
    users = get_user_model()._default_manager.filter(pk__in=list(user_ids))
    return list(users.select_for_update().order_by("pk"))


def may_be_deleted(user: Any) -> bool:
    """Whether a shop account is only a customer's: nobody's access to the dashboard ends here."""
    return not (user.is_staff or user.is_superuser)


def delete_users(users: Sequence[Any]) -> int:
    """Delete shop accounts as Oscar's "Delete profile" does. Returns how many.

    Raises ``ValidationError`` for accounts of staff, and where the shop protects an account.
    """
    if not all(may_be_deleted(user) for user in users):
        raise ValidationError(
            _(
                "The shop account belongs to staff and is not deleted here. Take the staff "
                "rights away first, or erase without deleting the account."
            ),
            field="delete_users",
        )
    for user in users:
        try:
            user.delete()
        except (ProtectedError, RestrictedError) as error:
            raise ValidationError(
                _(
                    "The shop does not let the account be deleted: other records depend on it. "
                    "Erase without deleting the account."
                ),
                field="delete_users",
            ) from error
    return len(users)
