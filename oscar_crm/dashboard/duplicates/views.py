"""The review queue of possible duplicates, and what was said to be none."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from oscar_crm.models import DuplicatePair
from oscar_crm.queries import duplicates
from oscar_crm.queries.areas import AREAS, CONTACTS, Area
from oscar_crm.queries.contacts import is_id
from oscar_crm.queries.keyset import Position, bounded_count, keyset_page
from oscar_crm.services.duplicates import dismiss_pair, restore_pair
from oscar_crm.wording import bounded

from .wording import card_of


class DuplicateListView(TemplateView):
    """Pairs of one area, best first; with ``dismissed`` those said to be none, latest first."""

    template_name = "oscar_crm/duplicates/duplicate_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, area = self.request.user, self._area()
        is_dismissed = "dismissed" in self.request.GET
        found = (duplicates.dismissed_pairs if is_dismissed else duplicates.open_pairs)(user, area)
        of = self.request.GET.get("of", "")
        if is_id(of):
            found = duplicates.of_record(found, int(of))
        page = keyset_page(
            found,
            duplicates.LATEST_FIRST if is_dismissed else duplicates.BEST_FIRST,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        is_only_page = not (page.before or page.after)
        count = len(page.rows) if is_only_page else bounded_count(found)
        return {
            **super().get_context_data(**kwargs),
            "area": area,
            "tabs": [tab for tab in AREAS.values() if tab.may_be_merged_by(user)],
            "is_dismissed": is_dismissed,
            "page": page,
            "count": bounded(count),
            "cards": [card_of(pair) for pair in duplicates.with_records(page.rows)],
            "last": duplicates.last_scan(),
        }

    def _area(self) -> Area:
        area = AREAS.get(self.request.GET.get("area", ""), CONTACTS)
        if not area.may_be_merged_by(self.request.user):
            raise PermissionDenied
        return area


class PairView(View):
    """What one may decide about a pair; 404 unless both sides are visible."""

    def get_pair(self) -> DuplicatePair:
        return get_object_or_404(duplicates.visible_to(self.request.user), pk=self.kwargs["pk"])

    def back(self, pair: DuplicatePair, **query: Any) -> HttpResponse:
        words = urlencode({"area": pair.area, **query})
        return redirect(f"{reverse('dashboard:crm-duplicate-list')}?{words}")


class DuplicateDismissView(PairView):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        pair = self.get_pair()
        dismiss_pair(pair, by=request.user)
        messages.success(
            request, _("Noted: no duplicate. You can take it back under “Not duplicates”.")
        )
        return self.back(pair)


class DuplicateRestoreView(PairView):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        pair = self.get_pair()
        restore_pair(pair)
        messages.success(request, _("The two are listed as possible duplicates again."))
        return self.back(pair, dismissed=1)
