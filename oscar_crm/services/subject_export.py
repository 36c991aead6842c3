"""A person's data for the person: one ZIP, a page to read and a file for machines.

Written to a temporary file row by row: memory stays the same however much there is, and what
goes wrong is told before the download begins.
"""

import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from oscar_crm.models import Contact, Operation
from oscar_crm.queries.subject import Section, label_of, subject_records

from .forgetting import refuse_erased
from .journal import operation, record_change

PAGE, DATA = "personal-data.html", "personal-data.json"


def export_subject(contact: Contact, *, by: Any) -> IO[bytes]:
    """Everything held on a contact and on the records merged into it, as an open ZIP file.

    The caller closes it. Journalled without its content. Raises ``ErasedError``.
    """
    refuse_erased(contact)
    target = tempfile.TemporaryFile(suffix=".zip")  # noqa: SIM115 - handed to the response
    try:
        folder = folder_of(contact)
        with ZipFile(target, "w", ZIP_DEFLATED) as archive:
            for name, pieces in ((PAGE, _page(contact)), (DATA, _data(contact))):
                with archive.open(f"{folder}/{name}", "w") as file:
                    for piece in pieces:
                        file.write(piece.encode())
        with operation(Operation.Kind.EXPORT, by=by) as opened:
            change = record_change(opened, contact, before={}, after={}, contact=contact)
            change.is_erased = True  # nothing to take back
            change.save(update_fields=["is_erased"])
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def folder_of(contact: Contact) -> str:
    """The folder inside the ZIP, and the beginning of its name: nothing that a person typed."""
    return f"contact-{contact.pk}"


def _data(contact: Contact) -> Iterator[str]:
    head = {"format": "django-oscar-crm personal data 1", "exported_at": timezone.now()}
    yield _json(head)[:-1] + ', "records": ['
    for position, (_record, sections) in enumerate(subject_records(contact)):
        yield ",\n{" if position else "\n{"
        for place, section in enumerate(sections):
            yield f"{', ' if place else ''}{_json(section.key)}: ["
            for number, row in enumerate(section.rows):
                yield (",\n  " if number else "\n  ") + _json(row)
            yield "]"
        yield "}"
    yield "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def _page(contact: Contact) -> Iterator[str]:
    context = {"contact": contact, "now": timezone.now()}
    yield render_to_string("oscar_crm/privacy/export_head.html", context)
    for position, (record, sections) in enumerate(subject_records(contact)):
        if position:
            heading = _("Merged into this contact: %s") % record
            yield format_html("<h2>{}</h2>\n", heading)
        for section in sections:
            yield from _section(section)
    yield "</main></body></html>\n"


def _section(section: Section) -> Iterator[str]:
    label = str(section.label)
    yield format_html("<h3>{}</h3>\n", label[:1].upper() + label[1:])
    first = next(section.rows, None)
    if first is None:
        yield format_html("<p>{}</p>\n", _("Nothing is held."))
        return
    model = _model_of(section)
    rows = chain([first], section.rows)
    if section.key == "contact":
        yield format_html("<dl>{}</dl>\n", _pairs(first, model))
        return
    heads = format_html_join("", '<th scope="col">{}</th>', ((label_of(k, model),) for k in first))
    yield format_html("<table><thead><tr>{}</tr></thead><tbody>\n", heads)
    for row in rows:
        cells = format_html_join("", "<td>{}</td>", ((_shown(v, model),) for v in row.values()))
        yield format_html("<tr>{}</tr>\n", cells)
    yield "</tbody></table>\n"


def _model_of(section: Section) -> type[models.Model]:
    return Contact if section.key == "contact" else apps.get_model("oscar_crm", section.key)


def _pairs(values: dict[str, Any], model: type[models.Model]) -> SafeString:
    named = ((label_of(key, model), _shown(value, model)) for key, value in values.items())
    return format_html_join("", "<dt>{}</dt><dd>{}</dd>", named)


def _shown(value: Any, model: type[models.Model]) -> Any:
    """A value in words, escaped by whoever puts it into the page."""
    if isinstance(value, dict):
        return format_html("<dl>{}</dl>", _pairs(value, model)) if value else "–"
    if isinstance(value, list):
        items = ((_shown(item, model),) for item in value)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", items)) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if value is None or value == "":
        return "–"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
