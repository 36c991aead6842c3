"""Accounts: export then import, and import then undo, leave everything as it was."""

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oscar_crm.models import Account, AccountWord, CustomField
from oscar_crm.queries.accounts import visible_to
from oscar_crm.services import export, imports
from oscar_crm.services.imports import Options
from oscar_crm.test.factories import AccountFactory, make_staff

from .conftest import RIGHTS
from .strategies import LINE, TAGS, tags_named

pytestmark = pytest.mark.django_db
ACCOUNTS = st.lists(
    st.fixed_dictionaries(
        {
            "industry": LINE,
            "description": st.sampled_from(["", "One\nand two", "=1+1", '"quoted"; or not']),
            "website": st.sampled_from(["", "https://acme.example", "https://a.example/b?c=d"]),
            "phone": st.sampled_from(["", "+49 221 123-45", "0221/123", "'+1"]),
            "currency": st.sampled_from(["", "EUR", "USD"]),
            "billing_city": LINE,
            "billing_country": st.sampled_from(["", "DE", "GB"]),
            "shipping_city": LINE,
        }
    ),
    min_size=1,
    max_size=5,
)
FIELDS = (
    *("name", "industry", "description", "website", "phone", "currency", "owner_id", "custom"),
    *("billing_city", "billing_country", "shipping_city", "external_id"),
)
USUAL = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def everything() -> list[dict[str, Any]]:
    """The accounts' business fields and relations, without keys and times."""
    return [
        {
            **{name: getattr(account, name) for name in FIELDS},
            "parent": account.parent.name if account.parent else "",
            "tags": sorted(account.tags.values_list("name", flat=True)),
            "words": sorted(AccountWord.objects.filter(account=account).values_list("word")),
        }
        for account in Account.objects.order_by("external_id", "pk")
    ]


def start_afresh() -> Any:
    for model in (Account, CustomField):
        model.objects.all().delete()
    CustomField.objects.create(area="account", key="note", label="Note", kind="text")
    return make_staff(*RIGHTS, "view_all_contacts", "view_all_accounts")


def take_in(text: str, user: Any, **options: Any) -> Any:
    made = imports.create_import(io.BytesIO(text.encode()), area="account", by=user, name="x.csv")
    imports.set_columns(made, made.columns, Options(**options))
    imports.start_import(imports.run(made))
    return imports.run(made)


@USUAL
@given(rows=ACCOUNTS, tags=TAGS)
def test_what_was_exported_comes_back_by_an_import(rows, tags):
    user = start_afresh()
    parent = None
    for number, values in enumerate(rows):
        parent = AccountFactory(
            **values,
            name=f"Company {number}",
            owner=user if number % 2 else None,
            external_id=f"x:{number}",
            custom={"note": values["industry"]} if values["industry"] else {},
            parent=parent,
            tags=tags_named(*tags),
        )
    before = everything()
    columns = export.chosen_columns("account", [])
    records = visible_to(user).order_by("pk")
    exported = "".join(export.write_csv("account", records, columns, user=user))
    Account.objects.all().delete()

    take_in(exported, user, match="external_id")
    # A parent that comes with the same file is there from the second time on, as its remark says.
    made = take_in(exported, user, match="external_id")

    assert made.counts.get("refused", 0) == 0, list(made.rows.values_list("remarks", flat=True))
    assert everything() == before


@USUAL
@given(
    known=st.lists(st.tuples(LINE, st.booleans()), min_size=1, max_size=4),
    rows=st.lists(st.tuples(st.integers(0, 7), LINE, LINE, TAGS), min_size=1, max_size=8),
)
def test_an_import_that_is_taken_back_leaves_everything_as_it_was(known, rows):
    user = start_afresh()
    for number, (industry, has_tag) in enumerate(known):
        AccountFactory(
            name=f"Company {number}",
            industry=industry,
            tags=tags_named("Old") if has_tag else [],
        )
    before = everything()
    text = io.StringIO()
    csv.writer(text).writerows(
        [
            ["Name", "Industry", "Billing city", "Tags"],
            *(
                [f"Company {n}", industry, city, "; ".join(tags)]
                for n, industry, city, tags in rows
            ),
        ]
    )

    made = take_in(text.getvalue(), user, match="name")
    if made.operation is not None:
        imports.start_undo(made, by=user)
        imports.run(made)
        assert made.facts["undo"]["kept"] == 0, list(made.rows.values_list("remarks", flat=True))

    assert everything() == before
