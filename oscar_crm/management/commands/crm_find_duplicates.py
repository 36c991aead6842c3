"""``manage.py crm_find_duplicates``"""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from oscar_crm.services import duplicates
from oscar_crm.services.duplicates import Summary


class Command(BaseCommand):
    help = (
        "Look for contacts and accounts that may be one, for the review queue in the dashboard. "
        "Running it twice changes nothing; a run that was cut off is resumed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        disable = True if options["verbosity"] == 0 else None  # None: no bar where nobody watches
        with tqdm(unit="record", disable=disable, file=self.stderr) as bar:

            def show(summary: Summary) -> None:
                bar.total = max(summary.total, summary.checked)
                bar.update(summary.checked - bar.n)

            summary = duplicates.run(progress=show)
        self.stdout.write(f"{summary.checked:>10,} records compared")
        self.stdout.write(f"{summary.found:>10,} possible duplicates")
