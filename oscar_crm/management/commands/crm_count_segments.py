"""``manage.py crm_count_segments``"""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from oscar_crm.services.segments import count_segments


class Command(BaseCommand):
    help = "Count the contacts of all segments and store the counts with their time, for cron."

    def handle(self, *args: Any, **options: Any) -> None:
        done = count_segments()
        self.stdout.write(ngettext("%s segment counted.", "%s segments counted.", done) % done)
