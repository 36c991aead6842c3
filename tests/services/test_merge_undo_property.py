"""Whatever two or three contacts hold: merged and taken back, they hold the same again."""

from datetime import date

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from oscar_crm.models import (
    AccountContact,
    Consent,
    ConsentPurpose,
    ConsentText,
    Contact,
    ContactUser,
)
from oscar_crm.queries.areas import ACCOUNTS, CONTACT_FIELDS, CONTACTS
from oscar_crm.services.merge import merge_records
from oscar_crm.services.orders import sync_order
from oscar_crm.services.undo import undo_operation
from oscar_crm.test.factories import (
    AccountFactory,
    ContactFactory,
    NoteFactory,
    TagFactory,
    make_order,
    make_staff,
)

pytestmark = pytest.mark.django_db

VALUES = st.sampled_from(["", "1", "2"])
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "phone": VALUES,
            "city": VALUES,
            "kind": st.sampled_from(["lead", "customer", "vendor"]),
            "custom": st.dictionaries(st.sampled_from(["7", "8"]), st.sampled_from(["a", "b"])),
            "is_owned": st.booleans(),
            "emails": st.integers(0, 2),
            "is_shared": st.booleans(),
            "tags": st.sets(st.integers(0, 2)),
            "notes": st.integers(0, 2),
            "orders": st.integers(0, 2),
            "consents": st.integers(0, 1),
            "has_account": st.booleans(),
            "companies": st.dictionaries(
                st.integers(0, 2),
                st.tuples(VALUES, st.sampled_from([None, date(2024, 1, 1), date(2025, 1, 1)])),
                max_size=3,
            ),
            "main_company": st.booleans(),
            "is_archived": st.booleans(),
        }
    ),
    min_size=2,
    max_size=3,
)


class World:
    """Contacts as drawn, and what is to be the same before and after."""

    def __init__(self, people):
        self.staff = make_staff()
        self.tags = TagFactory.create_batch(3)
        self.companies = AccountFactory.create_batch(3)
        purpose = ConsentPurpose.objects.create(name="News", key="news")
        self.text = ConsentText.objects.create(purpose=purpose, version=1, text="Yes")
        self.contacts = [self.make(n, drawn) for n, drawn in enumerate(people)]

    def make(self, number, drawn):
        emails = [f"p{number}e{n}@example.com" for n in range(drawn["emails"])]
        if drawn["is_shared"]:
            emails.append("info@acme.example")
        contact = ContactFactory(
            last_name=f"P{number}",
            phone=drawn["phone"],
            city=drawn["city"],
            kind=drawn["kind"],
            custom=drawn["custom"],
            owner=self.staff if drawn["is_owned"] else None,
            emails=emails,
            tags=[self.tags[n] for n in drawn["tags"]],
        )
        NoteFactory.create_batch(drawn["notes"], contact=contact)
        for _ in range(drawn["consents"]):
            Consent.objects.create(contact=contact, text=self.text, is_given=True, source="paper")
        if drawn["has_account"]:
            user = make_staff(is_staff=False)
            ContactUser.objects.create(contact=contact, user=user, basis="staff")
        self.join(contact, drawn)
        if drawn["emails"]:
            for _ in range(drawn["orders"]):
                sync_order(make_order(emails[0], "10.00", shipping_address=None))
        if drawn["is_archived"]:
            Contact.objects.filter(pk=contact.pk).update(archived_at=timezone.now())
        return contact

    def join(self, contact, drawn):
        has_main = False
        for n, (role, until) in drawn["companies"].items():
            is_main = drawn["main_company"] and until is None and not has_main
            has_main |= is_main
            AccountContact.objects.create(
                contact=contact,
                account=self.companies[n],
                role=role,
                until_date=until,
                is_primary=is_main,
            )

    def state(self, *, without=()):
        return {contact.pk: self.state_of(contact.pk, without) for contact in self.contacts}

    def state_of(self, pk, without):
        contact = Contact.objects.get(pk=pk)
        fields = [*CONTACT_FIELDS, "custom", "merged_into", "archived_at"]
        figures = ["lifetime_value", "orders_count", "sort_name", "name_key", "phone_key"]
        values = {name: getattr(contact, name) for name in fields + figures if name not in without}
        return {
            **values,
            "emails": list(contact.emails.values_list("address", "is_primary", "match_key")),
            "users": list(contact.shop_accounts.values_list("pk", "user", "basis")),
            "tags": set(contact.tags.values_list("name", flat=True)),
            "notes": set(contact.activities.values_list("pk", "body")),
            "consents": set(contact.consents.values_list("pk", flat=True)),
            "companies": set(
                contact.memberships.values_list("account", "role", "until_date", "is_primary")
            ),
            "words": set(contact.words.values_list("word", flat=True)),
            "orders": set(contact.order_links.values_list("pk", flat=True)),
            "entries": set(contact.value_entries.values_list("pk", flat=True)),
        }


class MergeThenUndo(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(people=PEOPLE, data=st.data())
    def test_merge_then_undo_gives_back_the_same(self, people, data):
        world = World(people)
        before = world.state()
        ids = [contact.pk for contact in world.contacts]
        chosen = {
            name: data.draw(st.sampled_from(ids), label=name)
            for name in data.draw(st.sets(st.sampled_from(["phone", "city", "kind", "owner"])))
        }

        operation = merge_records(CONTACTS, ids[0], ids[1:], by=world.staff, choices=chosen)
        outcome = undo_operation(operation, by=world.staff)

        assert outcome.refused == []
        assert world.state() == before

    @settings(max_examples=25, deadline=None)
    @given(people=PEOPLE, data=st.data())
    def test_orders_that_arrive_in_between_follow_their_address(self, people, data):
        world = World(people)
        # The first counted order makes a prospect a customer, merged or not.
        before = world.state(without=("kind", "lifetime_value", "orders_count", "archived_at"))
        addresses = {
            email.address: contact
            for contact in world.contacts
            for email in contact.emails.exclude(match_key=None)
        }
        ids = [contact.pk for contact in world.contacts]
        operation = merge_records(CONTACTS, ids[0], ids[1:], by=world.staff)
        arrived = {}
        for address in data.draw(st.lists(st.sampled_from(sorted(addresses) or [""]), max_size=3)):
            if address:
                link = sync_order(make_order(address, "10.00", shipping_address=None))
                assert link.contact_id == ids[0]
                arrived[link.pk] = addresses[address].pk

        undo_operation(operation, by=world.staff)

        for link_id, contact_id in arrived.items():
            before[contact_id]["orders"].add(link_id)
        after = world.state(without=("kind", "lifetime_value", "orders_count", "archived_at"))
        for pk, state in after.items():
            assert len(state.pop("entries")) == len(state["orders"])
            before[pk].pop("entries")
            contact = Contact.objects.get(pk=pk)
            assert contact.orders_count == len(state["orders"])
            assert contact.lifetime_value == 10 * len(state["orders"])
        assert after == before

    @settings(max_examples=15, deadline=None)
    @given(people=PEOPLE.filter(lambda people: len(people) == 3))
    def test_two_merges_in_a_row_are_taken_back_one_after_the_other(self, people):
        world = World(people)
        before = world.state()
        first, second, third = (contact.pk for contact in world.contacts)

        early = merge_records(CONTACTS, second, [first], by=world.staff)
        late = merge_records(CONTACTS, third, [second], by=world.staff)
        undo_operation(late, by=world.staff)
        undo_operation(early, by=world.staff)

        assert world.state() == before


class AccountsMergeThenUndo(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        parents=st.lists(st.integers(0, 4), min_size=5, max_size=5),
        merged=st.permutations(range(5)),
        people=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.booleans())),
    )
    def test_merge_then_undo_gives_back_the_same(self, parents, merged, people):
        staff = make_staff()
        accounts = AccountFactory.create_batch(5)
        for n, parent in enumerate(parents):
            if parent < n:  # a tree
                accounts[n].parent = accounts[parent]
                accounts[n].save()
        contacts = ContactFactory.create_batch(3)
        for account, contact, is_main in people:
            mine = AccountContact.objects.filter(contact=contacts[contact])
            if not mine.filter(account=accounts[account]).exists():
                AccountContact.objects.create(
                    account=accounts[account],
                    contact=contacts[contact],
                    is_primary=is_main and not mine.filter(is_primary=True).exists(),
                )
        before = self.state(accounts)
        ids = [accounts[n].pk for n in merged[:3]]

        operation = merge_records(ACCOUNTS, ids[0], ids[1:], by=staff)
        for account in accounts:
            self.assert_no_loop(account)
        outcome = undo_operation(operation, by=staff)

        assert outcome.refused == []
        assert self.state(accounts) == before

    def state(self, accounts):
        found = []
        for account in accounts:
            account.refresh_from_db()
            rows = account.memberships.values_list("contact", "is_primary", "role")
            values = (account.name, account.parent_id, account.merged_into_id, account.archived_at)
            found.append((values, set(rows)))
        return found

    def assert_no_loop(self, account):
        seen = set()
        account.refresh_from_db()
        while account is not None and account.merged_into_id is None:
            assert account.pk not in seen
            seen.add(account.pk)
            account = account.parent
