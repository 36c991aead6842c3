"""``manage.py crm_retention``"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oscar_crm.conf import crm_settings
from oscar_crm.models import Contact
from oscar_crm.queries.retention import MAX_MONTHS, untouched_among


class Command(BaseCommand):
    help = (
        "Tell how many contacts nothing happened to for some months: no order, note, edit or "
        "consent. Nothing is changed; the dashboard lists and erases them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--months", type=int, help="how many months (default: OSCAR_CRM_RETENTION_MONTHS)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        months = options["months"]
        if months is None:
            months = crm_settings.RETENTION_MONTHS
        if months is None:
            self.stdout.write("OSCAR_CRM_RETENTION_MONTHS is not set: nobody is proposed.")
            return
        if not 1 <= months <= MAX_MONTHS:
            raise CommandError(f"--months {months}: give a number from 1 to {MAX_MONTHS}.")
        count = untouched_among(Contact.objects.filter(merged_into=None), months).count()
        self.stdout.write(f"{count:,} contacts untouched for {months} months.")
