"""What the CRM's templates need beyond Django's and Oscar's own tags."""

from datetime import datetime
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from oscar.templatetags.currency_filters import currency as oscar_currency

from oscar_crm import timeline_wording, wording
from oscar_crm.conf import crm_settings
from oscar_crm.queries.changes import Names, display_name
from oscar_crm.queries.custom_fields import FieldValue
from oscar_crm.queries.timeline import TimelineItem

register = template.Library()


@register.filter
def money(amount: Any, currency: str | None = None) -> str:
    """An amount in a currency, by default the base currency; ``–`` for None.

    An order without a currency has a bare number: it is not in the base currency.
    """
    if amount is None or amount == "":
        return "–"
    code = crm_settings.CURRENCY if currency is None else currency
    try:
        return str(oscar_currency(amount, code)) if code else _bare(amount)
    except (ValueError, KeyError):  # a shop may store anything as an order's currency
        return f"{_bare(amount)} {code}"


def _bare(amount: Any) -> str:
    return str(number_format(amount, 2, force_grouping=True))


register.filter("bounded", wording.bounded)


@register.filter
def field_value(item: FieldValue) -> str:
    """A custom field's value as people read it."""
    return wording.typed_value(item.value)


@register.filter
def filled(items: list[FieldValue]) -> list[FieldValue]:
    """The custom fields that hold something; “No” is something."""
    return [item for item in items if item.value not in (None, "")]


@register.filter
def grouped(count: int) -> str:
    """A whole number with its thousands apart."""
    return str(number_format(count, force_grouping=True))


@register.filter
def person(user: Any) -> str:
    """A user's name, else e-mail address, else login name; ``""`` for nobody."""
    return "" if user is None else display_name(user)


@register.filter
def phone_link(number: str) -> str:
    """A phone number as a ``tel:`` link wants it: digits, and a plus sign in front if typed."""
    digits = "".join(c for c in number if c.isascii() and c.isdigit())
    return f"+{digits}" if number.strip().startswith("+") else digits


@register.simple_tag
def crm_when(moment: datetime | None) -> SafeString | str:
    """How long ago something was, with the exact time as a tooltip and for machines."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    age = timezone.now() - moment
    if age.total_seconds() < 60:
        words = _("just now")
    elif age.days < 30:
        words = _("%s ago") % timesince(moment, depth=1)
    else:
        words = date_format(local, "DATE_FORMAT")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, "DATETIME_FORMAT"),
        words,
    )


@register.simple_tag(takes_context=True)
def crm_table(context: Any, table: Any) -> str:
    """Render a table within the page's own context: no context processor runs a second time."""
    table.context = context
    chosen = get_template(table.template_name)
    with context.push(table=table):
        return chosen.render(context.flatten())


@register.simple_tag(takes_context=True)
def crm_query(context: template.Context, **changes: Any) -> str:
    """The page's query string with some parameters replaced, or removed when empty."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = value
    return "?" + str(query.urlencode())


@register.filter
def timeline_icon(item: TimelineItem) -> str:
    """The Font Awesome icon of a timeline item."""
    return timeline_wording.icon_of(item)


@register.filter
def timeline_title(item: TimelineItem) -> str:
    """A timeline item in a few words."""
    return timeline_wording.title_of(item)


@register.filter
def change_lines(item: TimelineItem, names: Names) -> list[str]:
    """The field changes of a timeline item, a sentence each."""
    return timeline_wording.lines_of(item, names)
