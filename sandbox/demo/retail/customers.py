"""Shop users from the customer ids of an invoice file."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from sandbox.demo.retail.invoices import Document

User = get_user_model()


def email_of(customer: str) -> str:
    """The made-up address of a customer id; the domain can never be somebody's."""
    return f"customer-{customer}@retail.example"


def load_customers(documents: Iterable[Document]) -> tuple[dict[str, Any], int]:
    """A user for every customer id, without a password; returns them and how many are new."""
    joined: dict[str, datetime] = {}
    for document in documents:
        if document.customer:
            joined.setdefault(document.customer, document.date)
    known = _users(joined)
    missing = [customer for customer in joined if customer not in known]
    User.objects.bulk_create(
        [_user(customer, joined[customer]) for customer in missing], batch_size=500
    )
    return (_users(joined) if missing else known), len(missing)


def _users(customers: Iterable[str]) -> dict[str, Any]:
    wanted = {email_of(customer): customer for customer in customers}
    found = User.objects.filter(username__endswith="@retail.example")
    return {wanted[user.username]: user for user in found if user.username in wanted}


def _user(customer: str, joined: datetime) -> Any:
    return User(
        username=email_of(customer),
        email=email_of(customer),
        first_name="Customer",
        last_name=customer,
        password=make_password(None),
        date_joined=joined,
    )
