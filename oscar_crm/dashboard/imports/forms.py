"""Uploading a file, and saying what its columns are."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from oscar_crm.models import Contact, Import
from oscar_crm.queries.changes import display_name
from oscar_crm.queries.contacts import countries, possible_owners
from oscar_crm.services.imports.encoding import ENCODINGS, SEPARATORS
from oscar_crm.services.imports.fields import Field
from oscar_crm.services.imports.options import Companies, Match, Mode, Options
from oscar_crm.services.imports.rejected import column_letters
from oscar_crm.services.imports.tags import names_of
from oscar_crm.services.imports.values import DAY_FIRST, MONTH_FIRST, split_list
from oscar_crm.text import fold

SEPARATOR_NAMES = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Vertical bar")}
SHOWN_CELL = 60


class UploadForm(forms.Form):
    """A file, and of what it is a list."""

    area = forms.ChoiceField(label=_("What is in the file?"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX. The first row names the columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
        },
    )
    encoding = forms.ChoiceField(
        label=_("Letters"),
        required=False,
        choices=[("", _("Find out")), *((name, name) for name in ENCODINGS)],
        help_text=_("Only of CSV. Choose one if names look wrong on the next page."),
    )
    separator = forms.ChoiceField(
        label=_("Separator"),
        required=False,
        choices=[("", _("Find out")), *((s, SEPARATOR_NAMES[s]) for s in SEPARATORS)],
    )

    def __init__(self, *args: Any, areas: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = areas  # type: ignore[attr-defined]


def _select(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, **more)


class ColumnsForm(forms.Form):
    """The field of each column (``column_0`` …), and how rows are matched and read."""

    mode = _select(_("What shall happen"), Mode.choices)
    match = _select(
        _("A row is a known record if it has the same"),
        Match.choices,
        help_text=_("Rows without it are compared by name and company."),
    )
    companies = _select(_("Companies"), Companies.choices)
    tags = forms.CharField(
        label=_("Tags for all"),
        required=False,
        max_length=500,
        help_text=_("Separated by commas. They help to find these records later."),
    )
    owner = _select(_("Owner of new records"), (), required=False)
    kind = _select(
        _("Kind of new contacts"),
        [("", _("As in the file, else prospect")), *Contact.Kind.choices],
        required=False,
    )
    source = forms.RegexField(
        r"\A[\w .-]*\Z",
        label=_("System the IDs come from"),
        required=False,
        max_length=40,
        help_text=_("Keeps the IDs of two systems apart. Leave it empty if they are your own."),
    )
    region = _select(
        _("Phone numbers without a country code are from"), (), required=False,
        help_text=_("Nothing chosen: they stay as they are written."),
    )  # fmt: skip
    day_order = _select(
        _("03/04/2026 is"),
        [(DAY_FIRST, _("3 April")), (MONTH_FIRST, _("4 March"))],
        help_text=_("Only for columns in which no day tells."),
    )
    decimal_comma = _select(
        _("1,234 is"),
        [("", _("one thousand two hundred and thirty-four")), ("1", _("a little more than one"))],
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        of_import: Import,
        fields: Mapping[str, Field],
        sample: Sequence[Sequence[str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.of_import, self.sample = of_import, sample
        choices = [("", _("Leave out")), *((key, one.label) for key, one in fields.items())]
        for index, header in enumerate(of_import.headers):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=_t("Field for column %(letters)s, %(header)s")
                % {"letters": column_letters(index), "header": header or _t("without a header")},
                choices=choices,
                required=False,
                initial=of_import.columns[index] if index < len(of_import.columns) else "",
            )
        self._fill(Options.of(of_import.options))
        if of_import.area == Import.Area.ACCOUNT:
            for name in ("companies", "kind"):
                del self.fields[name]
            self.fields["match"].choices = [  # type: ignore[attr-defined]
                (Match.NAME.value, _("Name")),
                (Match.EXTERNAL_ID.value, Match.EXTERNAL_ID.label),
            ]

    def _fill(self, options: Options) -> None:
        owners = [(str(user.pk), display_name(user)) for user in possible_owners()]
        self.fields["owner"].choices = [("", _("Nobody")), *owners]  # type: ignore[attr-defined]
        regions = [("", _("Not known")), *countries()]
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        initial = options.as_json()
        initial["tags"] = ", ".join(options.tags)
        initial["decimal_comma"] = "1" if options.decimal_comma else ""
        for name, value in initial.items():
            self.fields[name].initial = value

    def columns_in_table(self) -> list[dict[str, Any]]:
        """A row of the page's table for each column: its place, header, samples and select."""
        return [
            {
                "letters": column_letters(index),
                "header": header,
                "samples": [row[index][:SHOWN_CELL] for row in self.sample if _has(row, index)],
                "field": self[f"column_{index}"],
            }
            for index, header in enumerate(self.of_import.headers)
        ]

    def main_options(self) -> list[forms.BoundField]:
        names = ("mode", "match", "companies", "tags", "owner", "kind")
        return [self[name] for name in names if name in self.fields]

    def more_options(self) -> list[forms.BoundField]:
        return [self[name] for name in ("source", "region", "day_order", "decimal_comma")]

    def clean_tags(self) -> tuple[str, ...]:
        names = split_list(self.cleaned_data["tags"])
        if any(len(name) > 50 or not fold(name) for name in names):
            raise forms.ValidationError(_("A tag needs a name of 1 to 50 characters."))
        return tuple(names_of(names))

    def columns(self) -> list[str]:
        count = len(self.of_import.headers)
        return [self.cleaned_data[f"column_{index}"] for index in range(count)]

    def options(self) -> Options:
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in Options().as_json() if name in cleaned}
        values["decimal_comma"] = bool(values.get("decimal_comma"))
        return Options(**values)

    def repeated(self) -> list[str]:
        """Headers that are there more than once."""
        seen: dict[str, int] = {}
        for header in self.of_import.headers:
            seen[header] = seen.get(header, 0) + 1
        return [header for header, count in seen.items() if header and count > 1]


def _has(row: Sequence[str], index: int) -> bool:
    return index < len(row) and bool(row[index].strip())
