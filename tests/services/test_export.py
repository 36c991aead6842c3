"""Exporting: what is in the file, and that importing it gives the same back."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, Contact, CustomField
from oscar_crm.queries import accounts, contacts
from oscar_crm.services import export, imports
from oscar_crm.services.imports import Options
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    TagFactory,
    make_staff,
)

from .imports.strategies import LINE, TAGS, tags_named

pytestmark = pytest.mark.django_db
VISIBLE = {"contact": contacts.visible_to, "account": accounts.visible_to}
RIGHTS = (
    *("view_import", "add_import", "view_contact", "add_contact", "change_contact"),
    *("view_account", "add_account", "change_account", "view_all_contacts", "view_all_accounts"),
)


@pytest.fixture
def manager() -> Any:
    return make_staff(*RIGHTS, email="mara@example.com")


def as_csv(area: str, user: Any, *keys: str) -> str:
    records = VISIBLE[area](user).order_by("pk")
    columns = export.chosen_columns(area, keys)
    return "".join(export.write_csv(area, records, columns, user=user))


def rows_of(area: str, user: Any, *keys: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(area, user, *keys).removeprefix("\ufeff"))))


def test_a_contact_is_a_row(manager):
    ada = ContactFactory(
        first_name="Ada", phone="+49 221", owner=manager, emails=["a@example.com", "b@example.com"],
        tags=[TagFactory(name="VIP", key="vip"), TagFactory(name="a,b", key="a,b")],
    )  # fmt: skip
    AccountContactFactory(contact=ada, account=AccountFactory(name="Acme, Inc."))

    keys = ("first_name", "emails", "phone", "owner", "tags", "accounts")
    assert rows_of("contact", manager, *keys) == [
        ["First name", "E-mail", "Phone", "Accounts", "Owner", "Tags"],
        [
            *("Ada", "a@example.com; b@example.com", "+49 221", '"Acme, Inc."'),
            *("mara@example.com", '"a,b"; VIP'),
        ],
    ]


def test_figures_are_told_when_they_are_chosen(manager):
    ContactFactory(orders_count=3, lifetime_value="12.50")

    assert rows_of("contact", manager, "lifetime_value", "orders_count")[1] == ["12.50", "3"]


def test_texts_that_would_run_as_formulas_are_marked(manager):
    ContactFactory(first_name="=cmd()", last_name="@x", phone="+49 221-1", city="-1")

    row = rows_of("contact", manager, "first_name", "last_name", "phone", "city")[1]
    assert row == ["'=cmd()", "'@x", "+49 221-1", "'-1"]


def test_a_company_one_may_not_see_is_not_named():
    owner = make_staff()
    user = make_staff("view_contact", "view_account")
    ada = ContactFactory()
    AccountContactFactory(contact=ada, account=AccountFactory(name="Secret", owner=owner))
    child = AccountFactory(name="Child", parent=AccountFactory(name="Hidden", owner=owner))

    assert rows_of("contact", user, "accounts")[1] == [""]
    assert rows_of("account", user, "name", "parent")[1:] == [[child.name, ""]]


def test_a_column_that_does_not_exist_is_refused(manager):
    with pytest.raises(ValidationError):
        export.chosen_columns("contact", ["password"])


def test_the_number_of_queries_does_not_depend_on_the_rows(manager):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_csv("contact", manager)
        return len(captured)

    ContactFactory(tags=[TagFactory()])
    queries()  # the user's permissions are read once
    few = queries()
    for _ in range(20):
        ContactFactory(tags=[TagFactory()])

    assert queries() == few


def test_a_workbook_has_the_same_cells_and_no_formula(manager):
    ContactFactory(first_name="=1+1", last_name="x\x0by", city="#REF!")
    columns = export.chosen_columns("contact", ["first_name", "last_name", "city"])
    file = io.BytesIO()

    count = export.write_xlsx(
        "contact", contacts.visible_to(manager).order_by("pk"), columns, file, user=manager
    )

    sheet = load_workbook(file).active
    assert count == 1
    assert [cell.value for cell in sheet[2]] == ["'=1+1", "xy", "#REF!"]
    assert {cell.data_type for cell in sheet[2]} == {"s"}


def test_more_rows_than_a_sheet_holds_are_refused(manager, monkeypatch):
    monkeypatch.setattr(export, "MAX_SHEET_ROWS", 1)
    for _ in range(2):
        ContactFactory()
    records = contacts.visible_to(manager).order_by("pk")

    with pytest.raises(ValidationError, match="CSV"):
        export.write_xlsx(
            "contact", records, export.chosen_columns("contact", []), io.BytesIO(), user=manager
        )


# Export, then import: the same again

CONTACTS = st.lists(
    st.fixed_dictionaries(
        {
            "first_name": LINE,
            "last_name": LINE,
            "company_name": LINE,
            "job_title": LINE,
            "city": LINE,
            "phone": st.sampled_from(["", "+49 221 123-45", "0221/123", "=x", "'+1"]),
            "kind": st.sampled_from(Contact.Kind.values),
            "country": st.sampled_from(["", "DE", "GB", "US"]),
        }
    ),
    min_size=1,
    max_size=5,
)
FIELDS = (
    *("first_name", "last_name", "company_name", "job_title", "city", "phone", "kind", "country"),
    *("external_id", "owner_id"),
)


def facts(contact: Contact) -> dict[str, Any]:
    """A contact's business fields and relations, without keys and times."""
    return {
        **{name: getattr(contact, name) for name in FIELDS},
        "custom": contact.custom,
        "emails": [(email.address, email.is_primary) for email in contact.emails.all()],
        "tags": sorted(contact.tags.values_list("name", flat=True)),
        "accounts": [
            (row.account.name, row.is_primary)
            for row in contact.memberships.order_by("-is_primary", "id")
        ],
    }


def everything() -> list[dict[str, Any]]:
    return [facts(contact) for contact in Contact.objects.order_by("external_id", "pk")]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=CONTACTS, tags=TAGS)
def test_what_was_exported_comes_back_by_an_import(rows, tags):
    _forget_everything()
    user = make_staff(*RIGHTS)
    CustomField.objects.create(area="contact", key="note", label="Note", kind="text")
    account = AccountFactory(name='Acme; "Inc"')
    for number, values in enumerate(rows):
        made = ContactFactory(
            **values,
            owner=user if number % 2 else None,
            external_id=f"x:{number}",
            custom={"note": values["city"]} if values["city"] else {},
            emails=[f"a{number}@example.com", f"b{number}@example.com"],
            tags=tags_named(*tags),
        )
        AccountContactFactory(contact=made, account=account, is_primary=True)
    before = everything()
    exported = as_csv("contact", user)
    Contact.objects.all().delete()

    made = imports.create_import(
        io.BytesIO(exported.encode()), area="contact", by=user, name="x.csv"
    )
    options = Options(match="external_id", companies="join")
    imports.set_columns(made, made.columns, options)
    imports.start_import(imports.run(made))
    imports.run(made)

    assert made.counts.get("refused", 0) == 0, list(made.rows.values_list("remarks", flat=True))
    assert everything() == before


def _forget_everything() -> None:
    for model in (Contact, Account, CustomField):
        model.objects.all().delete()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    known=st.lists(st.tuples(LINE, st.booleans()), min_size=1, max_size=4),
    rows=st.lists(st.tuples(st.integers(0, 7), LINE, LINE, TAGS), min_size=1, max_size=8),
)
def test_an_import_that_is_taken_back_leaves_everything_as_it_was(known, rows):
    _forget_everything()
    user = make_staff(*RIGHTS)
    for number, (name, has_tag) in enumerate(known):
        ContactFactory(
            first_name=name,
            emails=[f"p{number}@example.com"],
            tags=tags_named("Old") if has_tag else [],
        )
    before = everything()
    text = io.StringIO()
    csv.writer(text).writerows(
        [
            ["E-mail", "E-mail 2", "First name", "Company", "Tags"],
            *(
                [f"p{n}@example.com", f"q{n}@example.com", name, company, "; ".join(tags)]
                for n, name, company, tags in rows
            ),
        ]
    )

    made = imports.create_import(
        io.BytesIO(text.getvalue().encode()), area="contact", by=user, name="x.csv"
    )
    imports.set_columns(made, made.columns, Options(match="email", companies="make"))
    imports.start_import(imports.run(made))
    imports.run(made)
    if made.operation is not None:
        imports.start_undo(made, by=user)
        imports.run(made)
        assert made.facts["undo"]["kept"] == 0, list(made.rows.values_list("remarks", flat=True))

    assert everything() == before
    assert not Account.objects.exists()
