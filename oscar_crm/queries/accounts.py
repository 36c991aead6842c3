"""Reading accounts: what a user may see, search."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from oscar_crm import match_keys, text
from oscar_crm.conf import crm_settings
from oscar_crm.models import Account, AccountWord

from .contacts import MAX_QUERY_WORDS


def visible_to(user: Any) -> QuerySet[Account]:
    """The accounts a user may see: the only door to them.

    With ``view_all_accounts`` all; else one's own and, by setting, those nobody owns. Accounts
    that were merged into another are nobody's any more.
    """
    if not user.has_perm("oscar_crm.view_account"):
        return Account.objects.none()
    found = Account.objects.filter(merged_into=None)
    if user.has_perm("oscar_crm.view_all_accounts"):
        return found
    mine = Q(owner=user.pk)
    if crm_settings.SHOW_UNASSIGNED:
        mine |= Q(owner=None)
    return found.filter(mine)


def search(accounts: QuerySet[Account], query: str) -> QuerySet[Account]:
    """Accounts matching every word of a query as the beginning of a name, domain or VAT number.

    A phone number may be written in any way.
    """
    if text.looks_like_phone(query):
        return accounts.filter(pk__in=_ids_of(text.digits(query)))
    words = text.words(query)[:MAX_QUERY_WORDS] or [text.fold(match_keys.vat_key(query))]
    if not any(words):
        return accounts.none()
    for word in words:
        accounts = accounts.filter(pk__in=_ids_of(word))
    return accounts


def _ids_of(word: str) -> Any:
    return AccountWord.objects.filter(word__startswith=word).values("account")


def names(user: Any, ids: Iterable[int]) -> dict[int, str]:
    """Names by id, of those that a user may see."""
    wanted = set(ids)
    return dict(visible_to(user).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
