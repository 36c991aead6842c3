"""``manage.py crm_check``"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oscar_crm.services import integrity


class Command(BaseCommand):
    help = (
        "Check that the figures of contacts and accounts agree with the value ledger, and the "
        "ledger with the shop's orders. Exits with 1 when something was found that is not repaired."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="put right what is found")

    def handle(self, *args: Any, **options: Any) -> None:
        found = left = 0
        for finding in integrity.check(repair=options["repair"]):
            found += 1
            left += not finding.is_repaired
            self.stdout.write(finding.what + (" (repaired)" if finding.is_repaired else ""))
        if left:
            raise CommandError(f"{left} found. Run crm_check --repair to put them right.")
        self.stdout.write(
            f"{found} found and repaired." if found else "Everything is as it should be."
        )
