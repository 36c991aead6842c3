"""From upload to undo: what may be done with an import, and when."""

from collections.abc import Sequence
from datetime import timedelta
from typing import IO, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm.conf import crm_settings
from oscar_crm.exceptions import ImportFileError, ImportStateError, ValidationError
from oscar_crm.models import Change, Import, Operation
from oscar_crm.services.journal import label_of

from . import layouts
from .engine import check_rights, clear_report, end_operation, forget_rows
from .fields import fields_of
from .files import open_table
from .options import Match, Options, usual_day_order
from .store import store_rows
from .undoing import begin_undo
from .workbook import is_zip

State = Import.State
MEGABYTE = 1024**2
# An undo may begin in any of these.
UNDOABLE = (State.DONE, State.CANCELLED, State.RUNNING)


@transaction.atomic
def create_import(
    file: IO[bytes],
    *,
    area: str,
    by: Any,
    name: str = "",
    encoding: str = "",
    separator: str = "",
) -> Import:
    """Read a file and keep its rows; its columns are matched as well as they can be.

    All or nothing. Raises ``ImportFileError``, naming the row if one is to blame.
    """
    size = _checked_size(file)
    table = open_table(file, name=name, encoding=encoding, separator=separator)
    of_import = Import.objects.create(
        area=area,
        file_name=_clean_name(name),
        size=size,
        encoding=table.encoding,
        separator=table.separator,
        headers=table.headers,
        actor=by,
        actor_label=label_of(by),
    )
    store_rows(of_import, table)
    found = layouts.suggest(area, table.headers, fields_of(area), by)
    of_import.columns = found.columns
    of_import.facts = {**of_import.facts, "layout": found.layout}
    of_import.options = found.options or _usual_options(of_import, found.system).as_json()
    of_import.save()
    return of_import


def _checked_size(file: IO[bytes]) -> int:
    file.seek(0)
    head = file.read(4)
    size = file.seek(0, 2)
    limit = crm_settings.IMPORT_MAX_XLSX_MB if is_zip(head) else crm_settings.IMPORT_MAX_MB
    if size > limit * MEGABYTE:
        advice = _(" Save it as CSV, of which more is possible.") if is_zip(head) else ""
        raise ImportFileError(_("The file is larger than %s MB. Split it.") % limit + advice)
    return size


def _clean_name(name: str) -> str:
    """A file's name without folders and what cannot be kept."""
    last = name.replace("\\", "/").rpartition("/")[2].replace("\x00", "")
    return last.encode(errors="ignore").decode()[-255:] or _("file")


def _usual_options(of_import: Import, system: str) -> Options:
    columns = of_import.columns
    if of_import.area == Import.Area.ACCOUNT:
        match = Match.EXTERNAL_ID if "external_id" in columns else Match.NAME
    elif "external_id" in columns:
        match = Match.EXTERNAL_ID
    else:
        match = Match.EMAIL if "emails" in columns or "name" not in columns else Match.NAME
    return Options(match=match, source=system, day_order=usual_day_order())


@transaction.atomic
def set_columns(
    of_import: Import, columns: Sequence[str], options: Options, *, begin: bool = True
) -> Import:
    """Say what the columns are and begin the dry run. May be repeated until the import runs.

    Raises ``ValidationError`` for fields that do not exist or are there twice.
    """
    locked = _locked(of_import, State.DRAFT, State.CHECKING, State.CHECKED)
    fields = fields_of(locked.area)
    columns = [*columns, *[""] * len(locked.headers)][: len(locked.headers)]
    if unknown := [key for key in columns if key and key not in fields]:
        raise ValidationError(_("There is no field “%s”.") % unknown[0], field="columns")
    if not any(columns):
        raise ValidationError(_("Choose a field for one column at least."), field="columns")
    _check_match(locked.area, columns, options)
    locked.columns, locked.options = columns, options.as_json()
    check_rights(locked)
    clear_report(locked)
    locked.place, locked.counts, locked.is_paused, locked.problem = 0, {}, False, ""
    locked.state = State.CHECKING if begin else State.DRAFT
    locked.save()
    layouts.remember(locked)
    return _told(locked, of_import)


def _check_match(area: str, columns: Sequence[str], options: Options) -> None:
    """The match key must be among the columns."""
    names = {"contact": {"first_name", "last_name", "full_name"}, "account": {"name"}}[area]
    if options.match == Match.EXTERNAL_ID and "external_id" not in columns:
        raise ValidationError(
            _("No column is the external ID, by which records are to be found."), field="match"
        )
    if options.match == Match.NAME and not names & set(columns):
        raise ValidationError(
            _("No column is the name, by which records are to be found."), field="match"
        )
    if area == "contact" and options.match == Match.EMAIL and "emails" not in columns:
        raise ValidationError(
            _("No column is the e-mail address, by which contacts are to be found."),
            field="match",
        )


@transaction.atomic
def start_import(of_import: Import) -> Import:
    """Begin to write what the dry run has shown."""
    locked = _locked(of_import, State.CHECKED)
    check_rights(locked)
    clear_report(locked)
    locked.operation = Operation.objects.create(
        kind=Operation.Kind.IMPORT,
        actor=locked.actor,
        actor_label=locked.actor_label,
        summary=locked.file_name[:255],
        state={"import": locked.pk},
    )
    locked.state, locked.place, locked.counts = State.RUNNING, 0, {}
    locked.started_at, locked.is_paused, locked.problem = timezone.now(), False, ""
    locked.save()
    return _told(locked, of_import)


@transaction.atomic
def pause_import(of_import: Import) -> Import:
    """Stop after the block under way. Nothing happens if there is nothing to pause."""
    return _set_paused(of_import, True)


@transaction.atomic
def resume_import(of_import: Import) -> Import:
    """Go on after a pause, a crash or a problem that has been put right."""
    return _set_paused(of_import, False)


def _set_paused(of_import: Import, is_paused: bool) -> Import:
    locked = Import.objects.select_for_update().get(pk=of_import.pk)
    if locked.is_at_work:
        locked.is_paused = is_paused
        locked.problem = locked.problem if is_paused else ""
        locked.save(update_fields=["is_paused", "problem"])
    return _told(locked, of_import)


@transaction.atomic
def cancel_import(of_import: Import) -> Import:
    """Stop for good. What has been imported stays, and can be taken back as a whole."""
    locked = _locked(of_import, State.DRAFT, State.CHECKING, State.CHECKED, State.RUNNING)
    locked.state, locked.is_paused = State.CANCELLED, False
    locked.finished_at = timezone.now()
    end_operation(locked)
    locked.save()
    return _told(locked, of_import)


@transaction.atomic
def start_undo(of_import: Import, *, by: Any) -> Import:
    """Begin to take back everything the import wrote. Raises ``ImportStateError`` if it cannot."""
    locked = _locked(of_import, *UNDOABLE)
    if locked.operation is None or not locked.operation.changes.exists():
        raise ImportStateError(_("There is nothing to take back: the import wrote nothing."))
    begin_undo(locked, by=by)
    locked.rows.all().delete()
    locked.state, locked.is_paused, locked.problem = State.UNDOING, False, ""
    locked.save()
    return _told(locked, of_import)


@transaction.atomic
def erase_file(of_import: Import) -> Import:
    """Erase the file's rows now. The history stays; undo remains possible."""
    locked = _locked(
        of_import, State.DRAFT, State.CHECKED, State.DONE, State.CANCELLED, State.UNDONE
    )
    if locked.state in (State.DRAFT, State.CHECKED):
        locked.state, locked.finished_at = State.CANCELLED, timezone.now()
    forget_rows(locked)
    locked.save()
    return _told(locked, of_import)


@transaction.atomic
def forget_person(contact_id: int) -> int:
    """Erase every file that a contact came from or was changed by: how many files.

    A row cannot be told from its neighbours in a packed block, so the whole file goes. To be called
    by an erasure, in its transaction; one that is under way is cancelled. Safe to repeat.
    """
    of_person = Change.objects.filter(contact=contact_id, operation__kind=Operation.Kind.IMPORT)
    imports = Import.objects.filter(
        Q(operation__in=of_person.values("operation"))
        | Q(rows__object_id=contact_id, area=Import.Area.CONTACT),
        erased_at=None,
    )
    count = 0
    for of_import in imports.distinct().order_by("pk"):
        if of_import.state in (State.CHECKING, State.RUNNING):
            cancel_import(of_import)
        locked = Import.objects.select_for_update().get(pk=of_import.pk)
        forget_rows(locked)
        locked.save()
        count += 1
    return count


def erase_old_files() -> int:
    """Erase the rows of files that are older than ``OSCAR_CRM_IMPORT_KEEP_DAYS``: how many files.

    To be run once a day. One that is under way is left alone until it has rested as long.
    """
    oldest = timezone.now() - timedelta(days=crm_settings.IMPORT_KEEP_DAYS)
    old = Import.objects.filter(erased_at=None, created_at__lt=oldest)
    idle = old.exclude(state__in=(State.CHECKING, State.RUNNING, State.UNDOING))
    count = 0
    for of_import in idle.order_by("pk"):
        erase_file(of_import)
        count += 1
    return count


def _locked(of_import: Import, *states: str) -> Import:
    """The import as it is now, if it is in one of these states."""
    locked = Import.objects.select_for_update().get(pk=of_import.pk)
    if locked.state not in states:
        raise ImportStateError(
            _("This import is %s: that cannot be done now. Look at its page again.")
            % locked.get_state_display()
        )
    return locked


def _told(locked: Import, of_import: Import) -> Import:
    of_import.refresh_from_db()
    return locked
