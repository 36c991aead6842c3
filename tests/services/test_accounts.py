"""Creating, changing, tagging and archiving accounts; parents without loops."""

import pytest

from oscar_crm.exceptions import EditConflictError, ValidationError
from oscar_crm.models import Account, Change, Operation
from oscar_crm.queries.accounts import search, visible_to
from oscar_crm.services import accounts
from oscar_crm.services.activities import add_note
from oscar_crm.services.parents import MAX_DEPTH
from oscar_crm.services.undo import undo_operation
from oscar_crm.signals import account_changed, account_created
from oscar_crm.test.factories import AccountFactory, CustomFieldFactory, TagFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_staff("view_account", first_name="Sam", last_name="Sales")


def found_by(query, user):
    return [account.name for account in search(visible_to(user), query)]


def test_an_account_is_made_with_its_keys_and_words(staff):
    values = {
        "name": "  Müller  GmbH ",
        "website": "www.mueller.example",
        "vat_number": "DE 136 695 976",
        "phone": "+49 221 123456",
        "industry": "Möbel",
        "currency": "eur",
    }
    account = accounts.create_account(values, by=staff)

    account.refresh_from_db()
    assert (account.name, account.website) == ("Müller GmbH", "https://www.mueller.example")
    assert (account.vat_number, account.currency) == ("DE136695976", "EUR")
    assert (account.name_key, account.industry_key) == ("muller", "mobel")
    for query in ("muller", "mueller.example", "DE136695976", "0221 123456"):
        assert found_by(query, staff) == ["Müller GmbH"], query
    assert Operation.objects.get().kind == Operation.Kind.CREATE
    assert Change.objects.get().account == account


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({}, "name", "Give the company's name"),
        ({"name": "\u200b "}, "name", "Give the company's name"),
        ({"name": "x" * 10_000}, "name", "255"),
        ({"name": "A\x00"}, "name", "cannot be kept"),
        ({"name": "A", "vat_number": "DE1"}, "vat_number", "Germany|4 to 20"),
        ({"name": "A", "website": "no web"}, "website", "no web address"),
        ({"name": "A", "phone": "1" * 65}, "phone", "64"),
        ({"name": "A", "merged_into": 1}, "merged_into", "cannot be changed"),
    ],
)
def test_bad_values_are_refused_and_nothing_is_made(staff, values, field, words):
    with pytest.raises(ValidationError, match=words) as refused:
        accounts.create_account(values, by=staff)

    assert refused.value.field == field
    assert not Account.objects.exists()
    assert not Operation.objects.exists()


def test_a_name_may_be_one_character(staff):
    assert accounts.create_account({"name": "X"}, by=staff).name == "X"


def test_a_change_is_journalled_and_a_change_of_nothing_is_not(staff):
    account = AccountFactory(name="Acme")

    accounts.update_account(account, {"name": "Acme"}, by=staff)
    assert not Operation.objects.exists()

    changed = accounts.update_account(account, {"name": "Acme Ltd"}, by=staff, version=1)
    assert (changed.version, changed.sort_name) == (2, "acme ltd")
    change = Change.objects.get()
    assert (change.before, change.after) == ({"name": "Acme"}, {"name": "Acme Ltd"})


def test_an_edit_of_an_outdated_page_is_told(staff):
    account = AccountFactory()
    accounts.update_account(account, {"industry": "Toys"}, by=staff)

    with pytest.raises(EditConflictError, match="Somebody else changed this account"):
        accounts.update_account(account, {"industry": "Tools"}, by=staff, version=1)


def test_archiving_and_restoring_twice_changes_nothing_the_second_time(staff):
    account = AccountFactory()

    for _ in range(2):
        assert accounts.archive_account(account, by=staff).is_archived
    for _ in range(2):
        assert not accounts.restore_account(account, by=staff).is_archived
    assert [o.kind for o in Operation.objects.order_by("pk")] == ["archive", "restore"]


def test_a_tag_is_put_on_once_and_taken_off(staff):
    account, tag = AccountFactory(), TagFactory(name="VIP")

    for name in ("vip", "VIP"):
        assert accounts.tag_account(account, name, by=staff) == tag
    accounts.untag_account(account, tag, by=staff)

    assert not account.tags.exists()
    changes = Change.objects.order_by("pk")
    assert [(c.before, c.after) for c in changes] == [
        ({"tag": None}, {"tag": "VIP"}),
        ({"tag": "VIP"}, {"tag": None}),
    ]


def test_a_note_is_written_on_an_account(staff):
    account = AccountFactory()
    note = add_note(account, "Called.", by=staff)

    assert (note.account, note.contact, note.subject) == (account, None, account)


def test_the_signals_tell_of_new_and_changed_accounts(staff, on_commit):
    heard = []
    created = lambda account, **_: heard.append(("created", account.name))  # noqa: E731
    changed = lambda account, **_: heard.append(("changed", account.name))  # noqa: E731
    account_created.connect(created)
    account_changed.connect(changed)
    try:
        with on_commit():
            account = accounts.create_account({"name": "Acme"}, by=staff)
            accounts.update_account(account, {"name": "Acme Ltd"}, by=staff)
    finally:
        account_created.disconnect(created)
        account_changed.disconnect(changed)
    # Both are sent after the commit, when the account is called so.
    assert [name for name, _ in heard] == ["created", "changed"]


def chain(length):
    """Accounts one below the other, the topmost first."""
    made = [AccountFactory()]
    while len(made) < length:
        made.append(AccountFactory(parent=made[-1]))
    return made


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_company_cannot_be_below_itself_at_any_depth(staff, depth):
    companies = chain(depth)

    with pytest.raises(ValidationError, match=r"already|own parent") as refused:
        accounts.set_parent(companies[0], companies[-1], by=staff)

    assert refused.value.field == "parent"
    assert Account.objects.get(pk=companies[0].pk).parent is None


def test_a_tree_has_ten_levels_at_most(staff):
    top, below = chain(MAX_DEPTH - 2), chain(2)
    accounts.set_parent(below[0], top[-1], by=staff)

    with pytest.raises(ValidationError, match="in 10 levels at most"):
        accounts.create_account({"name": "One more", "parent": below[-1]}, by=staff)
    with pytest.raises(ValidationError, match="in 10 levels at most"):
        accounts.set_parent(top[0], AccountFactory(), by=staff)
    assert not Account.objects.filter(name="One more").exists()


def test_a_company_is_taken_from_below_another_and_undo_puts_it_back(staff):
    parent = AccountFactory()
    account = AccountFactory(parent=parent)

    accounts.set_parent(account, None, by=staff)
    undo_operation(Operation.objects.get(), by=staff)

    account.refresh_from_db()
    assert account.parent == parent


def test_custom_fields_are_checked_journalled_and_undone(staff):
    CustomFieldFactory(area="account", label="Tier", kind="choice", choices=["Gold", "Silver"])
    by = make_staff("view_account", "view_all_accounts", "change_account")
    account = accounts.create_account({"name": "Acme"}, custom={"tier": "Gold"}, by=by)

    accounts.update_account(account, {}, custom={"tier": "Silver"}, by=by)

    change = Change.objects.latest("pk")
    assert (change.before, change.after) == (
        {"custom": {"tier": "Gold"}},
        {"custom": {"tier": "Silver"}},
    )
    undo_operation(change.operation, by=by)
    account.refresh_from_db()
    assert account.custom == {"tier": "Gold"}


@pytest.mark.parametrize("custom", [{"tier": "Bronze"}, {"hobby": "chess"}])
def test_a_custom_value_that_does_not_fit_changes_nothing(staff, custom):
    CustomFieldFactory(area="account", label="Tier", kind="choice", choices=["Gold"])
    CustomFieldFactory(area="contact", label="Hobby")
    account = AccountFactory()

    with pytest.raises(ValidationError):
        accounts.update_account(account, {"phone": "1"}, custom=custom, by=staff)

    account.refresh_from_db()
    assert (account.custom, account.phone, account.version) == ({}, "", 1)
    assert not Operation.objects.exists()
