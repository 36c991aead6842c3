"""Fill an empty sandbox shop with generated but lifelike data."""

import random
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.services import reconcile
from sandbox.demo.countries import add_countries
from sandbox.demo.seed.catalogue import make_catalogue, set_stock_levels
from sandbox.demo.seed.companies import work_companies
from sandbox.demo.seed.crm import enter_rates, work_contacts
from sandbox.demo.seed.custom_fields import add_fields, fill_fields
from sandbox.demo.seed.duplicates import type_twice
from sandbox.demo.seed.imports import upload_trade_fair
from sandbox.demo.seed.orders import place_orders
from sandbox.demo.seed.people import Person, make_people, save_users
from sandbox.demo.seed.plan import plan_orders
from sandbox.demo.seed.privacy import ask_for_consent, close_an_account
from sandbox.demo.seed.segments import save_segments
from sandbox.demo.seed.staff import LOGINS, PASSWORD, make_staff

OPTIONS = {
    "customers": (150, "customers, with an account and guests"),
    "orders": (600, "orders"),
    "products": (60, "products"),
    "months": (18, "months the orders are spread over"),
    "seed": (7, "another number, another shop"),
}


class Command(BaseCommand):
    help = "Fill an empty shop with a demo. Does nothing when the shop has products."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, (default, text) in OPTIONS.items():
            parser.add_argument(
                f"--{name}", type=int, default=default, help=f"{text} (default: {default})"
            )

    def handle(self, *args: Any, **options: int) -> None:
        for name in ("customers", "orders", "products", "months"):
            if options[name] < 1:
                raise CommandError(f"--{name} must be at least 1.")
        if get_model("catalogue", "Product").objects.exists():
            self.stdout.write("The shop already has products: nothing was changed.")
            if get_user_model().objects.filter(email=LOGINS[0].email).exists():
                self._print_logins()
            return
        rng = random.Random(options["seed"])
        # All or nothing: an interrupted run is simply repeated.
        with transaction.atomic(), orders_synced_later():
            staff, people = self._open_shop(rng, options)
            self._work(rng, staff, people)
        self._print_logins()

    def _open_shop(
        self, rng: random.Random, options: dict[str, int]
    ) -> tuple[dict[str, Any], list[Person]]:
        """Everything up to the last order."""
        add_countries()
        name_site()
        staff = make_staff()
        enter_rates(staff["owner@example.com"], timezone.localdate(), options["months"])
        products = make_catalogue(rng, options["products"])
        people = make_people(rng, options["customers"])
        plans = plan_orders(rng, people, len(products), options["orders"], options["months"])
        members = save_users(rng, people, plans[0].placed_at)
        orders = place_orders(rng, plans, products)
        set_stock_levels(rng, products)
        self.stdout.write(
            f"{len(products)} products, {members} customers with an account, "
            f"{len(people) - members} guests, {len(orders)} orders."
        )
        return staff, people

    def _work(self, rng: random.Random, staff: dict[str, Any], people: list[Person]) -> None:
        """The CRM's side, once the orders are there."""
        summary = reconcile.run()
        done = work_contacts(rng, staff, people)
        accounts = work_companies(rng, staff)
        twins = type_twice(rng, staff["sales@example.com"])
        add_fields(staff["owner@example.com"])
        filled = fill_fields(rng, staff["sales@example.com"], timezone.localdate())
        consents = ask_for_consent(rng, staff["owner@example.com"])
        close_an_account()
        save_segments(staff["owner@example.com"], staff["sales@example.com"])
        upload_trade_fair(staff["owner@example.com"])
        self.stdout.write(
            f"{summary.checked} orders in the CRM, {summary.without_contact} without a contact; "
            f"{done['owners']} contacts with an owner, {done['tags']} tags, {done['notes']} notes; "
            f"{accounts} accounts; {twins} possible duplicates; {filled} with custom fields; "
            f"{consents} consents."
        )

    def _print_logins(self) -> None:
        self.stdout.write(f"Logins for /dashboard/ (password of each: {PASSWORD}):")
        for login in LOGINS:
            self.stdout.write(f"  {login.email:20} {login.group}: {login.note}")


@contextmanager
def orders_synced_later() -> Iterator[None]:
    """Leave the orders to the reconciliation, which sees them finished and does each once."""
    with override_settings(OSCAR_CRM_SYNC_ORDERS=False):
        yield


def name_site() -> None:
    """The site's name and address as the shop's mails show it."""
    site = get_model("sites", "Site").objects.get_current()
    site.name, site.domain = "Nordlicht", "127.0.0.1:8000"
    site.save()
