"""The three members of staff who can log in, and one customer."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

User = get_user_model()

PASSWORD = "northern-light"
# What the sales and reading staff see of the shop itself.
SHOP_PERMISSIONS = ("view_order", "view_user", "view_product")


@dataclass(frozen=True, slots=True)
class Login:
    """A member of staff: e-mail, name, group in the CRM, and what that is good for."""

    email: str
    first_name: str
    last_name: str
    group: str
    note: str
    is_superuser: bool = False


LOGINS = (
    Login("owner@example.com", "Frida", "Nordlicht", "CRM manager", "everything", True),
    Login("sales@example.com", "Jonas", "Vertriebsmann", "CRM sales", "works with contacts"),
    Login("reader@example.com", "Mai", "Leseberg", "CRM read only", "looks, changes nothing"),
)


def make_staff() -> dict[str, Any]:
    """The users of LOGINS by e-mail, all with the same published password."""
    staff = {}
    for login in LOGINS:
        user = User.objects.create_user(
            username=login.email,
            email=login.email,
            password=PASSWORD,
            first_name=login.first_name,
            last_name=login.last_name,
            is_staff=True,
            is_superuser=login.is_superuser,
        )
        user.groups.add(Group.objects.get_or_create(name=login.group)[0])
        user.user_permissions.set(Permission.objects.filter(codename__in=SHOP_PERMISSIONS))
        staff[login.email] = user
    return staff
