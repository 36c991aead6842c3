"""One change of many contacts: what is changed, journalled, undone, and what is left alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from oscar_crm.exceptions import UndoError, ValidationError
from oscar_crm.models import Account, Change, Contact, Operation, Tag
from oscar_crm.queries.accounts import AccountFilter
from oscar_crm.queries.areas import ACCOUNTS
from oscar_crm.queries.bulk import ARCHIVE, OWNER, RESTORE, TAG, UNTAG, BulkAction, Target
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.stored_filters import from_json
from oscar_crm.services.bulk_changes import finish, progress_of, run_at_once, start, step
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.undo import undo_operation
from oscar_crm.signals import account_changed, contact_changed
from oscar_crm.tasks import bulk_change
from oscar_crm.test.factories import AccountFactory, ContactFactory, TagFactory, make_staff

pytestmark = pytest.mark.django_db
EVERYBODY = Target(filter=ContactFilter())


@pytest.fixture
def boss(db: None) -> Any:
    return make_staff("view_contact", "view_all_contacts", "change_contact")


@pytest.fixture
def tag(db: None) -> Tag:
    return TagFactory(name="VIP")


def of(*contacts: Contact) -> Target:
    return Target(ids=tuple(contact.pk for contact in contacts))


def state(contact: Contact) -> Any:
    contact.refresh_from_db()
    return contact


def test_a_tag_is_put_on_those_who_lack_it(boss: Any, tag: Tag) -> None:
    plain, tagged, other = ContactFactory(), ContactFactory(tags=[tag]), ContactFactory()
    opened = run_at_once(BulkAction(TAG, tag=tag.pk), of(plain, tagged), by=boss)
    assert set(Contact.objects.filter(tags=tag)) == {plain, tagged}
    assert not other.tags.exists()
    change = opened.changes.get()
    assert (change.contact, change.before, change.after) == (plain, {"tag": None}, {"tag": "VIP"})
    assert (progress_of(opened).done, progress_of(opened).changed) == (2, 1)


def test_a_tag_is_taken_off_those_who_have_it(boss: Any, tag: Tag) -> None:
    ContactFactory()
    tagged = ContactFactory(tags=[tag, TagFactory()])
    opened = run_at_once(BulkAction(UNTAG, tag=tag.pk), EVERYBODY, by=boss)
    assert tagged.tags.count() == 1
    assert opened.changes.get().before == {"tag": "VIP"}


def test_contacts_are_given_to_an_owner(boss: Any) -> None:
    old = ContactFactory(owner=make_staff())
    mine = ContactFactory(owner=boss)
    opened = run_at_once(BulkAction(OWNER, owner=str(boss.pk)), EVERYBODY, by=boss)
    before = opened.changes.get().before
    assert state(old).owner == boss
    assert (state(old).version, state(mine).version) == (2, 1)
    assert before["owner"] not in (None, boss.pk)


def test_contacts_are_given_to_nobody(boss: Any) -> None:
    mine = ContactFactory(owner=boss)
    run_at_once(BulkAction(OWNER), EVERYBODY, by=boss)
    assert state(mine).owner is None


def test_contacts_are_archived_and_restored(boss: Any) -> None:
    contact = ContactFactory()
    opened = run_at_once(BulkAction(ARCHIVE), of(contact), by=boss)
    assert state(contact).is_archived
    change = opened.changes.get()
    assert change.before == {"archived_at": None}
    assert change.version == 2
    run_at_once(BulkAction(RESTORE), of(contact), by=boss)
    assert not state(contact).is_archived


@pytest.mark.parametrize("kind", [TAG, UNTAG, OWNER, ARCHIVE, RESTORE])
def test_each_change_is_undone_whole(boss: Any, tag: Tag, kind: str) -> None:
    untouched = ContactFactory(owner=make_staff())
    others = [
        ContactFactory(tags=[tag]),
        ContactFactory(archived_at=timezone.now()),
        ContactFactory(owner=boss),
    ]
    everybody = of(untouched, *others)

    def facts() -> list[Any]:
        rows = Contact.objects.order_by("pk").prefetch_related("tags")
        return [(c.owner_id, c.archived_at is None, [t.pk for t in c.tags.all()]) for c in rows]

    before = facts()
    action = BulkAction(kind, tag=tag.pk, owner=str(boss.pk) if kind == OWNER else "")
    opened = run_at_once(action, everybody, by=boss)
    assert facts() != before
    assert not undo_operation(opened, by=boss).refused
    assert facts() == before


def test_undo_leaves_alone_what_was_edited_since(boss: Any) -> None:
    edited, other = ContactFactory(), ContactFactory()
    opened = run_at_once(BulkAction(OWNER, owner=str(boss.pk)), EVERYBODY, by=boss)
    successor = make_staff()
    update_contact(state(edited), {"owner": successor}, by=boss)
    outcome = undo_operation(opened, by=boss)
    assert (outcome.restored, len(outcome.refused)) == (1, 1)
    assert (state(edited).owner, state(other).owner) == (successor, None)


def test_what_has_not_to_be_changed_leaves_no_trace(boss: Any, tag: Tag) -> None:
    ContactFactory(tags=[tag])
    run_at_once(BulkAction(TAG, tag=tag.pk), EVERYBODY, by=boss)
    assert not Operation.objects.exists()


def test_what_one_may_not_see_is_not_touched(tag: Tag) -> None:
    seller = make_staff("view_contact", "change_contact")
    hidden, mine = ContactFactory(owner=make_staff()), ContactFactory(owner=seller)
    for target in (of(hidden, mine), EVERYBODY):
        run_at_once(BulkAction(ARCHIVE), target, by=seller)
        run_at_once(BulkAction(RESTORE), target, by=seller)
        run_at_once(BulkAction(TAG, tag=tag.pk), target, by=seller)
    assert not hidden.tags.exists()
    assert state(hidden).version == 1
    assert mine.tags.exists()


def test_a_long_change_goes_on_where_it_stopped(boss: Any, tag: Tag) -> None:
    people = [ContactFactory() for _ in range(5)]
    opened = start(BulkAction(TAG, tag=tag.pk), EVERYBODY, by=boss)
    assert step(opened, size=2).changed == 2
    assert opened.finished_at is None
    late = ContactFactory()  # came after the start, so it was not meant
    bulk_change(opened.pk)
    opened.refresh_from_db()
    assert opened.finished_at is not None
    assert (progress_of(opened).total, progress_of(opened).changed) == (5, 5)
    assert set(Contact.objects.filter(tags=tag)) == set(people)
    assert not late.tags.exists()


def test_a_filter_that_the_change_itself_empties_is_walked_to_its_end(boss: Any) -> None:
    for _ in range(5):
        ContactFactory(owner=boss)
    target = Target(filter=ContactFilter(owner=str(boss.pk)))
    opened = start(BulkAction(OWNER), target, by=boss)
    while opened.finished_at is None:
        step(opened, size=2)
    assert not Contact.objects.filter(owner=boss).exists()


def test_a_segment_and_further_filters_are_kept_over_the_steps(boss: Any, tag: Tag) -> None:
    both = [ContactFactory(country="DE", kind="partner") for _ in range(3)]
    ContactFactory(country="DE")
    ContactFactory(kind="partner")
    wanted = ContactFilter(kind="partner", within=ContactFilter(country="DE"))
    opened = start(BulkAction(TAG, tag=tag.pk), Target(filter=wanted), by=boss)
    while opened.finished_at is None:
        step(opened, size=2)
    assert set(Contact.objects.filter(tags=tag)) == set(both)
    assert opened.state["filter"] is None  # a name that was searched for is not kept


def test_an_unfinished_change_cannot_be_undone(boss: Any, tag: Tag) -> None:
    ContactFactory()
    ContactFactory()
    opened = start(BulkAction(TAG, tag=tag.pk), EVERYBODY, by=boss)
    step(opened, size=1)
    with pytest.raises(UndoError):
        undo_operation(opened, by=boss)


def test_finishing_twice_changes_nothing(boss: Any, tag: Tag) -> None:
    ContactFactory()
    opened = start(BulkAction(TAG, tag=tag.pk), EVERYBODY, by=boss)
    stale = Operation.objects.get(pk=opened.pk)
    finish(opened)
    step(stale)
    assert Change.objects.count() == 1


def test_who_may_no_longer_change_contacts_changes_no_more(boss: Any, tag: Tag) -> None:
    ContactFactory()
    opened = start(BulkAction(TAG, tag=tag.pk), EVERYBODY, by=boss)
    boss.user_permissions.clear()
    finish(Operation.objects.get(pk=opened.pk))
    assert not Change.objects.exists()


def test_a_tag_that_is_deleted_under_way_ends_the_change_quietly(boss: Any, tag: Tag) -> None:
    ContactFactory()
    opened = start(BulkAction(TAG, tag=tag.pk), EVERYBODY, by=boss)
    tag.delete()
    assert finish(opened).changed == 0


@pytest.mark.parametrize(
    "action",
    [BulkAction("explode"), BulkAction(TAG, tag=999), BulkAction(OWNER, owner="999")],
)
def test_what_cannot_be_done_is_refused(boss: Any, action: BulkAction) -> None:
    with pytest.raises(ValidationError):
        run_at_once(action, EVERYBODY, by=boss)
    assert not Operation.objects.exists()


def test_a_filter_that_cannot_be_read_is_refused(boss: Any) -> None:
    garbage = from_json({"version": 1, "conditions": {"shoe_size": 44}})
    for wanted in (garbage, ContactFilter(within=garbage)):
        with pytest.raises(ValidationError):
            run_at_once(BulkAction(ARCHIVE), Target(filter=wanted), by=boss)


def test_a_failure_in_the_middle_changes_nothing(boss: Any, tag: Tag, monkeypatch: Any) -> None:
    for _ in range(3):
        ContactFactory()
    monkeypatch.setattr("oscar_crm.services.bulk_changes.CHUNK", 1)
    monkeypatch.setattr(
        "oscar_crm.services.bulk_changes.Change.objects.bulk_create", _fail_at_second_call()
    )
    with pytest.raises(RuntimeError):
        run_at_once(BulkAction(ARCHIVE), EVERYBODY, by=boss)
    assert not Contact.objects.filter(archived_at__isnull=False).exists()


def _fail_at_second_call() -> Any:
    calls: list[int] = []

    def bulk_create(rows: Any, **kwargs: Any) -> list[Any]:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return list(rows)

    return bulk_create


def test_each_changed_contact_is_announced(boss: Any, on_commit: Any) -> None:
    heard: list[Contact] = []

    def hear(sender: Any, contact: Contact, **kwargs: Any) -> None:
        heard.append(contact)

    contact_changed.connect(hear)
    try:
        ContactFactory(archived_at=timezone.now() - timedelta(days=1))
        changed = ContactFactory()
        with on_commit():
            run_at_once(BulkAction(ARCHIVE), EVERYBODY, by=boss)
    finally:
        contact_changed.disconnect(hear)
    assert heard == [changed]


def test_the_queries_do_not_grow_with_the_contacts(
    boss: Any, tag: Tag, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        ContactFactory()
    with django_assert_max_num_queries(30):
        run_at_once(BulkAction(TAG, tag=tag.pk), EVERYBODY, by=boss)
    with django_assert_max_num_queries(30):
        run_at_once(BulkAction(ARCHIVE), EVERYBODY, by=boss)


BOSS_OF_ACCOUNTS = ("view_account", "view_all_accounts", "change_account")


@pytest.mark.parametrize("kind", [TAG, UNTAG, OWNER, ARCHIVE, RESTORE])
def test_accounts_are_changed_journalled_and_undone_whole(tag: Tag, kind: str) -> None:
    boss = make_staff(*BOSS_OF_ACCOUNTS)
    made = [
        AccountFactory(owner=make_staff()),
        AccountFactory(tags=[tag]),
        AccountFactory(archived_at=timezone.now()),
        AccountFactory(owner=boss),
    ]
    target = Target(ids=tuple(account.pk for account in made), area=ACCOUNTS)

    def facts() -> list[Any]:
        rows = Account.objects.order_by("pk").prefetch_related("tags")
        return [(a.owner_id, a.archived_at is None, [t.pk for t in a.tags.all()]) for a in rows]

    before = facts()
    action = BulkAction(kind, tag=tag.pk, owner=str(boss.pk) if kind == OWNER else "")
    opened = run_at_once(action, target, by=boss)
    assert facts() != before
    assert {change.account_id for change in opened.changes.all()} <= {a.pk for a in made}
    assert not undo_operation(opened, by=boss).refused
    assert facts() == before


def test_a_filter_of_accounts_is_kept_over_the_steps(tag: Tag) -> None:
    boss = make_staff(*BOSS_OF_ACCOUNTS)
    german = [AccountFactory(billing_country="DE") for _ in range(3)]
    AccountFactory(billing_country="FR")
    target = Target(filter=AccountFilter(country="DE"), area=ACCOUNTS)
    opened = start(BulkAction(TAG, tag=tag.pk), target, by=boss)
    while opened.finished_at is None:
        step(opened, size=2)
    assert set(Account.objects.filter(tags=tag)) == set(german)


def test_who_may_change_contacts_only_changes_no_account(boss: Any, tag: Tag) -> None:
    boss.user_permissions.add(permission("view_account"), permission("view_all_accounts"))
    AccountFactory()
    target = Target(filter=AccountFilter(), area=ACCOUNTS)
    run_at_once(BulkAction(TAG, tag=tag.pk), target, by=boss)
    assert not Change.objects.exists()
    assert not Account.objects.filter(tags=tag).exists()


def permission(codename: str) -> Permission:
    return Permission.objects.get(codename=codename, content_type__app_label="oscar_crm")


def test_each_changed_account_is_announced(on_commit: Any) -> None:
    heard: list[Account] = []

    def hear(sender: Any, account: Account, **kwargs: Any) -> None:
        heard.append(account)

    account_changed.connect(hear)
    try:
        changed = AccountFactory()
        with on_commit():
            target = Target(filter=AccountFilter(), area=ACCOUNTS)
            run_at_once(BulkAction(ARCHIVE), target, by=make_staff(*BOSS_OF_ACCOUNTS))
    finally:
        account_changed.disconnect(hear)
    assert heard == [changed]
