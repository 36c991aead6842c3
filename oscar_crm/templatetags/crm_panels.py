"""The CRM's panels on Oscar's own dashboard pages."""

from typing import Any

from django import template

from oscar_crm.queries import panels

register = template.Library()


@register.simple_tag(takes_context=True)
def crm_contact_of_customer(context: template.Context, customer: Any) -> Any:
    """The contact of the shop account a page is about, or None."""
    return panels.contact_of_customer(context["request"].user, customer)


@register.simple_tag(takes_context=True)
def crm_contact_of_order(context: template.Context, order: Any) -> Any:
    """The contact of the order a page is about, or None."""
    return panels.contact_of_order(context["request"].user, order)


@register.simple_tag(takes_context=True)
def crm_link_without_contact(context: template.Context, order: Any) -> Any:
    """The link of an order that belongs to nobody, or None."""
    return panels.link_without_contact(context["request"].user, order)


@register.simple_tag(takes_context=True)
def crm_home_figures(context: template.Context) -> Any:
    """The figures of the tile on the dashboard's home page, or None."""
    return panels.home_figures(context["request"].user)
