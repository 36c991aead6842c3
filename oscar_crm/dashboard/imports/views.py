"""Importing a file: the history, upload, columns, progress, result and undo."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from oscar_crm.conf import crm_settings
from oscar_crm.exceptions import CRMError, ValidationError
from oscar_crm.models import Import
from oscar_crm.queries import imports as queries
from oscar_crm.queries.keyset import Position, bounded_count, keyset_page
from oscar_crm.services import imports
from oscar_crm.services.imports.fields import fields_of
from oscar_crm.services.imports.store import read_block
from oscar_crm.wording import bounded

from .background import hand_over, step_for
from .forms import ColumnsForm, UploadForm
from .progress import Progress
from .rows import OUTCOMES, shown_rows
from .tables import ImportTable

SAMPLE_ROWS = 3
SHOWN_ROWS = 10
State = Import.State


class ImportListView(TemplateView):
    """Who imported what, and what came of it."""

    template_name = "oscar_crm/imports/import_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = queries.visible_to(self.request.user)
        page = keyset_page(
            found,
            queries.NEWEST_FIRST,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        is_only_page = not (page.before or page.after)
        count = len(page.rows) if is_only_page else bounded_count(found)
        caption = ngettext("%s import", "%s imports", count) % bounded(count)
        return super().get_context_data(
            page=page, table=ImportTable(page.rows, caption=caption), **kwargs
        )


class ImportCreateView(FormView):  # type: ignore[type-arg]
    """A file is read at once, so that what is wrong with it is told here."""

    template_name = "oscar_crm/imports/import_form.html"
    form_class = UploadForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "areas": queries.areas_for(self.request.user)}

    def get_initial(self) -> dict[str, Any]:
        return {"area": self.request.GET.get("area", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        limits = {
            "max_mb": crm_settings.IMPORT_MAX_MB,
            "max_xlsx_mb": crm_settings.IMPORT_MAX_XLSX_MB,
            "keep_days": crm_settings.IMPORT_KEEP_DAYS,
        }
        return super().get_context_data(**limits, **kwargs)

    def form_valid(self, form: UploadForm) -> HttpResponse:
        cleaned = form.cleaned_data
        file = cleaned["file"]
        try:
            made = imports.create_import(
                file.file,
                area=cleaned["area"],
                by=self.request.user,
                name=file.name,
                encoding=cleaned["encoding"],
                separator=cleaned["separator"],
            )
        except CRMError as error:
            form.add_error("file", str(error))
            return self.form_invalid(form)
        return redirect("dashboard:crm-import-columns", pk=made.pk)


class ImportMixin:
    """The import that the address names, if the user may see it."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def get_import(self) -> Import:
        found = queries.visible_to(self.request.user).select_related("operation", "actor")
        return get_object_or_404(found, pk=self.kwargs["pk"])


class ImportColumnsView(ImportMixin, FormView):  # type: ignore[type-arg]
    """What each column is; saving it begins the dry run."""

    template_name = "oscar_crm/imports/import_columns.html"
    form_class = ColumnsForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.of_import = self.get_import()
        if self.of_import.state not in (State.DRAFT, State.CHECKING, State.CHECKED):
            return redirect(self.of_import)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = read_block(self.of_import, 0)[:SAMPLE_ROWS]
        return {
            **super().get_form_kwargs(),
            "of_import": self.of_import,
            "fields": fields_of(self.of_import.area),
            "sample": [cells for _row, cells in rows],
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(of_import=self.of_import, **kwargs)

    def form_valid(self, form: ColumnsForm) -> HttpResponse:
        try:
            imports.set_columns(self.of_import, form.columns(), form.options())
        except CRMError as error:
            field = error.field if isinstance(error, ValidationError) else ""
            form.add_error(field if field in form.fields else None, str(error))
            return self.form_invalid(form)
        hand_over(self.of_import)
        return redirect(self.of_import)


class ImportDetailView(ImportMixin, TemplateView):
    """Progress while there is something to do, else the result and what can be done next."""

    template_name = "oscar_crm/imports/import_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.get_import()
        progress = Progress(found)
        tables = [
            shown_rows(found, outcome, self.request.user, size=SHOWN_ROWS)
            for outcome in OUTCOMES
            if not found.is_at_work and found.erased_at is None
        ]
        return super().get_context_data(
            of_import=found,
            progress=progress,
            tables=[table for table in tables if table.rows],
            starts_itself=found.is_at_work and not found.is_paused,
            **kwargs,
        )


class ImportRowsView(ImportMixin, TemplateView):
    """All rows of one outcome, page by page."""

    template_name = "oscar_crm/imports/import_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        outcome = self.request.GET.get("outcome", "refused")
        if outcome not in OUTCOMES:
            raise Http404("There is no such outcome.")
        found = self.get_import()
        table = shown_rows(
            found,
            outcome,
            self.request.user,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        return super().get_context_data(of_import=found, table=table, page=table.page, **kwargs)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ImportStepView(ImportMixin, View):
    """Works for a moment; the page's script repeats it until done, and a button without it.

    Each block is a transaction of its own, whatever ATOMIC_REQUESTS says. ``go``: somebody has
    pressed the button, so that a pause ends.
    """

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = self.get_import()
        if request.POST.get("go"):
            imports.resume_import(found)
            hand_over(found)
        wait = step_for(found)
        if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
            return JsonResponse(_as_json(found, wait))
        if found.problem:
            messages.error(request, found.problem)
        return redirect(found)


def _as_json(found: Import, wait: float) -> dict[str, Any]:
    progress = Progress(found)
    return {
        "run": found.pk,
        "percent": progress.percent,
        "text": progress.text if found.is_at_work else "",
        "finished": not found.is_at_work,
        "paused": found.is_paused,
        "trouble": found.problem,
        "wait": wait,
        "page": found.get_absolute_url(),
    }


class ImportActionView(ImportMixin, View):
    """A button that asks nothing: does one thing and goes back to the import's page."""

    done = ""

    def act(self, found: Import) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = self.get_import()
        try:
            self.act(found)
        except (CRMError, DatabaseError) as error:
            if isinstance(error, DatabaseError):
                raise
            messages.error(request, str(error))
        else:
            if self.done:
                messages.success(request, self.done)
        return redirect(found)


class ImportStartView(ImportActionView):
    def act(self, found: Import) -> None:
        imports.start_import(found)
        hand_over(found)


class ImportPauseView(ImportActionView):
    def act(self, found: Import) -> None:
        imports.pause_import(found)


class ImportCancelView(ImportActionView):
    def act(self, found: Import) -> None:
        imports.cancel_import(found)


class ImportEraseView(ImportActionView):
    @property
    def done(self) -> str:  # type: ignore[override]
        return _("The rows of the file are erased. The history stays.")

    def act(self, found: Import) -> None:
        imports.erase_file(found)


class ImportUndoView(ImportMixin, TemplateView):
    """A question first, as it may take back thousands of records."""

    template_name = "oscar_crm/imports/import_undo.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.get_import()
        return super().get_context_data(of_import=found, progress=Progress(found), **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        found = self.get_import()
        try:
            imports.start_undo(found, by=request.user)
            hand_over(found)
        except CRMError as error:
            messages.error(request, str(error))
        return redirect(found)


class ImportRejectedView(ImportMixin, View):
    """The refused rows as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> Any:
        found = self.get_import()
        if found.erased_at is not None:
            messages.error(request, _("The file of this import has been erased."))
            return redirect(found)
        lines = (text.encode() for text in imports.rejected_rows(found))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{found.pk}-to-mend.csv"'
        return response
