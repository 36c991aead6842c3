"""Tags: the list, making, renaming and recolouring, merging, deleting."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from oscar_crm.dashboard.tables import without_actions
from oscar_crm.exceptions import TagNameTakenError, ValidationError
from oscar_crm.models import Tag
from oscar_crm.queries import tags
from oscar_crm.queries.keyset import Position, bounded_count, keyset_page
from oscar_crm.services.tags import change_tag, create_tag, delete_tag, merge_tags, next_colour
from oscar_crm.wording import bounded

from .forms import MergeForm, TagForm
from .tables import TagTable


class TagListView(TemplateView):
    template_name = "oscar_crm/tags/tag_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        found = tags.visible_to(user)
        page = keyset_page(
            tags.with_counts(found, user),
            tags.BY_NAME,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        is_only_page = not (page.before or page.after)
        count = len(page.rows) if is_only_page else bounded_count(found)
        caption = ngettext("%s tag", "%s tags", count) % bounded(count)
        hidden = without_actions(user, "change_tag", "delete_tag")
        table = TagTable(page.rows, caption=caption, exclude=hidden)
        return {**super().get_context_data(**kwargs), "page": page, "table": table}


class TagMixin:
    """The tag that the address names."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def tag(self) -> Tag:
        return get_object_or_404(tags.visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "tag": self.tag}


class TagFormView(FormView):  # type: ignore[type-arg]
    """What making and changing share: a preview, and the service's refusal beside its field."""

    template_name = "oscar_crm/tags/tag_form.html"
    form_class = TagForm

    def form_valid(self, form: TagForm) -> HttpResponse:
        if "preview" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            tag = self.save(**form.values())
        except ValidationError as error:
            form.add_error(error.field or None, self.words_for(error))
            return self.form_invalid(form)
        return _done(self.request, _("The tag “%s” is saved.") % tag)

    def words_for(self, error: ValidationError) -> str | SafeString:
        return str(error)

    def save(self, **values: str) -> Tag:
        raise NotImplementedError


class TagCreateView(TagFormView):
    def get_initial(self) -> dict[str, Any]:
        return {"colour": next_colour()}

    def save(self, **values: str) -> Tag:
        return create_tag(**values, by=self.request.user)


class TagUpdateView(TagMixin, TagFormView):
    def get_initial(self) -> dict[str, Any]:
        return {"name": self.tag.name, "colour": self.tag.colour}

    def save(self, **values: str) -> Tag:
        return change_tag(self.tag, **values, by=self.request.user)

    def words_for(self, error: ValidationError) -> str | SafeString:
        """Two tags cannot be called the same, but they can become one."""
        if not isinstance(error, TagNameTakenError):
            return str(error)
        if not self.request.user.has_perm("oscar_crm.delete_tag"):
            return _("%s Ask a manager to merge the two.") % error
        url = f"{reverse('dashboard:crm-tag-merge', args=[self.tag.pk])}?into={error.pk}"
        return format_html('{} <a href="{}">{}</a>', str(error), url, _("Merge the two"))


class TagMergeView(TagMixin, FormView):  # type: ignore[type-arg]
    template_name = "oscar_crm/tags/tag_merge.html"
    form_class = MergeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        others = tags.visible_to(self.request.user)
        return {**super().get_form_kwargs(), "tag": self.tag, "others": others}

    def get_initial(self) -> dict[str, Any]:
        return {"into": self.request.GET.get("into", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "carriers": _carriers(self.tag)}

    def form_valid(self, form: MergeForm) -> HttpResponse:
        into = form.cleaned_data["into"]
        try:
            merge_tags(self.tag, into=into, by=self.request.user)
        except ValidationError as error:
            form.add_error(error.field or None, str(error))
            return self.form_invalid(form)
        text = _("“%(tag)s” is now “%(into)s”, wherever it was.")
        return _done(self.request, text % {"tag": self.tag, "into": into})


class TagDeleteView(TagMixin, TemplateView):
    """GET asks, POST deletes."""

    template_name = "oscar_crm/tags/tag_delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "carriers": _carriers(self.tag)}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        text = _("The tag “%s” is deleted.") % self.tag
        try:
            delete_tag(self.tag, by=request.user)
        except ValidationError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("dashboard:crm-tag-list"))
        return _done(request, text)


def _carriers(tag: Tag) -> list[str]:
    """What carries a tag, in words: “1,234 contacts”, “1 account”."""
    words = {
        "contact": lambda n: ngettext("%s contact", "%s contacts", n),
        "account": lambda n: ngettext("%s account", "%s accounts", n),
    }
    found = {area.key: count for area, count in tags.carriers(tag).items() if count}
    return [words[key](count) % bounded(count) for key, count in found.items()]


def _done(request: HttpRequest, text: str) -> HttpResponseRedirect:
    messages.success(request, text)
    return HttpResponseRedirect(reverse("dashboard:crm-tag-list"))
