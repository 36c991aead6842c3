"""A tag's name and colour, and which tag another one is merged into."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oscar_crm.models import Tag
from oscar_crm.models.tags import HEX_COLOUR, is_colour
from oscar_crm.services.tags import MAX_NAME, TAG_COLOURS

if TYPE_CHECKING:
    _TagChoiceField = forms.ModelChoiceField[Tag]
else:  # generic for the type checker only
    _TagChoiceField = forms.ModelChoiceField

OTHER = "other"
COLOUR_NAMES = (
    *(_("Blue"), _("Green"), _("Red"), _("Purple"), _("Brown")),
    *(_("Pink"), _("Orange"), _("Turquoise"), _("Olive"), _("Grey")),
)
PALETTE = tuple(zip(TAG_COLOURS, COLOUR_NAMES, strict=True))


class TagForm(forms.Form):
    """Name and colour: one of the palette, or any other. What is refused is the service's to say.

    The colour of the text follows from the tag's colour, so that all of them can be read.
    """

    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    palette = forms.ChoiceField(
        label=_("Colour"),
        choices=[*PALETTE, (OTHER, _("Another colour"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a colour.")},
    )
    other = forms.CharField(
        label=_("Another colour"),
        required=False,
        max_length=7,
        validators=[HEX_COLOUR],
        widget=forms.TextInput(attrs={"type": "color"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """``initial`` may have ``name`` and ``colour``."""
        super().__init__(*args, **kwargs)
        colour = self.initial.get("colour") or TAG_COLOURS[0]
        self.initial["palette"] = colour if colour in TAG_COLOURS else OTHER
        self.initial["other"] = colour

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("palette") == OTHER and not cleaned.get("other") and not self.errors:
            self.add_error("other", _("Choose a colour."))
        return cleaned

    def values(self) -> dict[str, str]:
        """What the service wants, once the form is valid."""
        found = self.cleaned_data
        colour = found["other"] if found["palette"] == OTHER else found["palette"]
        return {"name": found["name"], "colour": colour}

    def preview(self) -> Tag:
        """The tag as it would look with what has been typed so far."""
        palette = str(self["palette"].value() or "")
        colour = str(self["other"].value() or "") if palette == OTHER else palette
        name = str(self["name"].value() or "").strip()[:MAX_NAME]
        return Tag(
            name=name or str(_("Your tag")), colour=colour if is_colour(colour) else TAG_COLOURS[0]
        )


class MergeForm(forms.Form):
    """The tag that stays."""

    into = _TagChoiceField(
        label=_("Tag that stays"),
        queryset=Tag.objects.none(),
        empty_label=_("Choose a tag"),
        error_messages={"invalid_choice": _("This tag is gone. Choose another one.")},
    )

    def __init__(self, *args: Any, tag: Tag, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = others.exclude(pk=tag.pk)  # type: ignore[attr-defined]
