"""Instances of rows that are read by the thousand, made in a third of the time or less."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models.base import ModelState


def stored_row(
    model: type[models.Model],
    db: str | None,
    names: Sequence[str],
    values: Sequence[Any],
    *,
    fetch_mode: Any = None,
) -> Any:
    """An instance of a row with the values of some attributes; the others are deferred.

    As ``Model.from_db``, but without ``__init__``, which sets one field after the other and sends
    two signals of Django's, ``pre_init`` and ``post_init``.
    """
    row = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, db
    if fetch_mode is not None:  # from Django 6.1 on
        state.fetch_mode = fetch_mode
    attributes = vars(row)
    attributes["_state"] = state
    attributes.update(zip(names, values, strict=True))
    return row


class QuickModel(models.Model):
    """A model whose rows are read by the thousand. It has no fields of its own."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Any, values: Any, *, fetch_mode: Any = None
    ) -> Any:
        return stored_row(cls, db, field_names, values, fetch_mode=fetch_mode)
