"""Imports in every state, and the addresses of their pages."""

from dataclasses import replace
from typing import Any

from django.urls import reverse

from oscar_crm.models import Contact, Import
from oscar_crm.services import imports
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.imports import Options
from oscar_crm.test.factories import ImportFactory

HEADERS = ("First name", "Last name", "E-mail", "City", "Shoe size")
LONG = "A-very-long-name-without-any-space-in-it" * 3
ROWS = (
    HEADERS,
    ("Ada", "Byron", "ada@example.com", "Köln", "42"),
    ("Ben", "Abel", "no address", "Bonn", ""),
    (LONG, "", "long@example.com", LONG, LONG),
    *(("No", f"Address {n}", "wrong", "", "") for n in range(25)),
)


def live_in_imports(by: Any) -> None:
    """One import in each state."""
    ImportFactory(actor=by, file_name="draft.csv")
    _checked(by, "checked.csv")
    imports.pause_import(_started(by, "paused.csv"))
    imports.run(_started(by, "done.csv", mails="done.example"))
    taken_back = imports.run(_started(by, "back.csv", mails="back.example"))
    edited = Contact.objects.get(emails__address="ada@back.example")
    update_contact(edited, {"city": "Bonn"}, by=by)
    imports.start_undo(taken_back, by=by)
    imports.run(taken_back)
    imports.cancel_import(_checked(by, "cancelled.csv"))
    imports.erase_file(imports.run(_started(by, f"{LONG}.csv", mails="erased.example")))


def _checked(by: Any, name: str, mails: str = "example.com") -> Import:
    rows = [tuple(cell.replace("example.com", mails) for cell in row) for row in ROWS]
    made = ImportFactory(actor=by, file_name=name, rows=rows)
    imports.set_columns(made, made.columns, replace(Options.of(made.options), tags=("Fair",)))
    return imports.run(made)


def _started(by: Any, name: str, mails: str = "example.com") -> Import:
    made = _checked(by, name, mails)
    imports.start_import(made)
    return made


def pages_of_imports() -> dict[str, str]:
    """Every page of imports and exports, by what it shows."""
    states = {one.file_name.removesuffix(".csv"): one.pk for one in Import.objects.all()}
    states["erased"] = states.pop(LONG)
    pages = {f"import, {name}": url("import-detail", pk) for name, pk in states.items()}
    rows = url("import-rows", states["checked"])
    return {
        **pages,
        "imports": url("import-list"),
        "new import": url("import-create"),
        "columns": url("import-columns", states["draft"]),
        "refused rows": rows,
        "changed rows": f"{rows}?outcome=update",
        "no rows": f"{rows}?outcome=kept",
        "undo import": url("import-undo", states["done"]),
        "export contacts": url("contact-list-export"),
        "export accounts": url("account-list-export"),
    }


def url(name: str, *args: int) -> str:
    return reverse(f"dashboard:crm-{name}", args=args)
