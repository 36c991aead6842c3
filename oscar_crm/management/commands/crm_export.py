"""``manage.py crm_export``"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oscar_crm.exceptions import CRMError
from oscar_crm.management.staff import find_staff
from oscar_crm.queries import contacts, segments
from oscar_crm.queries.areas import AREAS
from oscar_crm.queries.stored_filters import from_json
from oscar_crm.services import export


class Command(BaseCommand):
    help = "Export the contacts or accounts that a user may see to a CSV or XLSX file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write; it ends in .csv or .xlsx")
        parser.add_argument(
            "--user", required=True, help="in whose name, by e-mail address or login name"
        )
        parser.add_argument("--area", choices=AREAS, default="contact")
        parser.add_argument(
            "--column", action="append", default=[], help="a column by its key; repeatable"
        )
        parser.add_argument("--segment", metavar="ID", help="only the contacts of a segment")
        parser.add_argument(
            "--archived", action="store_true", help="those that are archived, not the others"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, area = options["file"], options["area"]
        if path.suffix not in (".csv", ".xlsx"):
            raise CommandError(f"{path} must end in .csv or .xlsx.")
        user = find_staff(options["user"])
        if not user.has_perms([f"oscar_crm.export_{area}s", f"oscar_crm.view_{area}"]):
            raise CommandError(f"{options['user']} may not export {area}s.")
        try:
            columns = export.chosen_columns(area, options["column"])
            records = self._records(area, user, options).order_by("sort_name", "pk")
            self._write(path, area, records, columns, user)
        except CRMError as error:
            raise CommandError(str(error)) from error

    def _records(self, area: str, user: Any, options: dict[str, Any]) -> Any:
        visible = AREAS[area].visible_to(user)
        if options["segment"] is None:
            return visible.filter(archived_at__isnull=not options["archived"])
        segment = segments.find(user, options["segment"]) if area == "contact" else None
        if segment is None:
            raise CommandError(
                f"{options['user']} sees no segment {options['segment']} of {area}s."
            )
        return contacts.narrowed(visible, from_json(segment.filter))

    def _write(self, path: Path, area: str, records: Any, columns: Any, user: Any) -> None:
        count = None
        if path.suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                file.writelines(export.write_csv(area, records, columns, user=user))
        else:
            with path.open("wb") as binary:
                count = export.write_xlsx(area, records, columns, binary, user=user)
        export.record_export(area, by=user, count=count, file_format=path.suffix[1:])
        self.stdout.write(f"{path} is written.")
