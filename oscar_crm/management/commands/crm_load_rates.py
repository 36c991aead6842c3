"""``manage.py crm_load_rates``"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oscar_crm.exceptions import RateFileError
from oscar_crm.services import reconcile
from oscar_crm.services.rate_files import load_rates


class Command(BaseCommand):
    help = (
        "Load exchange rates from a CSV file (currency,rate,valid_from; or the European Central "
        "Bank's reference rates) and value the orders anew. The file is loaded whole or not at all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = options["file"].read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError("The file is not UTF-8 text. Save it as CSV UTF-8.") from error
        try:
            rows = load_rates(lines)
        except RateFileError as error:
            raise CommandError(f"{error} Nothing was loaded.") from error
        currencies = sorted({row.currency for row in rows})
        for currency in currencies:
            reconcile.run(currency=currency)
        self.stdout.write(f"{len(rows)} rates loaded for {', '.join(currencies)}.")
