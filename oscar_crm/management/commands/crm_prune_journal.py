"""``manage.py crm_prune_journal``"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from oscar_crm.conf import crm_settings
from oscar_crm.queries.retention import old_operations
from oscar_crm.services.retention import prune_journal


class Command(BaseCommand):
    help = (
        "Delete what is older than OSCAR_CRM_JOURNAL_MONTHS from the journal. It is then gone "
        "from the timelines and can no longer be undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only tell what would be deleted"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        months = crm_settings.JOURNAL_MONTHS
        if months is None:
            self.stdout.write("OSCAR_CRM_JOURNAL_MONTHS is not set: the journal keeps everything.")
        elif options["dry_run"]:
            count = old_operations(months).count()
            self.stdout.write(f"{count:,} acts are older than {months} months.")
        else:
            count = prune_journal(months)
            self.stdout.write(f"{count:,} acts older than {months} months deleted.")
