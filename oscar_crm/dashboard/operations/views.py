"""What was done lately, one operation in detail, and taking it back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from oscar_crm.exceptions import CRMError
from oscar_crm.models import Operation
from oscar_crm.queries import operations
from oscar_crm.queries.keyset import Position, keyset_page
from oscar_crm.services.undo import undo_operation

from .story import Story, refusal_lines

SHOWN_CHANGES = 50
SHOWN_REFUSALS = 200


class OperationListView(TemplateView):
    template_name = "oscar_crm/operations/operation_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        page = keyset_page(
            operations.visible_to(user).select_related("actor"),
            operations.NEWEST_FIRST,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        stories = Story.of_all(user, page.rows)
        return {**super().get_context_data(**kwargs), "page": page, "stories": stories}


class OperationMixin:
    """The operation that the address names; 404 for whoever may not look back at it."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def operation(self) -> Operation:
        seen = operations.visible_to(self.request.user).select_related("undone_by")
        return get_object_or_404(seen, pk=self.kwargs["pk"])

    def context(self, **extra: Any) -> dict[str, Any]:
        user, operation = self.request.user, self.operation
        outcome = operation if operation.kind == Operation.Kind.UNDO else operation.undone_by
        may_undo = user.has_perm("oscar_crm.change_contact")
        return {
            "operation": operation,
            "story": Story(user, operation, limit=SHOWN_CHANGES),
            "undoes": Operation.objects.filter(undone_by=operation).first(),
            "refused": refusal_lines(user, outcome.state, limit=SHOWN_REFUSALS) if outcome else [],
            "is_undoable": operations.is_undoable(operation),
            "may_undo": may_undo and operations.may_undo(user, operation),
            **extra,
        }


class OperationDetailView(OperationMixin, View):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return render(request, "oscar_crm/operations/operation_detail.html", self.context())


class OperationUndoView(OperationMixin, View):
    """The question, and the answer: what came back, and every row that did not."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self._check()
        return render(request, "oscar_crm/operations/operation_undo.html", self.context())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self._check()
        operation = self.operation
        try:
            hidden = operations.hidden_from(request.user, operation)
            outcome = undo_operation(operation, by=request.user, hidden=hidden)
        except CRMError as error:
            messages.error(request, str(error))
            return redirect("dashboard:crm-operation-detail", pk=operation.pk)
        if outcome.operation is None:
            refused = refusal_lines(request.user, outcome.as_state(), limit=SHOWN_REFUSALS)
            context = self.context(refused=refused, is_refused=True)
            return render(request, "oscar_crm/operations/operation_detail.html", context)
        messages.success(request, _done(outcome.restored))
        return redirect("dashboard:crm-operation-detail", pk=operation.pk)

    def _check(self) -> None:
        if not operations.may_undo(self.request.user, self.operation):
            raise PermissionDenied


def _done(restored: int) -> str:
    text = ngettext("Undone: %s row is as it was.", "Undone: %s rows are as they were.", restored)
    return text % restored
