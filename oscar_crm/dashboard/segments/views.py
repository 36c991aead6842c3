"""Segments: the list, saving a filter as one, changing, copying, counting, deleting."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from oscar_crm import broker
from oscar_crm.conf import crm_settings
from oscar_crm.dashboard.bulk.wording import Run
from oscar_crm.dashboard.contacts.filters import ContactFilterForm, list_form
from oscar_crm.exceptions import CRMError, ValidationError
from oscar_crm.models import Segment
from oscar_crm.queries import segments
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.queries.bulk import unfinished_of
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.keyset import Position, bounded_count, keyset_page
from oscar_crm.queries.stored_filters import from_json
from oscar_crm.services import segments as services
from oscar_crm.wording import bounded

from .forms import SegmentForm, as_query, initial_of, joined
from .tables import SegmentTable
from .wording import filter_lines


class SegmentListView(TemplateView):
    """One's own segments and the shared ones, each with its size."""

    template_name = "oscar_crm/segments/segment_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        found = segments.visible_to(user)
        page = keyset_page(
            found,
            segments.BY_NAME,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        is_only_page = not (page.before or page.after)
        count = len(page.rows) if is_only_page else bounded_count(found)
        caption = ngettext("%s segment", "%s segments", count) % bounded(count)
        dress(page.rows, user)
        unfinished = unfinished_of(user, CONTACTS)
        return super().get_context_data(
            page=page,
            table=SegmentTable(page.rows, caption=caption),
            unfinished=Run(unfinished) if unfinished else None,
            **kwargs,
        )


def dress(rows: Any, user: Any) -> None:
    """Give each row what its cells show, in a fixed number of queries."""
    filters = {segment.pk: from_json(segment.filter) for segment in rows}
    names = segments.names_in(filters.values(), user=user)
    sees_all = user.has_perm("oscar_crm.view_all_contacts")
    live = {} if sees_all else segments.live_counts(user, rows)
    for segment in rows:
        segment.lines = filter_lines(filters[segment.pk], names)
        segment.sees_all = sees_all
        segment.seen = segment.count if sees_all else live.get(segment.pk)
        segment.is_own = segment.owner_id == user.pk
        segment.may_change = sees_all or segment.is_own


class SegmentFormView(View):
    """A segment's name beside the list's filters, for a new one and for one that exists."""

    def record(self) -> Segment | None:
        """The segment that exists, which the user may change."""
        return None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        wanted, clashes = self.stored_filter()
        if clashes:
            labels = ContactFilterForm.base_fields
            both = ", ".join(str(labels[n].label) for n in clashes if n in labels)
            messages.warning(
                request,
                _("The segment and your filters differ in: %s. Yours are taken.") % both,
            )
        filters = ContactFilterForm(as_query(wanted, user=request.user), user=request.user)
        filters.contact_filter()
        return self.page(SegmentForm(initial=initial_of(self.record())), filters, wanted)

    def stored_filter(self) -> tuple[ContactFilter, list[str]]:
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.record()
        form = SegmentForm(request.POST)
        filters = ContactFilterForm(request.POST, user=request.user)
        wanted = filters.contact_filter()
        if form.is_valid() and not filters.errors:
            try:
                segment = self.save(wanted, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(error.field or None, str(error))
            else:
                services.try_count(segment) or count_later(segment)
                messages.success(request, _("The segment “%s” is saved.") % segment)
                return redirect("dashboard:crm-segment-list")
        return self.page(form, filters, wanted)

    def save(self, wanted: ContactFilter, *, name: str, is_shared: bool) -> Segment:
        raise NotImplementedError

    def page(
        self, form: SegmentForm, filters: ContactFilterForm, wanted: ContactFilter
    ) -> HttpResponse:
        context = {
            "form": form,
            "filters": filters,
            "segment": self.record(),
            "unreadable": wanted.unreadable,
        }
        return render(self.request, "oscar_crm/segments/segment_form.html", context)


class SegmentCreateView(SegmentFormView):
    """With the contact list's query string, its filters are already set."""

    def stored_filter(self) -> tuple[ContactFilter, list[str]]:
        return joined(list_form(self.request.GET, user=self.request.user).contact_filter())

    def save(self, wanted: ContactFilter, *, name: str, is_shared: bool) -> Segment:
        return services.create_segment(name, wanted, is_shared=is_shared, by=self.request.user)


class SegmentMixin:
    """A segment the user may change; 404 for all others."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def segment(self) -> Segment:
        return get_object_or_404(segments.changeable_by(self.request.user), pk=self.kwargs["pk"])


class SegmentUpdateView(SegmentMixin, SegmentFormView):
    def stored_filter(self) -> tuple[ContactFilter, list[str]]:
        return from_json(self.segment.filter), []

    def save(self, wanted: ContactFilter, *, name: str, is_shared: bool) -> Segment:
        return services.update_segment(
            self.segment, name, wanted, is_shared=is_shared, by=self.request.user
        )

    def record(self) -> Segment:
        return self.segment


class SegmentDuplicateView(View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        segment = get_object_or_404(segments.visible_to(request.user), pk=pk)
        copy = services.duplicate_segment(segment, by=request.user)
        messages.success(request, _("“%s” is a copy of your own. Change what you like.") % copy)
        return redirect("dashboard:crm-segment-update", pk=copy.pk)


class SegmentCountView(View):
    """Count now; what takes too long is left to a worker, or to the command."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        segment = get_object_or_404(segments.visible_to(request.user), pk=pk)
        if services.try_count(segment):
            messages.success(request, _("“%s” is counted.") % segment)
        elif count_later(segment):
            messages.info(
                request,
                _("“%s” takes longer to count: it is counted in the background.") % segment,
            )
        else:
            messages.warning(
                request,
                _(
                    "“%s” takes longer to count than a page can wait. It is counted the next time "
                    "the command crm_count_segments runs; the last count stays until then."
                )
                % segment,
            )
        return redirect("dashboard:crm-segment-list")


class SegmentDeleteView(SegmentMixin, TemplateView):
    """GET asks, POST deletes."""

    template_name = "oscar_crm/segments/segment_delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        uses = segments.uses_of(self.segment)
        return super().get_context_data(segment=self.segment, uses=uses, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            services.delete_segment(self.segment, by=request.user)
        except CRMError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, _("The segment “%s” is deleted. Its contacts stay.") % self.segment
            )
        return redirect("dashboard:crm-segment-list")


def count_later(segment: Segment) -> bool:
    """Leave the counting to a worker; False where there is none."""
    return crm_settings.ASYNC and broker.publish("oscar_crm.count_segments", [segment.pk])
