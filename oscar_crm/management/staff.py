"""The user in whose name a command works: what they may see and do, the command sees and does."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.db.models import Q

from oscar_crm.queries.contacts import staff
from oscar_crm.relations import has_field


def find_staff(name: str) -> Any:
    """Staff by e-mail address or login name. Raises ``CommandError`` if there is none or two."""
    login = get_user_model().USERNAME_FIELD
    wanted = Q(**{login: name})
    if has_field(get_user_model(), "email"):
        wanted |= Q(email__iexact=name)
    found = list(staff().filter(wanted, is_active=True)[:2])
    if len(found) != 1:
        many = "Several members of staff are" if found else "No member of staff is"
        raise CommandError(f"{many} called {name!r}. Give the e-mail address or login name.")
    return found[0]
