"""What is to be done to many records: one select box, so that it works without JavaScript."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oscar_crm.queries.areas import Area
from oscar_crm.queries.bulk import ARCHIVE, OWNER, RESTORE, TAG, UNTAG, BulkAction
from oscar_crm.queries.changes import display_name
from oscar_crm.queries.contacts import is_id

from .wording import WORDS

MAX_IDS = 1_000
MERGE = "merge"
FEWEST, MOST = 2, 5  # records that can be merged


class BulkForm(forms.Form):
    """``what`` is ``tag:3``, ``untag:3``, ``owner:5``, ``owner:``, ``archive``, ``restore``
    or, which another page does, ``merge``.

    ``query`` is the query string of the list that the records were ticked on.
    """

    what = forms.ChoiceField(
        error_messages={
            "required": _("Choose what is to be done with them."),
            "invalid_choice": _("That is no longer possible. Choose again what is to be done."),
        },
    )
    query = forms.CharField(required=False, max_length=8_000, widget=forms.HiddenInput)
    all = forms.BooleanField(required=False)

    def __init__(
        self,
        *args: Any,
        area: Area,
        user: Any,
        tags: Iterable[Any],
        owners: Iterable[Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.area, self.words = area, WORDS[area.key]
        self.fields["what"].label = self.words.with_ticked
        self.names: dict[str, str] = {}
        choices = self._choices(list(tags), list(owners))
        if area.may_be_merged_by(user):
            choices.append((MERGE, _("Merge two to five into one")))
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def _choices(self, tags: list[Any], owners: list[Any]) -> list[Any]:
        self.names |= {f"{kind}:{tag.pk}": tag.name for kind in (TAG, UNTAG) for tag in tags}
        self.names |= {f"{OWNER}:{owner.pk}": display_name(owner) for owner in owners}
        self.names[f"{OWNER}:"] = str(_("Nobody"))
        groups: list[Any] = [("", _("Choose …"))]
        for kind, title, wording in (
            (TAG, _("Put tag on"), _("Put tag on: %s")),
            (UNTAG, _("Take tag off"), _("Take tag off: %s")),
            (OWNER, _("Give to"), _("Give to: %s")),
        ):
            if named := self._named(kind, wording):
                groups.append((title, named))
        groups.append((_("Archive"), [(ARCHIVE, _("Archive")), (RESTORE, _("Restore"))]))
        return groups

    def _named(self, kind: str, wording: Any) -> list[tuple[str, str]]:
        """A box that is closed shows no heading, so each line says what it does."""
        named = [(key, name) for key, name in self.names.items() if key.startswith(f"{kind}:")]
        return [(key, wording % name) for key, name in named]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("all") and not self.ids():
            self.add_error(None, self.words.tick_first)
        elif self.is_merge() and (cleaned.get("all") or not FEWEST <= len(self.ids()) <= MOST):
            self.add_error(None, self.words.tick_some)
        return cleaned

    def ids(self) -> tuple[int, ...]:
        """The ticked records."""
        ticked = self.data.getlist("ids")  # type: ignore[attr-defined]
        return tuple(int(pk) for pk in ticked[:MAX_IDS] if is_id(pk))

    @property
    def url(self) -> str:
        """Where it is sent to."""
        return reverse(f"dashboard:crm-{self.area.key}-bulk")

    def is_merge(self) -> bool:
        return bool(self.cleaned_data.get("what") == MERGE)

    def action(self) -> BulkAction:
        """What a valid form asks for."""
        kind, _colon, argument = self.cleaned_data["what"].partition(":")
        if kind in (TAG, UNTAG):
            return BulkAction(kind, tag=int(argument))
        return BulkAction(kind, owner=argument)

    def argument(self) -> str:
        """The name of the chosen tag or colleague."""
        return self.names.get(self.cleaned_data["what"], "")
