"""Load an invoice file in the "Online Retail" layout into the sandbox shop."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from oscar_crm.services import reconcile
from sandbox.demo.retail.load import Loaded, load
from sandbox.demo.retail.parse import LayoutError, Parsed, Rejection, parse_file


class Command(BaseCommand):
    help = (
        'Load an invoice file in the "Online Retail" layout as catalogue, customers and orders. '
        "Loading the same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV file, semicolon or comma separated, UTF-8")
        parser.add_argument("--currency", default="GBP", help="of all prices (default: GBP)")
        parser.add_argument("--report", type=Path, help="write what was not taken over as CSV")
        parser.add_argument(
            "--no-sync", action="store_true", help="leave the orders for the CRM to find later"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        currency = options["currency"].upper()
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise CommandError(f"{currency} is no currency. Give an ISO 4217 code such as GBP.")
        try:
            parsed = parse_file(options["file"])
        except LayoutError as error:
            raise CommandError(str(error)) from error
        self._check_report(options["report"])
        loaded = load(parsed, currency)
        self._print_rejected(loaded.rejected)
        self._write_report(options["report"], loaded.rejected)
        self._print_summary(parsed, loaded)
        if options["no_sync"]:
            self.stdout.write("The CRM was not told: run crm_sync_orders to bring the orders in.")
        else:
            self._sync(currency)

    def _check_report(self, path: Path | None) -> None:
        """Fail before anything is changed when the report cannot be written."""
        try:
            if path:
                path.touch()
        except OSError as error:
            raise CommandError(f"Cannot write {path}: {error.strerror}.") from error

    def _write_report(self, path: Path | None, rejected: list[Rejection]) -> None:
        if path:
            with path.open("w", encoding="utf-8", newline="") as handle:
                write_report(handle, rejected)

    def _print_rejected(self, rejected: list[Rejection]) -> None:
        for item in rejected:
            customer = f"customer {item.customer}" if item.customer else "no customer id"
            amount = "" if item.amount is None else f", {item.amount}"
            self.stdout.write(f"{_lines(item)} ({customer}{amount}): {item.reason}")

    def _print_summary(self, parsed: Parsed, loaded: Loaded) -> None:
        orders = f"{loaded.orders} orders ({loaded.guest_orders} of guests, without an e-mail)"
        self.stdout.write(
            f"{loaded.products} products, {loaded.customers} customers, {orders}, "
            f"{loaded.refunds} refunds."
        )
        self.stdout.write(
            f"{len(parsed.lines)} lines read, {len(loaded.rejected)} entries not taken over."
        )
        if loaded.skipped_orders or loaded.skipped_notes:
            self.stdout.write(
                f"Already in the shop and left alone: {loaded.skipped_orders} orders, "
                f"{loaded.skipped_notes} credit notes."
            )

    def _sync(self, currency: str) -> None:
        self.stdout.write("Bringing the orders into the CRM ...")
        summary = reconcile.run()
        self.stdout.write(
            f"{summary.checked} orders checked, {summary.linked} linked, "
            f"{summary.without_contact} without a contact, {summary.failed} failed."
        )
        base = getattr(settings, "OSCAR_CRM_CURRENCY", None) or settings.OSCAR_DEFAULT_CURRENCY
        if currency != base:
            self.stdout.write(
                f"The CRM counts in {base}: it needs a rate for {currency}, "
                "see Exchange rates in the dashboard."
            )


def _lines(item: Rejection) -> str:
    numbers = ", ".join(str(number) for number in item.lines)
    return f"{'line' if len(item.lines) == 1 else 'lines'} {numbers}"


def write_report(handle: TextIO, rejected: list[Rejection]) -> None:
    """What was not taken over, a row each."""
    writer = csv.writer(handle)
    writer.writerow(["lines", "invoice", "customer", "amount", "reason"])
    for item in rejected:
        lines = " ".join(str(number) for number in item.lines)
        amount = "" if item.amount is None else item.amount
        writer.writerow([lines, item.invoice, item.customer, amount, item.reason])
