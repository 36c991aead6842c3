"""What models have: the shop's, which may be forks, and ours."""

from collections.abc import Iterator
from typing import Any


def has_field(model: Any, name: str) -> bool:
    """Whether a model of the shop has a field: a custom user may lack ``email``."""
    return any(field.name == name for field in model._meta.get_fields())


def pointing_at(model: Any) -> Iterator[tuple[Any, str]]:
    """The models whose rows point at one row of this, and by which column."""
    for relation in model._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete
        if is_reverse and (relation.one_to_many or relation.one_to_one):
            yield relation.related_model, relation.field.attname
