"""The real sample: lifetime values against a sum straight from the file."""

import csv
import os
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from oscar_crm.models import Contact
from oscar_crm.services import reconcile

BESIDE_REPOSITORY = settings.SANDBOX_DIR.parents[1] / "shared/data/online-retail-10k.csv"
SAMPLE = Path(os.environ.get("RETAIL_CSV") or BESIDE_REPOSITORY)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not SAMPLE.exists(),
        reason="needs the Online Retail sample: name it in the environment variable RETAIL_CSV",
    ),
]


def expected_values() -> dict[str, Decimal]:
    """By customer id: invoices less the credit notes that fit the earlier invoices' balance."""
    amounts: dict[tuple[datetime, bool, str, str], Decimal] = defaultdict(Decimal)
    dates: dict[str, datetime] = {}
    with SAMPLE.open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.DictReader(handle, delimiter=";"):
            number, quantity = row["InvoiceNo"], int(row["Quantity"])
            is_note = number.startswith("C")
            if not row["CustomerID"] or (quantity < 0) != is_note:
                continue
            at = datetime.strptime(row["InvoiceDate"], "%d/%m/%Y %H:%M")  # noqa: DTZ007
            at = dates.setdefault(number, at)
            price = Decimal(row["UnitPrice"].replace(",", "."))
            amounts[at, is_note, row["CustomerID"], number] += quantity * price
    values: dict[str, Decimal] = defaultdict(Decimal)
    for (_, is_note, customer, _), amount in sorted(amounts.items()):
        # What a customer has left is one pot: only how much fits matters here, not which order.
        values[customer] += max(amount, -values[customer]) if is_note else amount
    return dict(values)


def test_every_customers_lifetime_value_is_right(
    load: Callable[..., str], rows: Any, settings: Any
) -> None:
    settings.OSCAR_CRM_CURRENCY = "GBP"
    load(SAMPLE)
    expected = expected_values()
    assert len(expected) == 323
    contacts = Contact.objects.filter(emails__address__endswith="@retail.example")
    found = dict(contacts.values_list("emails__address", "lifetime_value"))
    for customer, value in expected.items():
        address = f"customer-{customer}@retail.example"
        # Who has only credit notes has no order, so no contact.
        assert found.pop(address, Decimal(0)) == value, customer
    assert not found

    before = rows(["oscar_crm"])
    summary = reconcile.run()
    assert rows(["oscar_crm"]) == before
    assert (summary.linked, summary.updated, summary.failed, summary.deleted) == (0, 0, 0, 0)
