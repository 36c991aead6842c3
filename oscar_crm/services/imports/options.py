"""What somebody chose for an import, beside the columns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .values import DAY_FIRST, MONTH_FIRST


class Mode(models.TextChoices):
    BOTH = "both", _("Add new ones and change those that are known")
    CREATE = "create", _("Only add new ones")
    UPDATE = "update", _("Only change those that are known")


class Match(models.TextChoices):
    """What tells that a row is a record that is there already."""

    EMAIL = "email", _("E-mail address")
    EXTERNAL_ID = "external_id", _("External ID")
    NAME = "name", _("Name and company")


class Companies(models.TextChoices):
    """What becomes of the names of companies in a file of contacts."""

    TEXT = "text", _("Only write the name at the contact")
    JOIN = "join", _("Join the contact to the account of that name, if there is one")
    MAKE = "make", _("Join the contact to the account of that name, and make missing accounts")


@dataclass(frozen=True)
class Options:
    """``tags`` are put on every record; ``owner`` (an id as text) and ``kind`` on new ones.

    ``source`` goes before external ids: ids of two systems may be alike. ``region``: the country
    of phone numbers without a code. ``day_order``: how a day such as 03/04/2026 is read where the
    column does not tell.
    """

    mode: str = Mode.BOTH
    match: str = Match.EMAIL
    companies: str = Companies.TEXT
    tags: tuple[str, ...] = ()
    owner: str = ""
    kind: str = ""
    source: str = ""
    region: str = ""
    day_order: str = ""
    decimal_comma: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Options":
        """From JSON; what is unknown is left out, so that older rows stay readable."""
        known = {f.name for f in fields(cls)}
        values = {name: value for name, value in stored.items() if name in known}
        values["tags"] = tuple(values.get("tags", ()))
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "tags": list(self.tags)}


def usual_day_order() -> str:
    """How the shop's language writes a day in digits."""
    return MONTH_FIRST if settings.LANGUAGE_CODE.lower() in ("en", "en-us") else DAY_FIRST
