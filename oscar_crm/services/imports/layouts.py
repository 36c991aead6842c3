"""Which field a column is, told by its header: the layouts of other systems, and one's own choice.

Headers are compared without case, marks and spaces.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import override

from oscar_crm import text
from oscar_crm.models import Import, ImportLayout

from .fields import FIELDS, Field
from .systems import LAYOUTS, SYNONYMS, Layout

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[\W_]+")


# What a file of refused rows tells beside the rows.
OWN_REMARKS = ("Row", "Why it was not imported")


@dataclass(frozen=True)
class Suggestion:
    """The field of each column, ``""`` for none, and how they were found.

    ``system`` names the source of external ids; ``options`` are remembered ones.
    """

    columns: list[str]
    layout: str = ""
    system: str = ""
    options: dict[str, Any] | None = None


def suggest(
    area: str, headers: Sequence[str], fields: Mapping[str, Field], user: Any
) -> Suggestion:
    """One's own choice for these headers, else a system's layout, else headers by their names."""
    remembered = ImportLayout.objects.filter(
        owner=user, area=area, signature=signature(headers)
    ).first()
    if remembered is not None and len(remembered.columns) == len(headers):
        columns = [key if key in fields else "" for key in remembered.columns]
        return Suggestion(columns, options=remembered.options)
    names = _names(area, fields)
    names |= {key_of(_t(name)): "" for name in OWN_REMARKS}
    layout = find_layout(area, headers)
    if layout is not None:
        names |= {key_of(header): field for header, field in layout.columns.items()}
    columns = [names.get(key_of(header), "") for header in headers]
    columns = _without_repetitions(columns, fields)
    return Suggestion(columns, layout.name if layout else "", layout.system if layout else "")


def find_layout(area: str, headers: Sequence[str]) -> Layout | None:
    """The system whose signs are all among the headers."""
    present = {key_of(header) for header in headers}
    for layout in LAYOUTS:
        if layout.area == area and present >= {key_of(sign) for sign in layout.signs}:
            return layout
    return None


def remember(of_import: Import) -> None:
    """Keep the choice for the next file with these headers; ``""`` means left out on purpose."""
    if of_import.actor_id is None:
        return
    ImportLayout.objects.update_or_create(
        owner_id=of_import.actor_id,
        area=of_import.area,
        signature=signature(of_import.headers),
        defaults={"columns": of_import.columns, "options": of_import.options},
    )


def signature(headers: Sequence[str]) -> str:
    """The same for files with the same headers in the same order."""
    folded = json.dumps([key_of(header) for header in headers])
    return hashlib.sha256(folded.encode()).hexdigest()


def key_of(header: str) -> str:
    """``"FirstName"``, ``"first_name"`` and ``"First Name"`` are one."""
    return _NO_WORD.sub(" ", text.fold(_CAMEL.sub(" ", header))).strip()


def _names(area: str, fields: Mapping[str, Field]) -> dict[str, str]:
    """What each field may be called: its label in English and in the user's language, synonyms."""
    known = {key_of(name): key for key, line in SYNONYMS[area].items() for name in line.split("|")}
    known |= {key_of(key): key for key in fields}
    known |= {key_of(str(field.label)): key for key, field in fields.items()}
    with override("en"):
        known |= {key_of(str(field.label)): field.key for field in FIELDS[area]}
    return known


def _without_repetitions(columns: Sequence[str], fields: Mapping[str, Field]) -> list[str]:
    """A field of one value takes several columns only where the first may be empty: phones.

    Two columns that seem to be the same field ("Name", "Name") are left to the user otherwise.
    """
    seen: set[str] = set()
    chosen = []
    for key in columns:
        is_shared = key and (fields[key].many or key in ("phone", "line2", "website", "country"))
        chosen.append(key if is_shared or key not in seen else "")
        seen.add(key)
    return chosen
