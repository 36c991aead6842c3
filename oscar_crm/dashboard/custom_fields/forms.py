"""What a custom field is called, of which type it is, and what can be chosen."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oscar_crm.models import CustomField
from oscar_crm.services.custom_fields import (
    EMPTY,
    KEEP,
    MAX_CHOICE,
    MAX_CHOICES,
    MAX_LABEL,
    UNUSED,
    Fate,
)

# What the form sends for the fates of a removed choice; another choice is sent by its number.
STAYS, FATES = "", {"unused": UNUSED, "keep": KEEP, "empty": EMPTY}
CHOICES_LENGTH = MAX_CHOICES * (MAX_CHOICE + 2)


def _choices_field(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=CHOICES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "class": "no-widget-init"}),
        **kwargs,
    )


def _lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


class FieldCreateForm(forms.Form):
    """A new field; what is refused is the service's to say."""

    area = forms.ChoiceField(label=_("For"), choices=CustomField.Area.choices)
    label = forms.CharField(label=_("Name"), max_length=MAX_LABEL)
    kind = forms.ChoiceField(
        label=_("Type"),
        choices=CustomField.Kind.choices,
        help_text=_("It cannot be changed later."),
    )
    choices = _choices_field(
        _("Choices"), help_text=_("Only for the type “Choice”: one a line, in this order.")
    )

    def clean_choices(self) -> list[str]:
        return _lines(self.cleaned_data["choices"])


@dataclass(frozen=True)
class ChoiceRow:
    """A choice of the field as the form shows it: its name, and what to do with it."""

    choice: str
    name: forms.BoundField
    fate: forms.BoundField


class FieldUpdateForm(forms.Form):
    """A field's name; for a choice each choice's name and fate, and new choices."""

    label = forms.CharField(label=_("Name"), max_length=MAX_LABEL)

    def __init__(self, *args: Any, field: CustomField, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field = field
        self.initial["label"] = field.label
        if field.kind == CustomField.Kind.CHOICE:
            for number, choice in enumerate(field.choices):
                self._add_choice(number, choice)
            self.fields["choices"] = _choices_field(
                _("New choices"), help_text=_("One a line. They come behind those above.")
            )

    def _add_choice(self, number: int, choice: str) -> None:
        self.fields[f"name_{number}"] = forms.CharField(
            label=_("Name of the choice “%s”") % choice, max_length=MAX_CHOICE
        )
        self.initial[f"name_{number}"] = choice
        others = [
            (str(n), _("Remove: becomes “%s”") % other)
            for n, other in enumerate(self.field.choices)
            if n != number
        ]
        self.fields[f"fate_{number}"] = forms.ChoiceField(
            label=_("What becomes of “%s”") % choice,
            required=False,
            choices=[
                (STAYS, _("Stays")),
                ("unused", _("Remove, if nothing has it")),
                ("keep", _("Remove: whoever has it keeps it")),
                ("empty", _("Remove: whoever has it has nothing")),
                *others,
            ],
        )

    def choice_rows(self) -> list[ChoiceRow]:
        if self.field.kind != CustomField.Kind.CHOICE:
            return []
        return [
            ChoiceRow(choice, self[f"name_{number}"], self[f"fate_{number}"])
            for number, choice in enumerate(self.field.choices)
        ]

    def clean_choices(self) -> list[str]:
        return _lines(self.cleaned_data["choices"])

    def values(self) -> dict[str, Any]:
        """What the service wants, once the form is valid."""
        found = self.cleaned_data
        renamed, removed = {}, {}
        for number, choice in enumerate(self.field.choices):
            fate = found.get(f"fate_{number}", STAYS)
            if fate != STAYS:
                removed[choice] = self._fate(fate)
            elif found.get(f"name_{number}", choice) != choice:
                renamed[choice] = found[f"name_{number}"]
        return {
            "label": found["label"],
            "renamed": renamed,
            "removed": removed,
            "added": found.get("choices", []),
        }

    def _fate(self, sent: str) -> Fate:
        return FATES[sent] if sent in FATES else self.field.choices[int(sent)]
