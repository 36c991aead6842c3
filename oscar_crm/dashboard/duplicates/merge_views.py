"""Side by side: choosing each field's value, and merging."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm.exceptions import CRMError
from oscar_crm.models import Operation
from oscar_crm.queries import duplicates
from oscar_crm.queries.areas import CONTACTS, Area
from oscar_crm.queries.contacts import is_id
from oscar_crm.services.merge import MAIN_EMAIL, MOST_RECORDS, merge_records

from .comparison import VALUE, Comparison
from .wording import reasons_in_words


class MergeView(View):
    """Compares the records of ``?ids=1,2`` and merges them; 404 if one may not be seen."""

    area: Area = CONTACTS
    template_name = "oscar_crm/duplicates/merge.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        ids = _ids(request.GET.get("ids", ""))
        if problem := _problem(ids):
            return render(request, self.template_name, {"area": self.area, "problem": problem})
        return self._page(self._records(ids))

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = _ids(request.POST.get("ids", ""))
        if problem := _problem(ids):
            return render(request, self.template_name, {"area": self.area, "problem": problem})
        records = self._records(ids)
        into = request.POST.get("into", "")
        if not is_id(into) or int(into) not in ids:
            return self._page(records, error=_("Choose the record that stays."))
        others = [pk for pk in ids if pk != int(into)]
        try:
            operation = merge_records(
                self.area,
                int(into),
                others,
                by=request.user,
                choices=_choices(request.POST),
                versions=_versions(request.POST, ids),
            )
        except CRMError as error:
            return self._page(self._records(ids), error=str(error))
        return _merged(request, self.area, int(into), operation)

    def _records(self, ids: list[int]) -> list[Any]:
        records = duplicates.records_to_merge(self.request.user, self.area, ids)
        if len(records) != len(ids):
            raise Http404("One of these records is not there.")
        return records

    def _page(self, records: list[Any], *, error: str = "") -> HttpResponse:
        pairs = duplicates.reasons_between(self.area, [record.pk for record in records])
        context = {
            "area": self.area,
            "comparison": Comparison(self.request.user, self.area, records, self.request.POST),
            "error": error,
            "pair": pairs[0] if len(records) == 2 and pairs else None,
            "reasons": reasons_in_words(pairs[0].reasons, self.area.key) if pairs else [],
        }
        return render(self.request, self.template_name, context)


def _ids(given: str) -> list[int]:
    """Ids as given, each once more than allowed at most."""
    parts = [part.strip() for part in given[:200].split(",")]
    return [int(part) for part in parts if is_id(part)]


def _problem(ids: list[int]) -> str:
    if len(set(ids)) != len(ids):
        return _("A record cannot be merged with itself.")
    if not 2 <= len(ids) <= MOST_RECORDS:
        return _("Choose 2 to %s records to merge.") % MOST_RECORDS
    return ""


def _choices(data: Any) -> dict[str, int]:
    chosen = {
        name.removeprefix(VALUE): int(value)
        for name, value in data.items()
        if name.startswith(VALUE) and is_id(value)
    }
    if is_id(data.get(MAIN_EMAIL, "")):
        chosen[MAIN_EMAIL] = int(data[MAIN_EMAIL])
    return chosen


def _versions(data: Any, ids: list[int]) -> dict[int, int]:
    given = {pk: data.get(f"version-{pk}", "") for pk in ids}
    return {pk: int(version) for pk, version in given.items() if is_id(version)}


def _merged(request: HttpRequest, area: Area, into: int, operation: Operation) -> HttpResponse:
    """To the record that stays; to the list when it has gone to somebody else by that."""
    url = reverse("dashboard:crm-operation-detail", args=[operation.pk])
    link = format_html('<a href="{}">{}</a>', url, _("Undo"))
    messages.success(request, format_html("{} {}", _("Merged."), link))
    kept = area.visible_to(request.user).filter(pk=into).first()
    return redirect(kept if kept is not None else area.list_url)
