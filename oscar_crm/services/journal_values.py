"""Values as the journal keeps them, and back: what undo compares and writes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from oscar_crm.models import Account, Contact

from .undo_run import Reason


def stored_form(value: Any) -> Any:
    """A value as the journal keeps it."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def holds(current: Any, stored: Any) -> bool:
    """Whether a field's value is the one the journal kept; times may be kept to the millisecond."""
    if stored_form(current) == stored:
        return True
    if isinstance(current, datetime) and isinstance(stored, str):
        return current.isoformat() == stored
    return False


def column_of(model: type[models.Model], name: str) -> "models.Field[Any, Any] | None":
    """The column that a journalled name stands for, None if it stands for something else."""
    for column in model._meta.concrete_fields:
        if column.name == name and not column.primary_key:
            return column
    return None


def python_value(column: "models.Field[Any, Any]", stored: Any) -> Any:
    """What to write into a column for a stored value. Raises Django's ``ValidationError``."""
    if stored is None:
        return None
    target = column.target_field if isinstance(column, models.ForeignKey) else column
    return target.to_python(stored)


def unfit_targets(
    model: type[models.Model],
    rows: Iterable[Mapping[str, Any]],
    *,
    returning: Iterable[int] = (),
) -> dict[str, dict[str, str]]:
    """Per foreign key, which ids (as texts) in some stored rows nothing may point at, and why.

    What was merged is as good as gone: nobody would see what hangs on it; but for those that are
    ``returning`` from their merge just now. To the erased nothing is given back.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    keys = {c.name: c for c in model._meta.concrete_fields if isinstance(c, models.ForeignKey)}
    for row in rows:
        for name in keys.keys() & row.keys():
            if row[name] is not None:
                wanted[name].add(str(row[name]))
    found: dict[str, dict[str, str]] = {}
    for name, ids in wanted.items():
        target: Any = keys[name].related_model
        fit, erased = _fit_and_erased(target, ids, returning)
        found[name] = {
            pk: Reason.ERASED if pk in erased else Reason.TARGET_GONE for pk in ids - fit
        }
    return found


def _fit_and_erased(
    target: Any, ids: set[str], returning: Iterable[int]
) -> tuple[set[str], set[str]]:
    rows = target._default_manager.filter(pk__in=ids)
    if target not in (Contact, Account):
        return {str(pk) for pk in rows.values_list("pk", flat=True)}, set()
    here = rows.filter(Q(merged_into=None) | Q(pk__in=list(returning)))
    if target is Account:
        return {str(pk) for pk in here.values_list("pk", flat=True)}, set()
    erased = set(rows.exclude(erased_at=None).values_list("pk", flat=True))
    fit = set(here.values_list("pk", flat=True)) - erased
    return {str(pk) for pk in fit}, {str(pk) for pk in erased}
