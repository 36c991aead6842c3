"""A user limited to own records finds nobody else's: not on any page, by any parameter or id."""

from itertools import product
from typing import Any
from urllib.parse import quote_plus as quote

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from oscar_crm.dashboard.urls import urlpatterns
from oscar_crm.groups import MANAGER, PERMISSIONS
from oscar_crm.models import (
    Account,
    AccountContact,
    Activity,
    ConsentPurpose,
    Contact,
    ContactUser,
    CustomField,
    DuplicatePair,
    Operation,
    OrderLink,
    Segment,
    Tag,
)
from oscar_crm.queries.areas import ACCOUNTS, CONTACTS
from oscar_crm.services import accounts, contacts, memberships, tags
from oscar_crm.services.activities import add_note
from oscar_crm.services.consent import add_purpose, record_consent
from oscar_crm.services.merge import merge_records
from oscar_crm.services.orders import assign_order
from oscar_crm.services.undo import undo_operation
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ClosedAccountFactory,
    ContactFactory,
    CustomFieldFactory,
    OrderLinkFactory,
    SegmentFactory,
    TagFactory,
    ValueEntryFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db

# Each word is of something that only others may see.
SECRETS = (
    *("Hiddenfirst", "Hiddenlast", "Hiddencorp", "hidden.mail", "Hiddenstreet", "4711471147"),
    *("HIDDENORDER", "Hiddennote", "Hiddenrole", "Hiddentwin", "Hiddenabove", "Hiddenbelow"),
    *("hidden.closed", "Hiddenremark", "Hiddenvalue", "DE129273398", "987654", "Hiddentown"),
)
# All that a manager may do, but only with what is one's own.
LIMITED = [name for name in PERMISSIONS[MANAGER] if not name.startswith("view_all")]


@pytest.fixture
def boss() -> Any:
    return make_staff(*PERMISSIONS[MANAGER], first_name="Mara", last_name="Manager")


@pytest.fixture
def me() -> Any:
    return make_staff(*LIMITED, first_name="Lim", last_name="Ited")


@pytest.fixture
def client(client: Client, me: Any) -> Client:
    client.force_login(me)
    return client


class Shop:
    """What I own, what the boss owns, and everything that ever joined the two."""

    def __init__(self, me: Any, boss: Any) -> None:
        self.me, self.boss = me, boss
        CustomFieldFactory(key="secret", label="Secret", kind="text")
        self.tag = TagFactory(name="Regular")
        self.hidden = self._hidden(boss)
        self.company = AccountFactory(
            name="Hiddencorp GmbH", owner=boss, tags=[self.tag], vat_number="DE129273398",
            phone="+49 4711471147", billing_city="Hiddentown",
        )  # fmt: skip
        self.above = AccountFactory(name="Hiddenabove", owner=boss)
        self.below = AccountFactory(name="Hiddenbelow", owner=boss)
        self.mine = ContactFactory(first_name="Mine", last_name="Own", owner=me, tags=[self.tag])
        self.my_company = AccountFactory(name="Mycorp", owner=me, parent=self.above)
        accounts.set_parent(self.below, self.my_company, by=boss)
        self._join()
        self._orders()
        self._merges()
        self._the_rest()
        call_command("crm_find_duplicates", verbosity=0)

    def _hidden(self, boss: Any) -> Contact:
        values = {
            "first_name": "Hiddenfirst", "last_name": "Hiddenlast", "line1": "Hiddenstreet 1",
            "company_name": "Hiddencorp", "phone": "+49 4711471147", "owner": boss,
        }  # fmt: skip
        emails = ["hidden.mail@example.com"]
        found = contacts.create_contact(
            values, emails=emails, custom={"secret": "Hiddenvalue"}, by=boss
        )
        add_note(found, "Hiddennote", by=boss)
        tags.tag_contact(found, "Regular", by=boss)
        return found

    def _join(self) -> None:
        """Everybody in every company, as a colleague sees it who sees all."""
        for account, contact in product((self.company, self.my_company), (self.hidden, self.mine)):
            role = "Buyer" if (account, contact) == (self.my_company, self.mine) else "Hiddenrole"
            row = memberships.add_membership(account, contact, role=role, by=self.boss)
            memberships.change_membership(row, is_primary=True, by=self.boss)
        add_note(self.company, "Hiddennote", by=self.boss)

    def _orders(self) -> None:
        for contact, account, number in (
            (self.hidden, self.company, "HIDDENORDER1"),
            (self.hidden, self.my_company, "HIDDENORDER2"),
            (self.mine, self.my_company, "MYORDER1"),
        ):
            link = OrderLinkFactory(contact=contact, account=account, number=number)
            link.email = contact.primary_email
            link.save()
            ValueEntryFactory(link=link)
        link = OrderLinkFactory(contact=self.mine, number="HIDDENORDER3")
        assign_order(link, self.hidden, by=self.boss)

    def _merges(self) -> None:
        """A merge of mine with a hidden one that was undone, of contacts and of companies."""
        twin = ContactFactory(first_name="Hiddentwin", owner=self.boss)
        self.undone = merge_records(CONTACTS, self.mine.pk, [twin.pk], by=self.boss)
        undo_operation(self.undone, by=self.boss)
        other = AccountFactory(name="Hiddentwin AG", owner=self.boss)
        undone = merge_records(ACCOUNTS, self.my_company.pk, [other.pk], by=self.boss)
        undo_operation(undone, by=self.boss)
        self.merged = ContactFactory(first_name="Hiddentwin", owner=self.boss)
        merge_records(CONTACTS, self.hidden.pk, [self.merged.pk], by=self.boss)

    def _the_rest(self) -> None:
        purpose = add_purpose("News", "May we?", by=self.boss)
        record_consent(self.hidden, purpose, is_given=True, note="Hiddenremark", by=self.boss)
        ClosedAccountFactory(contact=self.hidden, label="hidden.closed@example.com")
        conditions = {"account": self.company.pk, "tag": self.tag.pk}
        self.segment = SegmentFactory(name="Shared", owner=self.boss, conditions=conditions)
        Segment.objects.filter(pk=self.segment.pk).update(count=987654)
        SegmentFactory(name="Hiddenvalue", owner=self.boss, is_shared=False)
        # What I once did to what is not mine any more.
        given_away = ContactFactory(owner=self.me)
        contacts.update_contact(given_away, {"last_name": "Given"}, by=self.me)
        values = {"owner": self.boss, "first_name": "Hiddenfirst", "phone": "4711471147"}
        contacts.update_contact(given_away, values, by=self.boss)
        contacts.update_contact(self.mine, {"city": "Here"}, by=self.me)


@pytest.fixture
def shop(me: Any, boss: Any) -> Shop:
    return Shop(me, boss)


def leaks(response: Any, *, typed: str = "") -> list[str]:
    page = response.getvalue().decode(errors="replace")
    for shown in (typed, quote(typed)):  # what was typed is shown again
        page = page.replace(shown, "") if shown else page
    return [secret for secret in SECRETS if secret.casefold() in page.casefold()]


# What the number in an address is of, by the word after "crm-" in the URL's name.
KINDS: dict[str, Any] = {
    **{"contact": Contact, "consent": Contact, "account": Account, "membership": AccountContact},
    **{"note": Activity, "order": OrderLink, "duplicate": DuplicatePair, "segment": Segment},
    **{"closed": ContactUser, "tag": Tag, "custom": CustomField, "purpose": ConsentPurpose},
}


def ids_for(name: str) -> list[int]:
    """Everything that an address may be of, mine or not; acts of all kinds where unsure."""
    model = Operation if name.endswith("-run") else KINDS.get(name.split("-")[1], Operation)
    return list(model.objects.order_by("pk").values_list("pk", flat=True))


def test_no_list_or_look_up_tells_of_the_records_of_others(client: Client, shop: Shop) -> None:
    typed = ("", "hidden", "hidden.mail@example.com")
    queries: list[dict[str, Any]] = [{"q": word} for word in typed]
    everybody = [*ids_for("crm-contact"), *ids_for("crm-account")]
    queries += [{"initial": ",".join(map(str, everybody))}, {"months": "1"}]
    hidden = {"contact": shop.hidden.pk, "account": shop.company.pk, "segment": shop.segment.pk}
    queries += [{**hidden, "of": shop.hidden.pk, "parent": shop.above.pk, "area": "account"}]
    queries += [{"contact": shop.hidden.pk, "ids": f"{shop.mine.pk},{shop.hidden.pk}"}]
    names = [p.name for p in urlpatterns if "<int:" not in str(p.pattern)]
    found = [
        (name, query, told)
        for name, query in product(names, queries)
        if (response := client.get(reverse(f"dashboard:{name}"), query)).status_code == 200
        and (told := leaks(response, typed=str(query.get("q", ""))))
    ]
    assert not found, "\n".join(map(str, found))


def test_no_guessed_address_tells_of_the_records_of_others(client: Client, shop: Shop) -> None:
    names = [str(p.name) for p in urlpatterns if str(p.pattern).count("<int:") == 1]
    found, opened = [], set()
    for name, pk in [(one, pk) for one in names for pk in ids_for(one)]:
        response = client.get(reverse(f"dashboard:{name}", args=[pk]), follow=True)
        if response.status_code == 200:
            opened.add(name)
            if told := leaks(response):
                found.append((name, pk, told))
    assert not found, "\n".join(map(str, found))
    assert {"crm-contact-detail", "crm-account-detail", "crm-operation-detail"} <= opened


def hidden_state(shop: Shop) -> list[Any]:
    """Everything that stands on what is not mine, whoever wrote it."""
    people = Contact.objects.filter(owner=shop.boss).order_by("pk")
    companies = Account.objects.filter(owner=shop.boss).order_by("pk")
    values = ("pk", "owner", "version", "archived_at", "merged_into", "tags")
    return [
        list(people.values_list(*values, "erased_at", "first_name", "activities")),
        list(companies.values_list(*values, "parent", "name", "memberships")),
    ]


def test_no_form_error_tells_of_the_records_of_others(client: Client, shop: Shop) -> None:
    hidden, company, mine = shop.hidden.pk, shop.company.pk, shop.mine.pk
    link, own = shop.mine.order_links.first().pk, shop.my_company.pk
    person = {"first_name": "Hiddenfirst", "last_name": "Hiddenlast", "phone": "+494711471147"}
    firm = {"name": "Hiddencorp", "vat_number": "DE129273398", "phone": "+494711471147"}
    address = "hidden.mail@example.com"
    both = f"{mine},{hidden}"
    forms: list[tuple[str, list[int], dict[str, Any]]] = [
        ("contact-create", [], {**person, "kind": "lead", "emails": address}),
        ("contact-update", [mine], {"first_name": "M", "kind": "lead", "emails": address}),
        ("contact-hints", [], {**person, "emails": address}),
        ("account-create", [], {**firm, "parent": company}),
        ("account-create", [], {"name": "N", "parent_name": "Hiddencorp GmbH"}),
        ("account-update", [own], {"name": "N", "version": 1, "parent": company}),
        ("account-hints", [], firm),
        ("account-person-add", [own], {"contact": hidden}),
        ("account-person-add", [own], {"email": address}),
        ("contact-company-add", [mine], {"account": company}),
        ("contact-company-add", [mine], {"account_name": "Hiddencorp GmbH"}),
        ("company-accept", [], {"key": "hiddencorp"}),
        ("company-dismiss", [], {"key": "hiddencorp"}),
        ("contact-merge", [], {"ids": both, "into": mine}),
        ("account-merge", [], {"ids": f"{own},{company}", "into": own}),
        ("contact-bulk", [], {"what": "archive", "ids": [mine, hidden]}),
        ("contact-bulk", [], {"what": "archive", "ids": [hidden], "confirm": "1"}),
        ("contact-bulk", [], {"what": "merge", "ids": [mine, hidden]}),
        ("contact-bulk", [], {"what": f"owner:{shop.boss.pk}", "ids": [hidden], "confirm": "1"}),
        ("order-assign", [link], {"contact": hidden}),
        ("order-assign", [link], {"email": address}),
        ("segment-create", [], {"name": "S", "account": company}),
        ("segment-duplicate", [shop.segment.pk], {}),
        ("segment-count", [shop.segment.pk], {}),
        ("several-erase", [], {"contact": [hidden], "confirmation": "ERASE"}),
        ("operation-undo", [shop.undone.pk], {}),
    ]  # fmt: skip
    before = hidden_state(shop)
    for name, args, data in forms:
        response = client.post(reverse(f"dashboard:crm-{name}", args=args), data, follow=True)
        assert response.status_code in (200, 404), name
        told = leaks(response)
        typed = [
            word
            for word in told
            if any(word.casefold() in str(v).casefold() for v in data.values())
        ]
        assert set(told) == set(typed), name
    assert hidden_state(shop) == before


def test_a_message_counts_only_the_people_one_may_see(client: Client, me: Any, boss: Any) -> None:
    """The account is mine, and two of its three people are others'."""
    account = AccountFactory(name="Acme", owner=me)
    for _ in range(2):
        AccountContactFactory(account=account, contact=ContactFactory(owner=boss))
    ContactFactory(company_name="Acme", owner=me)

    url = reverse("dashboard:crm-company-accept")
    page = client.post(url, {"key": "acme"}, follow=True).content.decode()

    assert "with one person" in page


def test_an_undo_that_a_later_merge_forbids_does_not_name_it(client: Client, me: Any) -> None:
    kept, gone = ContactFactory(owner=me), ContactFactory(owner=me)
    merge = merge_records(CONTACTS, kept.pk, [gone.pk], by=me)
    hidden = ContactFactory(first_name="Hiddenfirst", owner=make_staff())
    merge_records(CONTACTS, hidden.pk, [kept.pk], by=None)

    url = reverse("dashboard:crm-operation-undo", args=[merge.pk])
    response = client.post(url, follow=True)

    assert "merged into another record later" in response.content.decode()
    assert leaks(response) == []
