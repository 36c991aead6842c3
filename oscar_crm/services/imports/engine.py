"""Working through an import block by block: the dry run and the run are one path.

A block is read, planned and, in a run, written in one transaction that also moves the place on.
Whoever is killed leaves the place where it was; whoever comes next goes on there. Two at once
wait for each other.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm.conf import crm_settings
from oscar_crm.exceptions import CRMError, ImportStateError
from oscar_crm.models import Import, ImportKey, ImportRow, Operation
from oscar_crm.services import bulk

from .accounts import AccountPlanner
from .contacts import ContactPlanner
from .decisions import Decision, Outcome, Planner
from .fields import fields_of
from .options import Mode, Options
from .rows import RowReader
from .store import read_block
from .undoing import undo_block
from .writing import write_accounts, write_contacts, write_report

State = Import.State
PLANNERS: dict[str, type[Planner]] = {"contact": ContactPlanner, "account": AccountPlanner}
WRITERS: dict[str, Callable[[Sequence[Decision], Operation], None]] = {
    "contact": write_contacts,
    "account": write_accounts,
}
ATTEMPTS = 3

logger = logging.getLogger("oscar_crm")


def run(of_import: Import, *, progress: Callable[[Import], object] | None = None) -> Import:
    """Make steps until there are none left, or somebody pauses or cancels. Safe to repeat."""
    while of_import.is_at_work and not of_import.is_paused:
        step(of_import)
        if progress:
            progress(of_import)
    return of_import


def work(of_import: Import, *, seconds: float) -> Import:
    """Make steps for about so long: what one request does."""
    end = time.monotonic() + seconds
    while of_import.is_at_work and not of_import.is_paused:
        step(of_import)
        if time.monotonic() >= end:
            break
    return of_import


def step(of_import: Import) -> None:
    """Do the next block, or end what is being done after the last one.

    What the rows would break (an address that somebody else has just taken) is planned anew.
    A right that the user has lost since stops the import with its reason.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _step(of_import)
            return
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
        except CRMError as error:
            _stop(of_import, str(error))
            return


@bulk.no_garbage()
@transaction.atomic
def _step(of_import: Import) -> None:
    locked = Import.objects.select_for_update().get(pk=of_import.pk)
    if locked.is_at_work and not locked.is_paused:
        locked.problem = ""
        _DO[locked.state](locked)
        locked.save()
    _copy(locked, of_import)


def _check_block(locked: Import) -> None:
    if locked.place >= locked.blocks_total:
        locked.state = State.CHECKED
        return
    _plan_and_write(locked, operation=None)


def _run_block(locked: Import) -> None:
    if locked.place >= locked.blocks_total:
        _finish(locked)
        return
    _plan_and_write(locked, operation=locked.operation)


def _undo_block(locked: Import) -> None:
    undo_block(locked)


_DO: dict[str, Callable[[Import], None]] = {
    State.CHECKING: _check_block,
    State.RUNNING: _run_block,
    State.UNDOING: _undo_block,
}


def _plan_and_write(locked: Import, *, operation: Operation | None) -> None:
    options = Options.of(locked.options)
    check_rights(locked)
    planner = planner_of(locked, options, lock=operation is not None)
    decisions = decide(locked, planner, locked.place)
    if operation is not None:
        WRITERS[locked.area](decisions, operation)
    write_report(locked, decisions, planner.fresh)
    counts = Counter(locked.counts)
    counts.update(decision.outcome for decision in decisions)
    counts["remarks"] += sum(
        bool(d.draft.remarks) and d.outcome != Outcome.REFUSED for d in decisions
    )
    locked.counts = dict(counts)
    locked.place += 1


def planner_of(of_import: Import, options: Options, *, lock: bool) -> Planner:
    """What plans the rows of an import; ``lock`` in a run, not in a dry run."""
    return PLANNERS[of_import.area](of_import, options, of_import.actor, lock=lock)


def decide(of_import: Import, planner: Planner, block: int) -> list[Decision]:
    """Read and plan the rows of a block. Writes nothing."""
    fields = fields_of(of_import.area)
    reader = RowReader(of_import, planner.options, fields)
    drafts = [reader.read(row, cells) for row, cells in read_block(of_import, block)]
    return planner.plan(drafts)


def _finish(locked: Import) -> None:
    locked.state = State.DONE
    locked.finished_at = timezone.now()
    end_operation(locked)
    if crm_settings.IMPORT_KEEP_DAYS == 0:
        forget_rows(locked)


def end_operation(locked: Import) -> None:
    """Close the journal's entry; one that changed nothing leaves none."""
    operation = locked.operation
    if operation is None:
        return
    if operation.changes.exists():
        operation.finished_at = timezone.now()
        operation.state = {"import": locked.pk, "counts": locked.counts}
        operation.save(update_fields=["finished_at", "state"])
    else:
        locked.operation = None
        locked.save(update_fields=["operation"])
        operation.delete()


def forget_rows(locked: Import) -> None:
    """Erase the file's rows and what was told of them; the history stays."""
    locked.blocks.all().delete()
    locked.keys.all().delete()
    locked.rows.all().delete()
    locked.erased_at = timezone.now()


def clear_report(of_import: Import) -> None:
    """Forget what a dry run has told, before the run tells it anew."""
    ImportRow.objects.filter(of_import=of_import).delete()
    ImportKey.objects.filter(of_import=of_import).delete()


def check_rights(of_import: Import) -> None:
    """Raise ``ImportStateError`` if whoever began the import may not do what it does."""
    user = of_import.actor
    if user is None or not user.is_active:
        raise ImportStateError(_("Whoever began this import has no account any more."))
    mode = Options.of(of_import.options).mode
    wanted = [f"oscar_crm.view_{of_import.area}"]
    if mode != Mode.UPDATE:
        wanted.append(f"oscar_crm.add_{of_import.area}")
    if mode != Mode.CREATE:
        wanted.append(f"oscar_crm.change_{of_import.area}")
    if not user.has_perms(wanted):
        raise ImportStateError(
            _("To do this, one must be allowed to add or change such records. Ask a manager.")
        )


def _stop(of_import: Import, reason: str) -> None:
    with transaction.atomic():
        locked = Import.objects.select_for_update().get(pk=of_import.pk)
        locked.is_paused, locked.problem = True, reason
        locked.save(update_fields=["is_paused", "problem"])
        _copy(locked, of_import)


def _copy(source: Import, target: Import) -> None:
    """Let the caller's object tell what is stored now."""
    for field in Import._meta.concrete_fields:
        setattr(target, field.attname, getattr(source, field.attname))
    target._state.fields_cache.clear()
