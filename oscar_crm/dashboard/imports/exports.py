"""Downloading a list as it is filtered and sorted."""

import tempfile
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from oscar_crm.dashboard.accounts.filters import AccountFilterForm
from oscar_crm.dashboard.contacts.filters import POSITION, list_form
from oscar_crm.exceptions import CRMError
from oscar_crm.queries import accounts, contacts
from oscar_crm.queries.keyset import Sort, bounded_count
from oscar_crm.services import export
from oscar_crm.wording import bounded

# A workbook is only sent when it is complete: beyond this a browser would give up waiting.
MOST_XLSX_ROWS = 100_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("csv", "xlsx")
OWN_PARAMETERS = ("format", "columns", *POSITION)


def _contacts(request: HttpRequest) -> QuerySet[Any]:
    wanted = list_form(request.GET, user=request.user).contact_filter()
    return ordered(contacts.filtered_contacts(request.user, wanted), wanted.order())


def _accounts(request: HttpRequest) -> QuerySet[Any]:
    wanted = AccountFilterForm(request.GET, user=request.user).account_filter()
    return ordered(accounts.filtered_accounts(request.user, wanted), wanted.order())


def ordered(records: QuerySet[Any], sort: Sort) -> QuerySet[Any]:
    """As the list shows them: those without a value last, ties by id."""
    column = F(sort.field)
    if sort.descending:
        return records.order_by(column.desc(nulls_last=True), "-pk")
    return records.order_by(column.asc(nulls_last=True), "pk")


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ExportView(View):
    """Asks which columns and which format; with a format in the address it is the file."""

    area = ""
    title: Any = ""
    list_url = ""
    records: Callable[[HttpRequest], QuerySet[Any]]

    def get(self, request: HttpRequest) -> Any:
        file_format = request.GET.get("format", "")
        if file_format not in FORMATS:
            return self._page(request)
        try:
            columns = export.chosen_columns(self.area, request.GET.getlist("columns"))
            return self._file(request, columns, file_format)
        except CRMError as error:
            messages.error(request, str(error))
            return redirect(f"{request.path}?{self._list_query(request)}")

    def _page(self, request: HttpRequest) -> HttpResponse:
        records = type(self).records(request)
        count = bounded_count(records)
        context = {
            "title": self.title,
            "count": bounded(count),
            "is_empty": not count,
            "columns": export.columns_of(self.area),
            "hidden": [
                (name, value)
                for name, values in request.GET.lists()
                if name not in OWN_PARAMETERS
                for value in values
            ],
            "back": f"{reverse(self.list_url)}?{self._list_query(request)}",
            "most_xlsx": MOST_XLSX_ROWS,
        }
        return render(request, "oscar_crm/imports/export.html", context)

    def _list_query(self, request: HttpRequest) -> str:
        query = request.GET.copy()
        for name in OWN_PARAMETERS:
            query.pop(name, None)
        return query.urlencode()

    def _file(self, request: HttpRequest, columns: Any, file_format: str) -> Any:
        records = type(self).records(request)
        name = f"{self.area}s-{timezone.localdate()}.{file_format}"
        if file_format == "csv":
            export.record_export(self.area, by=request.user, count=None, file_format="csv")
            lines = export.write_csv(self.area, records, columns, user=request.user)
            response = StreamingHttpResponse(
                (text.encode() for text in lines), content_type="text/csv; charset=utf-8"
            )
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
        if bounded_count(records, MOST_XLSX_ROWS) > MOST_XLSX_ROWS:
            raise CRMError(
                _("More than %s rows are too many for a workbook in the browser. Choose CSV.")
                % f"{MOST_XLSX_ROWS:,}"
            )
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        count = export.write_xlsx(self.area, records, columns, file, user=request.user)
        export.record_export(self.area, by=request.user, count=count, file_format="xlsx")
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


class ContactExportView(ExportView):
    area = "contact"
    title = gettext_lazy("Export contacts")
    list_url = "dashboard:crm-contact-list"
    records = staticmethod(_contacts)


class AccountExportView(ExportView):
    area = "account"
    title = gettext_lazy("Export accounts")
    list_url = "dashboard:crm-account-list"
    records = staticmethod(_accounts)
