"""Segments that the shop's staff have saved: on what customers bought, spent and left behind."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.models import Segment, Tag
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.services.segments import count_segment, create_segment


def save_segments(owner: Any, sales: Any) -> list[Segment]:
    """A few shared ones, and a private one of the sales person."""
    a_year_ago = timezone.localdate() - timedelta(days=365)
    category = get_model("catalogue", "Category")._default_manager.order_by("path").first()
    wholesale = Tag.objects.filter(key="wholesale").first()
    shared = {
        "Best customers of the year": ContactFilter(
            spent_min=Decimal("500.00"), spent_since=a_year_ago
        ),
        "Have not ordered for half a year": ContactFilter(idle_days=182),
    }
    if category is not None:
        shared[f"Bought in {category.name}"] = ContactFilter(bought_category=category.pk)
    if wholesale is not None:
        shared["Wholesale, large orders"] = ContactFilter(
            tag=wholesale.pk, average_min=Decimal("100.00")
        )
    made = [create_segment(name, one, by=owner, is_shared=True) for name, one in shared.items()]
    mine = ContactFilter(owner=str(sales.pk), idle_days=90)
    made.append(create_segment("Mine, to be called", mine, by=sales))
    for segment in made:
        count_segment(segment)
    return made
