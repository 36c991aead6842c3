"""The segment pages over HTTP."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oscar.test.factories import ProductFactory

from oscar_crm.exceptions import TookTooLongError
from oscar_crm.models import Segment
from oscar_crm.queries import segments as queries
from oscar_crm.test.factories import (
    AccountFactory,
    ContactFactory,
    SegmentFactory,
    TagFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db
URL = "/dashboard/crm/segments/"
CONTACTS = "/dashboard/crm/contacts/"


def names(response: Any) -> list[str]:
    return [contact.first_name for contact in response.context["page"].rows]


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_a_list_is_saved_as_a_segment_and_opened_again(manager_client: Client) -> None:
    ContactFactory(first_name="Ada", country="DE", lifetime_value=500)
    ContactFactory(first_name="Bob", country="DE")
    page = manager_client.get(CONTACTS, {"value_min": "100", "kind": "lead", "sort": "name"})
    link = f"{URL}create/?value_min=100&amp;kind=lead"
    assert link in page.content.decode()
    form = manager_client.get(f"{URL}create/", {"value_min": "100", "kind": "lead"})
    assert form.context["filters"]["value_min"].value() == "100"
    data = {"name": "Good ones", "value_min": "100", "kind": "lead"}
    response = manager_client.post(f"{URL}create/", data, follow=True)
    assert "is saved" in said(response)
    segment = Segment.objects.get()
    assert (segment.name, segment.count, segment.is_shared) == ("Good ones", 1, False)
    opened = manager_client.get(CONTACTS, {"segment": segment.pk})
    assert names(opened) == ["Ada"]
    assert "Segment “Good ones”" in opened.content.decode()


def test_a_segment_is_combined_with_further_filters(manager_client: Client) -> None:
    segment = SegmentFactory(conditions={"country": "DE"})
    ContactFactory(first_name="Both", country="DE", kind="partner")
    ContactFactory(first_name="German", country="DE")
    ContactFactory(first_name="Partner", kind="partner")
    response = manager_client.get(CONTACTS, {"segment": segment.pk, "kind": "partner"})
    assert names(response) == ["Both"]
    chips = {chip.text: chip.query for chip in response.context["chips"]}
    assert chips[f"Segment: {segment}"] == "?kind=partner"
    assert chips["Kind: Partner"] == f"?segment={segment.pk}"
    assert f'name="segment" value="{segment.pk}"' in response.content.decode()


def test_a_segment_with_further_filters_is_saved_as_one(manager_client: Client) -> None:
    segment = SegmentFactory(conditions={"country": "DE", "value_min": "5"})
    query = {"segment": segment.pk, "kind": "partner", "value_min": "9"}
    response = manager_client.get(f"{URL}create/", query)
    filters = response.context["filters"]
    values = {name: filters[name].value() for name in ("country", "kind", "value_min")}
    assert values == {"country": "DE", "kind": "partner", "value_min": "9"}
    assert "differ in: Lifetime value from" in said(response)


def test_archived_contacts_of_a_segment_are_listed(manager_client: Client) -> None:
    segment = SegmentFactory(conditions={"archived": True})
    ContactFactory(first_name="Old", archived_at=timezone.now())
    ContactFactory(first_name="New")
    assert names(manager_client.get(CONTACTS, {"segment": segment.pk})) == ["Old"]


@pytest.mark.parametrize("pk", ["999999", "x", "-1", "1" * 40, "٣"])
def test_a_segment_that_is_not_there_is_not_found(manager_client: Client, pk: str) -> None:
    assert manager_client.get(CONTACTS, {"segment": pk}).status_code == 404
    assert manager_client.get(f"{URL}create/", {"segment": pk}).status_code == 404


def test_private_segments_of_others_are_not_found(manager_client: Client, sales: Any) -> None:
    private = SegmentFactory(name="Sam's own", owner=sales, is_shared=False)
    for url in (
        f"{CONTACTS}?segment={private.pk}",
        f"{URL}create/?segment={private.pk}",
        f"{URL}{private.pk}/edit/",
        f"{URL}{private.pk}/delete/",
    ):
        assert manager_client.get(url).status_code == 404, url
    for action in ("edit", "delete", "duplicate", "count"):
        assert manager_client.post(f"{URL}{private.pk}/{action}/").status_code == 404, action
    assert private not in manager_client.get(URL).context["page"].rows


def test_the_owner_of_a_private_segment_sees_it(sales_client: Client, sales: Any) -> None:
    private = SegmentFactory(owner=sales, is_shared=False)
    assert list(sales_client.get(URL).context["page"].rows) == [private]
    assert sales_client.get(CONTACTS, {"segment": private.pk}).status_code == 200


def test_shared_segments_of_others_are_used_but_not_changed(
    sales_client: Client, manager: Any
) -> None:
    shared = SegmentFactory(owner=manager)
    assert sales_client.get(CONTACTS, {"segment": shared.pk}).status_code == 200
    assert sales_client.get(f"{URL}{shared.pk}/edit/").status_code == 404
    assert sales_client.post(f"{URL}{shared.pk}/delete/").status_code == 404
    page = sales_client.get(URL).content.decode()
    assert f"{URL}{shared.pk}/edit/" not in page
    assert f"{URL}{shared.pk}/duplicate/" in page


def test_who_sees_all_contacts_may_change_what_others_have_shared(
    manager_client: Client, sales: Any
) -> None:
    shared = SegmentFactory(owner=sales)
    assert manager_client.get(f"{URL}{shared.pk}/edit/").status_code == 200
    manager_client.post(f"{URL}{shared.pk}/delete/")
    assert not Segment.objects.exists()


def test_a_segment_shows_nobody_more_contacts_than_they_may_see(
    sales_client: Client, sales: Any, manager: Any
) -> None:
    segment = SegmentFactory(conditions={"country": "DE"}, count=3, counted_at=timezone.now())
    ContactFactory(first_name="Mine", country="DE", owner=sales)
    ContactFactory(first_name="Free", country="DE")
    ContactFactory(first_name="Hidden", country="DE", owner=manager)
    assert sorted(names(sales_client.get(CONTACTS, {"segment": segment.pk}))) == ["Free", "Mine"]
    page = sales_client.get(URL)
    [row] = page.context["page"].rows
    assert row.seen == 2
    assert f"{URL}{segment.pk}/count/" not in page.content.decode()


def test_a_count_that_takes_too_long_is_not_shown(sales_client: Client, monkeypatch: Any) -> None:
    SegmentFactory()

    def give_up(seconds: float) -> Any:
        raise TookTooLongError

    monkeypatch.setattr(queries, "time_limit", give_up)
    assert "open it to see" in sales_client.get(URL).content.decode()


def test_the_list_shows_conditions_count_and_age(manager_client: Client, manager: Any) -> None:
    tag = TagFactory(name="VIP")
    lamp = ProductFactory(title="Lamp", upc="L-1", stockrecords=None)
    conditions = {
        "tag": tag.pk,
        "owner": str(manager.pk),
        "bought": lamp.pk,
        "kind": "customer",
        "value_min": "5.50",
        "spent_since": "2026-01-31",
        "with_orders": True,
    }
    SegmentFactory(conditions=conditions, count=12_345, counted_at=timezone.now())
    page = manager_client.get(URL).content.decode()
    for text in (
        "Tag: VIP",
        "Owner: Mara Manager",
        "Bought product: Lamp (L-1)",
        "Kind: Customer",
        "Lifetime value from: 5.50",
        "since: 01/31/2026",
        "Only with orders",
        "12,345",
        "just now",
    ):
        assert text in page, text


def test_what_no_longer_exists_is_named_so_and_lists_nobody(manager_client: Client) -> None:
    ContactFactory()
    gone = {"tag": 999, "owner": "999", "bought": 999, "bought_category": 999, "account": 999}
    for name, value in gone.items():
        segment = SegmentFactory(conditions={name: value})
        assert names(manager_client.get(CONTACTS, {"segment": segment.pk})) == [], name
        assert manager_client.get(f"{URL}{segment.pk}/edit/").status_code == 200
        manager_client.post(f"{URL}{segment.pk}/count/")
    page = manager_client.get(URL).content.decode()
    for text in ("a tag that", "a colleague who", "a product that", "a category that"):
        assert f"{text} no longer exists" in page
    assert "a company that no longer exists" in page


def test_what_no_longer_exists_is_not_lost_by_saving_again(
    manager_client: Client, manager: Any
) -> None:
    for name in ("tag", "owner", "bought", "bought_category", "country"):
        segment = SegmentFactory(conditions={name: "ZZ" if name == "country" else 999})
        if name == "owner":
            Segment.objects.filter(pk=segment.pk).update(
                filter={"version": 1, "conditions": {"owner": "999"}}
            )
        page = manager_client.get(f"{URL}{segment.pk}/edit/").content.decode()
        assert "(not on the list any more)" in page, name
        value = "ZZ" if name == "country" else "999"
        assert f'<option value="{value}" selected>' in page, name
        again = manager_client.post(f"{URL}{segment.pk}/edit/", {"name": "X", name: value})
        assert again.status_code == 200
        segment.refresh_from_db()
        assert segment.filter["conditions"], name


def test_a_company_one_may_not_see_is_not_named(sales_client: Client, manager: Any) -> None:
    hidden = AccountFactory(name="Secret Ltd", owner=manager)
    SegmentFactory(conditions={"account": hidden.pk})
    assert "Secret" not in sales_client.get(URL).content.decode()
    page = sales_client.get(CONTACTS, {"account": hidden.pk})
    assert "Secret" not in page.content.decode()
    assert "account" in page.context["form"].errors


@pytest.mark.parametrize("garbage", [None, [], "x", {"version": 9}, {"version": 1}])
def test_a_filter_that_cannot_be_read_is_shown_as_such(
    manager_client: Client, garbage: Any
) -> None:
    segment = SegmentFactory(filter=garbage if garbage is not None else "null")
    ContactFactory()
    assert "cannot be read" in manager_client.get(URL).content.decode()
    assert names(manager_client.get(CONTACTS, {"segment": segment.pk})) == []
    assert "cannot be read" in manager_client.get(f"{URL}{segment.pk}/edit/").content.decode()


def test_a_segment_is_renamed_shared_and_changed(manager_client: Client, manager: Any) -> None:
    segment = SegmentFactory(owner=manager, is_shared=False)
    form = manager_client.get(f"{URL}{segment.pk}/edit/")
    assert form.context["filters"]["country"].value() == "DE"
    data = {"name": "Newer", "is_shared": "on", "idle_days": "90", "owner": "me"}
    manager_client.post(f"{URL}{segment.pk}/edit/", data)
    segment.refresh_from_db()
    assert (segment.name, segment.is_shared, segment.count) == ("Newer", True, 0)
    assert segment.filter["conditions"] == {"owner": str(manager.pk), "idle_days": 90}
    form = manager_client.get(f"{URL}{segment.pk}/edit/")
    assert form.context["filters"]["owner"].value() == "me"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"name": "", "kind": "lead"}, "This field is required"),
        ({"name": "x" * 10_000, "kind": "lead"}, "at most 100 characters"),
        ({"name": "\u200b", "kind": "lead"}, "A segment needs a name"),
        ({"name": "Taken", "kind": "lead"}, "There is a segment of this name already"),
        ({"name": "All"}, "Set at least one filter"),
        ({"name": "X", "idle_days": "99999999999"}, "Give 36500 at most"),
        ({"name": "X", "idle_days": "0"}, "1 or more"),
        ({"name": "X", "abandoned_days": "many"}, "not a whole number"),
        ({"name": "X", "untouched_months": "-5"}, "1 or more"),
        ({"name": "X", "spent_min": "1e30"}, "no more than"),
        ({"name": "X", "spent_min": "NaN"}, "Enter a number"),
        ({"name": "X", "spent_since": "2026-01-01"}, "Give the amount as well"),
        ({"name": "X", "spent_min": "5", "spent_since": "9999-12-31"}, "between 1970 and 2999"),
        ({"name": "X", "average_min": "5", "average_max": "4"}, "must not be below"),
        ({"name": "X", "bought": "999999"}, "There is no such product"),
        ({"name": "X", "bought": "1" * 30}, "There is no such product"),
        ({"name": "X", "bought_category": "x"}, "There is no such category"),
        ({"name": "X", "bought_text": "no such code"}, "There is no such product"),
        ({"name": "X", "country": "ZZ"}, "knows no such country"),
        ({"name": "X", "voucher": "x" * 200}, "at most 128 characters"),
        ({"name": "X", "voucher": "a\x00b"}, "Null characters"),
    ],
)
def test_bad_input_is_told_in_words_and_saves_nothing(
    manager_client: Client, manager: Any, data: dict[str, str], error: str
) -> None:
    SegmentFactory(name="Taken", owner=manager)
    response = manager_client.post(f"{URL}create/", data)
    assert response.status_code == 200
    assert error in response.content.decode()
    assert Segment.objects.count() == 1


def test_a_copy_is_opened_for_editing(sales_client: Client, sales: Any) -> None:
    shared = SegmentFactory(name="VIP")
    response = sales_client.post(f"{URL}{shared.pk}/duplicate/")
    copy = Segment.objects.get(owner=sales)
    assert copy.name == "VIP (copy)"
    assert response["Location"] == f"{URL}{copy.pk}/edit/"


def test_deleting_asks_first(manager_client: Client, manager: Any) -> None:
    segment = SegmentFactory(owner=manager)
    assert "Delete the segment" in manager_client.get(f"{URL}{segment.pk}/delete/").content.decode()
    assert Segment.objects.exists()
    response = manager_client.post(f"{URL}{segment.pk}/delete/", follow=True)
    assert "is deleted" in said(response)
    assert not Segment.objects.exists()


def test_a_segment_that_is_needed_says_by_what(
    manager_client: Client, manager: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(queries, "_USES", [lambda segment: ["price book “Winter”"]])
    segment = SegmentFactory(owner=manager)
    page = manager_client.get(f"{URL}{segment.pk}/delete/").content.decode()
    assert "price book “Winter”" in page
    assert "btn-danger" not in page
    response = manager_client.post(f"{URL}{segment.pk}/delete/", follow=True)
    assert "still needed by: price book" in said(response)
    assert Segment.objects.exists()


def test_count_now_counts(manager_client: Client) -> None:
    segment = SegmentFactory()
    ContactFactory(country="DE")
    response = manager_client.post(f"{URL}{segment.pk}/count/", follow=True)
    assert "is counted" in said(response)
    segment.refresh_from_db()
    assert segment.count == 1


@pytest.fixture
def slow(monkeypatch: Any) -> None:
    def give_up(segment: Segment, **kwargs: Any) -> Any:
        raise TookTooLongError

    monkeypatch.setattr("oscar_crm.services.segments.count_segment", give_up)


@pytest.mark.usefixtures("slow")
def test_what_takes_long_to_count_is_left_to_the_command(manager_client: Client) -> None:
    segment = SegmentFactory()
    response = manager_client.post(f"{URL}{segment.pk}/count/", follow=True)
    assert "crm_count_segments" in said(response)


@pytest.mark.usefixtures("slow")
def test_what_takes_long_to_count_is_left_to_a_worker(
    manager_client: Client, settings: Any, monkeypatch: Any
) -> None:
    settings.OSCAR_CRM_ASYNC = True
    published: list[Any] = []
    monkeypatch.setattr("oscar_crm.broker.publish", lambda *args: bool(published.append(args)) or 1)
    segment = SegmentFactory()
    response = manager_client.post(f"{URL}{segment.pk}/count/", follow=True)
    assert published == [("oscar_crm.count_segments", [segment.pk])]
    assert "in the background" in said(response)


def test_an_empty_list_says_what_to_do(manager_client: Client) -> None:
    page = manager_client.get(URL).content.decode()
    assert "No segments yet" in page
    assert "Save as segment" in page


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_takes_the_same_queries_whatever_its_length(
    manager_client: Client,
    sales_client: Client,
    django_assert_max_num_queries: Any,
    count: int,
) -> None:
    for number in range(count):
        tag, product = TagFactory(), ProductFactory()
        conditions = {"tag": tag.pk, "bought": product.pk, "country": "DE", "owner": str(number)}
        SegmentFactory(conditions=conditions)
    # A live count on PostgreSQL sets its time limit before and takes it back after.
    for client, most in ((manager_client, 16), (sales_client, 20)):
        with django_assert_max_num_queries(most):
            assert client.get(URL).status_code == 200


def test_products_are_looked_up_by_title_and_code(manager_client: Client) -> None:
    lamp = ProductFactory(title="Lamp", upc="978-1", stockrecords=None)
    for query in ("lam", "978"):
        found = manager_client.get(reverse("dashboard:crm-product-lookup"), {"q": query}).json()
        assert found["results"] == [{"id": lamp.pk, "text": "Lamp (978-1)"}]
    found = manager_client.get(reverse("dashboard:crm-product-lookup"), {"q": "x\x00", "page": "z"})
    assert found.json() == {"results": [], "pagination": {"more": False}}


@pytest.mark.parametrize("query", ["germ", "de", "DE"])
def test_countries_are_looked_up_by_name_and_code(
    manager_client: Client, germany: Any, query: str
) -> None:
    found = manager_client.get(reverse("dashboard:crm-country-lookup"), {"q": query}).json()
    assert found["results"] == [{"id": "DE", "text": "Germany"}]


def test_without_javascript_a_product_is_typed(manager_client: Client, germany: Any) -> None:
    lamp = ProductFactory(title="Lamp", upc="978-1", stockrecords=None)
    query = {"bought": "", "bought_text": "978-1", "country": "", "country_text": "germany"}
    response = manager_client.get(CONTACTS, query)
    chips = {chip.text: chip.query for chip in response.context["chips"]}
    assert set(chips) == {"Bought product: Lamp (978-1)", "Country: Germany"}
    assert "bought" not in chips["Bought product: Lamp (978-1)"]
    assert f'value="{lamp.pk}" selected' in response.content.decode()


def test_what_was_bought_is_no_filter_for_who_may_not_see_orders(client: Client) -> None:
    client.force_login(make_staff("view_contact"))
    ContactFactory(first_name="Ada")
    response = client.get(CONTACTS, {"bought": "999", "voucher": "X"})
    assert names(response) == ["Ada"]
    assert "What they bought" not in response.content.decode()
