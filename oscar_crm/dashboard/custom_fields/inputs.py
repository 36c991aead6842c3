"""Custom fields in other areas' forms: one form field per definition, in form and filter.

A form of an area's records takes ``CustomFieldsMixin``, its template includes
``custom_fields/_form.html``; a list's filter takes ``CustomFilterMixin`` and
``custom_fields/_filters.html``; a record's page includes ``custom_fields/_facts.html``.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.days import DAY_VALIDATORS
from oscar_crm.models import CustomField
from oscar_crm.queries.custom_fields import DECIMAL_PLACES, MAX_DIGITS, Kind, typed
from oscar_crm.services.custom_values import MAX_TEXT, stored_value

PREFIX = "custom_"
YES, NO = "yes", "no"
ENDS = {"min": _("%s from"), "max": _("%s to")}


class CustomFieldsMixin(forms.Form):
    """A form of records with custom fields; ``add_custom_fields`` comes after ``__init__``."""

    custom_definitions: Iterable[CustomField] = ()

    def add_custom_fields(
        self, definitions: Iterable[CustomField], stored: Mapping[str, Any]
    ) -> None:
        """One field per definition, filled with a record's stored values."""
        self.custom_definitions = list(definitions)
        for definition in self.custom_definitions:
            name, value = f"{PREFIX}{definition.key}", stored.get(definition.key)
            self.fields[name] = _INPUTS[Kind(definition.kind)](definition, value)
            self.fields[name].required = False
            self.initial[name] = _initial(definition, value)

    def custom_fields(self) -> list[forms.BoundField]:
        return [self[f"{PREFIX}{field.key}"] for field in self.custom_definitions]

    def custom_values(self) -> dict[str, Any]:
        """What the services take as ``custom``, once the form is valid."""
        found = {f.key: self.cleaned_data[f"{PREFIX}{f.key}"] for f in self.custom_definitions}
        return {key: None if value == "" else value for key, value in found.items()}

    def stored_custom(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """A record's ``custom`` as it would be with these values, without those not acceptable."""
        typed_in, kept = self.custom_values(), dict(stored)
        for field in self.custom_definitions:
            kept.pop(field.key, None)
            value = stored_value(field, typed_in[field.key], current=stored.get(field.key))
            if value is not None:
                kept[field.key] = value
        return kept


class CustomFilterMixin(forms.Form):
    """A list's filter with a field, or two for a range, per definition."""

    custom_definitions: Iterable[CustomField] = ()

    def add_custom_filters(self, definitions: Iterable[CustomField]) -> None:
        self.custom_definitions = list(definitions)
        for definition in self.custom_definitions:
            for name, field in _filter_inputs(definition):
                field.required = False
                self.fields[name] = field

    def custom_filters(self) -> list[forms.BoundField]:
        return [self[n] for d in self.custom_definitions for n, _end in filter_names(d)]

    def clean_custom_ranges(self) -> None:
        """Part of ``clean``: the end of a range is not below its beginning."""
        for definition in self.custom_definitions:
            names = [name for name, end in filter_names(definition) if end]
            values = [self.cleaned_data.get(name) for name in names]
            if len(values) == 2 and None not in values and values[1] < values[0]:  # type: ignore[operator]
                self.add_error(names[1], _("The end must not be below the beginning."))

    def custom_conditions(self) -> dict[str, dict[str, Any]]:
        """The conditions the input asks for, as ``queries.custom_fields`` writes them."""
        found: dict[str, dict[str, Any]] = {}
        for definition in self.custom_definitions:
            for name, end in filter_names(definition):
                value = self.cleaned_data.get(name)
                if value not in (None, ""):
                    condition = found.setdefault(definition.key, {"kind": str(definition.kind)})
                    condition[end or "is"] = _plain(value)
        return found


def custom_query(conditions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Conditions as ``CustomFilterMixin`` reads them from a query string."""
    found = {}
    for key, condition in conditions.items():
        for end in ENDS:
            if end in condition:
                found[f"{PREFIX}{key}__{end}"] = str(condition[end])
        if (value := condition.get("is")) is not None:
            answer = {True: YES, False: NO}.get(value, value) if isinstance(value, bool) else value
            found[f"{PREFIX}{key}"] = str(answer)
    return found


def condition_lines(
    conditions: Mapping[str, Mapping[str, Any]], definitions: Mapping[str, CustomField]
) -> Iterable[tuple[str, Any]]:
    """Label and value of each condition; a field that is gone goes by its key."""
    for key, condition in conditions.items():
        definition = definitions.get(key)
        label = definition.label if definition else key.replace("_", " ")
        for end, words in ENDS.items():
            if end in condition:
                yield str(words % label), condition[end]
        if (value := condition.get("is")) is not None:
            yield (
                label,
                {True: _("Yes"), False: _("No")}[value] if value in (True, False) else value,
            )


def filter_names(definition: CustomField) -> list[tuple[str, str]]:
    """The names of a definition's filter fields, and which end of a range each is (or "")."""
    name = f"{PREFIX}{definition.key}"
    if definition.kind in (Kind.NUMBER, Kind.DATE):
        # No key has two underscores in a row, so these cannot be those of another field.
        return [(f"{name}__{end}", end) for end in ENDS]
    return [(name, "")]


def _filter_inputs(definition: CustomField) -> Iterable[tuple[str, forms.Field]]:
    for name, end in filter_names(definition):
        field = _INPUTS[Kind(definition.kind)](definition, None)
        if end:
            field.label = ENDS[end] % definition.label
        elif isinstance(field, forms.TypedChoiceField):
            choices: Any = field.choices
            field.choices = [("", _("Any")), *list(choices)[1:]]
        yield name, field


def _initial(definition: CustomField, stored: Any) -> Any:
    value = typed(definition, stored)
    if isinstance(value, bool):
        return YES if value else NO
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def _text(definition: CustomField, stored: Any) -> forms.Field:
    return forms.CharField(label=definition.label, max_length=MAX_TEXT)


def _number(definition: CustomField, stored: Any) -> forms.Field:
    return forms.DecimalField(
        label=definition.label,
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


def _date(definition: CustomField, stored: Any) -> forms.Field:
    return forms.DateField(
        label=definition.label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=DAY_VALIDATORS,
        error_messages={"invalid": _("This is not a day. Write it as 2026-12-31.")},
    )


def _choice(definition: CustomField, stored: Any) -> forms.Field:
    """The choices, and the record's own where it has been removed from them meanwhile."""
    choices = [("", _("Not given")), *((choice, choice) for choice in definition.choices)]
    if stored not in (None, "", *definition.choices):
        choices.append((str(stored), _("%s (no longer a choice)") % stored))
    return _chosen(definition, choices, coerce=str)


def _boolean(definition: CustomField, stored: Any) -> forms.Field:
    choices = [("", _("Not given")), (YES, _("Yes")), (NO, _("No"))]
    return _chosen(definition, choices, coerce=YES.__eq__)


def _chosen(definition: CustomField, choices: Any, *, coerce: Any) -> forms.Field:
    return forms.TypedChoiceField(
        label=definition.label,
        choices=choices,
        coerce=coerce,
        empty_value=None,
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )


_INPUTS: dict[Kind, Callable[[CustomField, Any], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.BOOLEAN: _boolean,
}
