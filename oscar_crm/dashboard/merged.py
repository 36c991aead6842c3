"""Old addresses of merged records lead to the record that stays."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from oscar_crm.queries.areas import CONTACTS, Area
from oscar_crm.queries.duplicates import survivor


class MergedElsewhere(TemplateView):
    """The page of a record of ``area``: one that was merged leads to where it went.

    Whoever may not see the record that stays gets what they get for any other: 404.
    """

    area: Area = CONTACTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            heir = survivor(request.user, self.area, kwargs["pk"])
            if heir is None:
                raise
            return redirect(heir)
