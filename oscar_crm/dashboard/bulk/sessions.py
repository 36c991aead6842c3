"""A long change that was begun here and is not finished: the list reminds of it.

Kept in the session, so that the list needs no query to know that there is none. The list of
segments looks in the database instead.
"""

from django.http import HttpRequest

from oscar_crm.models import Operation
from oscar_crm.queries.areas import Area
from oscar_crm.queries.bulk import visible_to


def _key(area: Area) -> str:
    return f"crm_bulk_change_{area.key}"


def remember(request: HttpRequest, opened: Operation, area: Area) -> None:
    request.session[_key(area)] = opened.pk


def unfinished_here(request: HttpRequest, area: Area) -> Operation | None:
    """The change that was begun in this session, unless it has come to its end."""
    pk = request.session.get(_key(area))
    if pk is None:
        return None
    found = visible_to(request.user, area).filter(pk=pk, finished_at=None).first()
    if found is None:
        del request.session[_key(area)]
    return found
