"""The quick ways to make and write rows give what Django's own give."""

import gc

import pytest
from django.utils import timezone

from oscar_crm.models import Contact, OrderLink
from oscar_crm.services import bulk


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Contact, {"first_name": "Ada", "owner_id": 7, "custom": {"shoes": 39}}),
        (OrderLink, {"order_id": 3, "number": "B1"}),
    ],
)
def test_a_made_row_is_the_row_django_makes(model, values):
    values = {**values, **dict.fromkeys(_times(model), timezone.now())}

    made, usual = bulk.maker(model)(**values), model(**values)

    assert _columns(made) == _columns(usual)
    assert made._state.adding
    assert made.pk is None


def test_made_rows_share_no_document():
    one, other = (bulk.maker(Contact)() for _ in range(2))

    one.custom["shoes"] = 39

    assert other.custom == {}


def test_a_made_row_can_be_saved(db):
    made = bulk.maker(Contact)(first_name="Ada", source=Contact.Source.STAFF)

    made.save()

    assert Contact.objects.get().first_name == "Ada"


def test_the_garbage_collector_is_on_again_whatever_happens():
    with pytest.raises(ZeroDivisionError), bulk.no_garbage():
        raise ZeroDivisionError

    assert gc.isenabled()


def test_the_garbage_collector_is_off_meanwhile():
    with bulk.no_garbage():
        assert not gc.isenabled()


def test_a_garbage_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with bulk.no_garbage():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def _columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _times(model):
    """Fields whose default is the time of day, which no two rows share."""
    return [f.attname for f in model._meta.concrete_fields if f.default is timezone.now]
