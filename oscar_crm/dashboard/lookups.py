"""Choices that are looked up while typing, with a plain text box where there is no JavaScript."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from oscar_crm.queries.contacts import is_id


@dataclass(frozen=True)
class Lookup:
    """``names`` tells the names of some keys, ``typed`` finds the one key that a text means.

    ``is_key`` and ``key`` read a key from the request; by default it is an id.
    """

    url_name: str
    names: Callable[[Iterable[Any]], dict[Any, str]]
    typed: Callable[[str], Any] | None = None
    gone: Any = ""
    is_key: Callable[[str], bool] = is_id
    key: Callable[[str], Any] = int


class HonestSelect(forms.Select):
    """A select box that shows a value which is no choice, instead of silently choosing another.

    A form that is sent again unchanged is then refused again; a filter does not get lost.
    """

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        known = {str(key) for key, _label in self.choices}
        missing = [(one, _("(not on the list any more)")) for one in value if one not in known]
        choices, self.choices = self.choices, [*self.choices, *missing[:1]]
        try:
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = choices


class LookupSelect(HonestSelect):
    """A Select2 box that asks the server; ``<noscript>`` holds a text box ``NAME_text``."""

    template_name = "oscar_crm/partials/lookup_select.html"

    def __init__(self, lookup: Lookup, *, hint: Any = "") -> None:
        super().__init__(attrs={"class": "select2", "style": "width: 100%"})
        self.lookup, self.hint = lookup, hint

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["attrs"]["data-ajax-url"] = self.url()
        widget["attrs"]["data-placeholder"] = self.hint
        widget["hint"] = self.hint if self.lookup.typed else ""
        return context

    def url(self) -> str:
        return reverse(f"dashboard:{self.lookup.url_name}")


class LookupField(forms.TypedChoiceField):
    """The key of one record that exists; ``prepare`` learns the one that was chosen."""

    def __init__(self, *, lookup: Lookup, label: Any, hint: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            coerce=lookup.key,
            empty_value=None,
            widget=LookupSelect(lookup, hint=hint),
            error_messages={"invalid_choice": lookup.gone or _("This no longer exists.")},
        )
        self.lookup = lookup

    def prepare(self, data: Any, name: str) -> dict[str, str]:
        """Offer what the request names, and tell what the field's value is in its words.

        A text typed without JavaScript becomes the id of the one record it means.
        """
        self.choices = [("", _("Any"))]
        chosen = data.get(name) or ""
        typed = (data.get(f"{name}_text") or "")[:200].replace("\x00", "")
        if not chosen and typed and self.lookup.typed is not None:
            meant = self.lookup.typed(typed)
            chosen = typed if meant is None else str(meant)
        if self.lookup.is_key(chosen):
            found = self.lookup.names([self.lookup.key(chosen)])
            self.choices += [(str(key), label) for key, label in found.items()]
        return {name: chosen} if chosen else {}


def is_served(url_name: str) -> bool:
    """Whether the dashboard has such a look-up."""
    try:
        reverse(f"dashboard:{url_name}")
    except NoReverseMatch:
        return False
    return True
