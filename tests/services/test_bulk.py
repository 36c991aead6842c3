"""The quick ways to make and write rows give what Django's own give."""

import gc
from datetime import timedelta

import pytest
from django.utils import timezone

from oscar_crm.models import Contact, OrderLink
from oscar_crm.services import bulk
from oscar_crm.test.factories import ContactFactory


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


def test_many_rows_are_changed_to_whatever_values(db, monkeypatch):
    monkeypatch.setattr(bulk, "MANY", 1)
    contacts = ContactFactory.create_batch(3)
    values = [
        ('a"b', None, {"shoes": 'size "39"', "ä": None}),
        ("NULL", timezone.now(), {}),
        ("a\\,{}", timezone.now() - timedelta(days=9000), {"is": [True, 1.5]}),
    ]
    for contact, row in zip(contacts, values, strict=True):
        (contact.last_name, contact.archived_at, contact.custom) = row

    bulk.update(Contact, contacts, ["last_name", "archived_at", "custom"])

    for contact in contacts:
        stored = Contact.objects.get(pk=contact.pk)
        assert stored.last_name == contact.last_name
        assert stored.archived_at == contact.archived_at
        assert stored.custom == contact.custom


def _columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _times(model):
    """Fields whose default is the time of day, which no two rows share."""
    return [f.attname for f in model._meta.concrete_fields if f.default is timezone.now]
