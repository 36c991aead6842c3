"""What a list needs so that many of its records can be changed at once."""

from typing import Any

from django.http import HttpRequest

from oscar_crm.dashboard.contacts.filters import POSITION
from oscar_crm.queries.areas import Area
from oscar_crm.wording import bounded

from .forms import BulkForm
from .sessions import unfinished_here
from .wording import Run


def bulk_context(request: HttpRequest, area: Area, form: Any, count: int) -> dict[str, Any]:
    """What the ticked records can be made to be; nothing for who may not change them.

    ``form`` is the list's filter, which knows all tags and the colleagues that may be named.
    """
    if not area.may_be_changed_by(request.user):
        return {}
    query = request.GET.copy()
    for name in POSITION:
        query.pop(name, None)
    # Colleagues are named only to those who may see their records.
    owners = [u for u in form.colleagues or [request.user] if u.is_active]
    bulk_form = BulkForm(
        area=area,
        user=request.user,
        tags=form.known_tags,
        owners=owners,
        initial={"query": query.urlencode()},
    )
    unfinished = unfinished_here(request, area)
    return {
        "bulk_form": bulk_form,
        "bulk_count": bounded(count),
        "unfinished": Run(unfinished) if unfinished else None,
    }
