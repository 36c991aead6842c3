"""``manage.py crm_import``"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from oscar_crm.exceptions import CRMError
from oscar_crm.management.staff import find_staff
from oscar_crm.models import Import
from oscar_crm.services import imports
from oscar_crm.services.imports import Options
from oscar_crm.services.imports.options import Companies, Match, Mode

COUNTS = {
    "create": "added",
    "update": "changed",
    "unchanged": "are so already",
    "skip": "left out",
    "refused": "cannot be imported",
    "remarks": "taken with a remark",
    "accounts": "accounts made",
}


class Command(BaseCommand):
    help = (
        "Import contacts or accounts from a CSV or XLSX file, exactly as the dashboard does. "
        "An import that was cut off is gone on with by --resume and taken back by --undo."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="the file")
        parser.add_argument("--user", help="in whose name, by e-mail address or login name")
        parser.add_argument("--area", choices=Import.Area.values, default="contact")
        parser.add_argument("--mode", choices=Mode.values, help="what shall happen")
        parser.add_argument("--match", choices=Match.values, help="what tells a known record")
        parser.add_argument("--companies", choices=Companies.values, help="what names of them do")
        parser.add_argument("--tag", action="append", default=[], help="a tag for all; repeatable")
        parser.add_argument("--source", help="the system external ids come from")
        parser.add_argument("--region", help="country of phone numbers without a code, as DE")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="HEADER=FIELD",
            help="the field of a column, nothing after the sign leaves it out; repeatable",
        )
        parser.add_argument("--encoding", default="", help="of a CSV file; else it is found out")
        parser.add_argument("--separator", default="", help="of a CSV file; else it is found out")
        parser.add_argument("--dry-run", action="store_true", help="only tell what would be done")
        parser.add_argument("--rejected", type=Path, help="write the refused rows to this file")
        parser.add_argument("--resume", type=int, metavar="ID", help="go on with an import")
        parser.add_argument("--undo", type=int, metavar="ID", help="take an import back")
        parser.add_argument(
            "--erase-old", action="store_true", help="erase files that were kept long enough"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except CRMError as error:
            raise CommandError(str(error)) from error

    def _handle(self, options: dict[str, Any]) -> None:
        self.quiet = options["verbosity"] == 0
        if options["erase_old"]:
            self.stdout.write(f"{imports.erase_old_files()} files erased.")
        elif options["undo"]:
            self._undo(options)
        elif options["resume"]:
            found = self._find(options["resume"])
            imports.resume_import(found)
            self._run(found)
            self._tell(found)
        elif options["file"] is None:
            raise CommandError("Give a file, or one of --resume, --undo and --erase-old.")
        else:
            self._import(options)

    def _import(self, options: dict[str, Any]) -> None:
        made = self._upload(options)
        if made.state != Import.State.CHECKED:
            raise CommandError(made.problem or "The file could not be checked.")
        if options["dry_run"]:
            self.stdout.write("Nothing was written. The import would do this:")
        else:
            imports.start_import(made)
            self._run(made)
        self._tell(made)
        if options["rejected"] is not None:
            with options["rejected"].open("w", encoding="utf-8", newline="") as file:
                file.writelines(imports.rejected_rows(made))
        if options["dry_run"]:
            imports.cancel_import(made)

    def _upload(self, options: dict[str, Any]) -> Import:
        if not options["user"]:
            raise CommandError("Say in whose name the file is imported: --user.")
        user = find_staff(options["user"])
        try:
            with options["file"].open("rb") as file:
                made = imports.create_import(
                    file,
                    area=options["area"],
                    by=user,
                    name=options["file"].name,
                    encoding=options["encoding"],
                    separator=options["separator"],
                )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        chosen = replace(Options.of(made.options), **_given(options))
        imports.set_columns(made, _columns(made, options["column"]), chosen)
        return self._run(made)

    def _undo(self, options: dict[str, Any]) -> None:
        found = self._find(options["undo"])
        if not options["user"]:
            raise CommandError("Say in whose name it is taken back: --user.")
        imports.start_undo(found, by=find_staff(options["user"]))
        self._run(found)
        undo = found.facts["undo"]
        self.stdout.write(f"{undo['restored']:>10,} changes taken back")
        if undo["kept"]:
            self.stdout.write(f"{undo['kept']:>10,} records stay: changed or used since")

    def _find(self, pk: int) -> Import:
        found = Import.objects.filter(pk=pk).first()
        if found is None:
            raise CommandError(f"There is no import {pk}.")
        return found

    def _run(self, made: Import) -> Import:
        disable = True if self.quiet else None  # None: no bar where nobody watches
        with tqdm(unit="block", total=made.blocks_total, disable=disable, file=self.stderr) as bar:
            imports.run(made, progress=lambda found: bar.update(found.place - bar.n))
        if made.problem:
            raise CommandError(made.problem)
        return made

    def _tell(self, made: Import) -> None:
        for name, label in COUNTS.items():
            if made.counts.get(name):
                self.stdout.write(f"{made.counts[name]:>10,} {label}")
        self.stdout.write(f"Import {made.pk}: {made.get_state_display()}.")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    names = ("mode", "match", "companies", "source", "region")
    given = {name: options[name] for name in names if options[name] is not None}
    return {**given, "tags": tuple(options["tag"])} if options["tag"] else given


def _columns(made: Import, given: list[str]) -> list[str]:
    """The columns as they were recognised, with those that were said."""
    columns = list(made.columns)
    for pair in given:
        header, sign, field = pair.rpartition("=")
        if not sign or header not in made.headers:
            raise CommandError(f"The file has no column {header or pair!r}: {made.headers}")
        columns[made.headers.index(header)] = field
    return columns
