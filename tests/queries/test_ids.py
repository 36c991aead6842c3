"""Many ids in one condition."""

import pytest

from oscar_crm.models import Contact
from oscar_crm.queries.ids import IdIn, TextIn
from oscar_crm.test.factories import ContactFactory

pytestmark = pytest.mark.django_db


def test_rows_of_the_ids_are_found_and_no_others():
    first, second, _ = ContactFactory.create_batch(3)

    assert set(Contact.objects.filter(IdIn([first.pk, second.pk, 10**12]))) == {first, second}


def test_no_ids_find_nothing():
    ContactFactory()

    assert not Contact.objects.filter(IdIn([])).exists()


def test_ten_thousand_ids_are_one_parameter():
    contact = ContactFactory()
    ids = list(range(contact.pk, contact.pk + 10_000))

    assert list(Contact.objects.filter(IdIn(ids), kind=contact.kind)) == [contact]
    _, params = Contact.objects.filter(IdIn(ids)).query.get_compiler("default").as_sql()
    assert len(params) == 1


@pytest.mark.parametrize(
    "odd", ['a"b', "a\\b", "a\\", "a,b", "{a}", "NULL", "a b", " a", "ä€𝄞", "'; --", "%s"]
)
def test_a_text_is_found_whatever_is_in_it(odd):
    ContactFactory(sort_name="a")
    contact = ContactFactory()
    Contact.objects.filter(pk=contact.pk).update(sort_name=odd)

    assert list(Contact.objects.filter(TextIn(["b", odd, ""], "sort_name"))) == [contact]
