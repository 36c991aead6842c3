"""A long change that was begun here and is not finished: the list reminds of it.

Kept in the session, so that the list needs no query to know that there is none. The list of
segments looks in the database instead.
"""

from django.http import HttpRequest

from oscar_crm.models import Operation
from oscar_crm.queries.bulk import visible_to

KEY = "crm_bulk_change"


def remember(request: HttpRequest, opened: Operation) -> None:
    request.session[KEY] = opened.pk


def unfinished_here(request: HttpRequest) -> Operation | None:
    """The change that was begun in this session, unless it has come to its end."""
    pk = request.session.get(KEY)
    if pk is None:
        return None
    found = visible_to(request.user).filter(pk=pk, finished_at=None).first()
    if found is None:
        del request.session[KEY]
    return found
