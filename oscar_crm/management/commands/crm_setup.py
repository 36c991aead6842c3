"""``manage.py crm_setup``"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oscar_crm.services import installation


class Command(BaseCommand):
    help = (
        "Explain the CRM's installation and repair what can be: groups and permissions, orders not "
        "checked for a day. Running it twice changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--explain-only", action="store_true", help="only explain, change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        open_steps = 0
        for step in installation.inspect(repair=not options["explain_only"]):
            self.stdout.write(f"{'!' if step.advice else '✓'} {step.name}: {step.finding}.")
            if step.advice:
                open_steps += 1
                self.stdout.write(f"    {step.advice}")
        if open_steps:
            raise CommandError(f"Left to do, see above: {open_steps}.")
