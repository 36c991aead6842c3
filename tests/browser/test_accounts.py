"""Working with companies: from the list to the page, people, groups, companies from orders."""

from typing import Any

import pytest
from oscar.test.factories import PartnerFactory
from playwright.sync_api import Page, expect

from oscar_crm.models import Account, AccountContact
from oscar_crm.queries.accounts import AccountFilter
from oscar_crm.queries.areas import ACCOUNTS
from oscar_crm.queries.bulk import BulkAction, Target
from oscar_crm.services import bulk_changes
from oscar_crm.services.accounts import update_account
from oscar_crm.services.memberships import add_membership
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    TagFactory,
    ValueEntryFactory,
)
from tests.browser.conftest import Visit
from tests.browser.looks import complaints, sideways
from tests.browser.presses import lists, press, says
from tests.shop import make_country

LIST = "/dashboard/crm/accounts/"
COMPANIES = "/dashboard/crm/companies/"


def choose(page: Page, box: str, text: str) -> None:
    """Pick an entry of a Select2 box by typing."""
    page.click(f"#{box} + .select2-container")
    page.fill(".select2-container--open .select2-search__field", text)
    page.click(f".select2-results__option:has-text('{text}')")


def test_a_company_and_its_sub_account_are_entered(desk: Page, germany: Any) -> None:
    desk.goto(LIST)
    press(desk, "Create an account")
    press(desk, "Cancel")
    press(desk, "Create an account")
    desk.fill("#id_name", "Holding AG")
    desk.fill("#id_vat_number", "DE136695975")
    press(desk, "Save")
    says(desk, "its check digit is wrong")
    desk.fill("#id_vat_number", "DE136695976")
    desk.fill("#id_website", "holding.example")
    press(desk, "Save")
    says(desk, "“Holding AG” is now in the CRM.")
    press(desk, "Add a sub-account")
    desk.fill("#id_name", "Branch GmbH")
    press(desk, "Save")
    branch = Account.objects.get(name="Branch GmbH")
    assert branch.parent == Account.objects.get(name="Holding AG")

    press(desk, "Edit")
    desk.fill("#id_industry", "Toys")
    press(desk, "Save")
    says(desk, "Industry set to “Toys”")
    press(desk, "Edit")
    press(desk, "Cancel")
    says(desk, "Parent company")


def test_a_parent_is_looked_up_while_typing_and_a_loop_is_told(desk: Page) -> None:
    top = AccountFactory(name="Top")
    below = AccountFactory(name="Below", parent=top)
    desk.goto(f"{top.get_absolute_url()}edit/")
    choose(desk, "id_parent", "Below")
    press(desk, "Save")
    says(desk, "Below is below Top already")
    assert Account.objects.get(pk=top.pk).parent is None
    assert below.parent == top


def test_the_list_is_searched_filtered_sorted_and_paged(desk: Page, settings: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for number, name in enumerate(("Alpha", "Beta", "Gamma", "Delta", "Epsilon")):
        AccountFactory(name=name, industry="Toys", lifetime_value=number)
    desk.goto(LIST)
    lists(desk, "Alpha", "Beta")
    for label, names in {
        "Next": ["Delta", "Epsilon"],
        "Last": ["Epsilon", "Gamma"],
        "Previous": ["Beta", "Delta"],
        "First": ["Alpha", "Beta"],
    }.items():
        press(desk, label)
        lists(desk, *names)
    for label in ("Name", "Lifetime value", "Last order", "Created"):
        press(desk, label)
    desk.fill("#id_q", "gam")
    press(desk, "Search")
    lists(desk, "Gamma")
    press(desk, "Filters and sorting")
    desk.select_option("#id_people", "with")
    press(desk, "Apply")
    says(desk, "No account matches")
    press(desk, "People: With people (remove this filter)")
    press(desk, "Search: gam (remove this filter)")
    desk.goto(f"{LIST}?q=nobody")
    press(desk, "Clear all filters")
    press(desk, "Filters and sorting")
    press(desk, "Clear all")
    desk.goto(f"{LIST}?industry=toys&value_min=1&country=&tag=")
    press(desk, "Industry: toys (remove this filter)")
    press(desk, "Lifetime value from: 1 (remove this filter)")
    press(desk, "New account")
    desk.goto(LIST)
    press(desk, "Companies from orders")
    says(desk, "Nothing to decide")
    press(desk, "Accounts")


def test_tags_notes_and_the_archive(desk: Page) -> None:
    account = AccountFactory(name="Acme", tags=[TagFactory(name="Old")])
    for number in range(25):
        NoteFactory(contact=None, account=account, body=f"Note {number:02}")
    desk.goto(account.get_absolute_url())
    press(desk, "Older")
    says(desk, "Note 00")
    desk.fill("#tag-name", "VIP")
    press(desk, "Add")
    expect(desk.locator("#account-tags .crm-tag")).to_have_count(2)
    press(desk, "Remove the tag Old")
    expect(desk.locator("#account-tags .crm-tag")).to_have_count(1)
    desk.fill("#id_body", "Met at the fair.")
    press(desk, "Add note")
    says(desk, "Met at the fair.")
    press(desk, "Archive")
    says(desk, "“Acme” is archived")
    press(desk, "Restore")
    says(desk, "“Acme” is back on the lists.")


def test_older_without_javascript_is_a_page_of_its_own(visit: Visit, manager: Any) -> None:
    account = AccountFactory(name="Acme")
    for number in range(45):
        NoteFactory(contact=None, account=account, body=f"Note number {number}.")
    page = visit(manager, javascript=False)
    page.goto(account.get_absolute_url())
    page.click("text=Older")
    expect(page.locator("h1")).to_have_text("Timeline of Acme")
    press(page, "Older")
    says(page, "Note number 0.")


def test_somebody_joins_leaves_and_was_never_there(desk: Page) -> None:
    account = AccountFactory(name="Acme")
    ada = ContactFactory(first_name="Ada", last_name="Byron")
    ValueEntryFactory(link=OrderLinkFactory(contact=ada, number="N-1"))
    desk.goto(account.get_absolute_url())
    press(desk, "Add a person")
    press(desk, "Cancel")
    press(desk, "Add a person")
    choose(desk, "id_contact", "Ada Byron")
    desk.fill("#id_role", "Buyer")
    press(desk, "Save")
    says(desk, "Ada Byron belongs to Acme.")
    says(desk, "N-1")

    desk.click("a:has-text('Edit Ada Byron')")
    press(desk, "Cancel")
    desk.click("a:has-text('Edit Ada Byron')")
    desk.fill("#id_role", "Head buyer")
    press(desk, "Save")
    says(desk, "Role changed from “Buyer” to “Head buyer”")
    desk.click("a:has-text('Has left')")
    press(desk, "Cancel")
    desk.click("a:has-text('Has left')")
    press(desk, "Save")
    says(desk, "Past orders still count for it.")
    desk.click("a:has-text('Remove Ada Byron')")
    press(desk, "Cancel")
    desk.click("a:has-text('Remove Ada Byron')")
    press(desk, "Remove")
    says(desk, "Ada Byron was taken out of Acme.")
    says(desk, "1 order counts for Acme no longer")
    assert not AccountContact.objects.exists()


def test_a_company_is_added_on_the_page_of_a_contact(desk: Page) -> None:
    AccountFactory(name="Acme")
    ada = ContactFactory(first_name="Ada", last_name="Byron")
    desk.goto(ada.get_absolute_url())
    press(desk, "Add a company")
    press(desk, "Cancel")
    press(desk, "Add a company")
    choose(desk, "id_account", "Acme")
    press(desk, "Save")
    says(desk, "Ada Byron belongs to Acme.")
    expect(desk.locator("#companies-heading")).to_be_visible()


def test_more_people_than_fit_are_paged(desk: Page, settings: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 8
    account = AccountFactory()
    for _ in range(21):
        AccountContactFactory(account=account)
    desk.goto(account.get_absolute_url())
    desk.click("a:has-text('All people')")
    for label in ("Next", "Last", "Previous", "First"):
        press(desk, label)
    press(desk, "Add a person")


def test_companies_from_orders_become_accounts_or_none(desk: Page, settings: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for name in ("Acme Ltd", "ACME", "Beta", "Private", "Zeta"):
        ContactFactory(company_name=name)
    AccountFactory(name="Beta GmbH")
    desk.goto(COMPANIES)
    press(desk, "Next")
    press(desk, "Previous")
    press(desk, _label(desk, "Make an account"))
    says(desk, "is an account with 2 people.")
    press(desk, "Join “Beta GmbH”")
    says(desk, "“Beta GmbH” is an account with one person.")
    press(desk, "Ignore “Private”")
    says(desk, "not proposed any more")
    desk.fill("#company-q", "x")
    press(desk, "Search")
    press(desk, "Show all")
    says(desk, "Zeta")


def _label(page: Page, begins: str) -> str:
    """The whole label of the first button that begins so."""
    text = page.locator(f".content button:has-text('{begins}')").first.text_content() or ""
    return " ".join(text.split())


@pytest.mark.parametrize("label", ["Make an account of “Acme”", "Ignore “Acme”"])
def test_the_page_of_a_contact_proposes_an_account(desk: Page, label: str) -> None:
    ada = ContactFactory(first_name="Ada", last_name="Byron", company_name="Acme")
    desk.goto(ada.get_absolute_url())
    press(desk, label)
    expect(desk.locator("h1")).to_have_text("Ada Byron")
    expect(desk.locator(f"button:has-text('{label}')")).to_have_count(0)


def test_the_page_of_a_contact_proposes_to_join_an_account(desk: Page) -> None:
    AccountFactory(name="Acme Ltd")
    ada = ContactFactory(company_name="Acme")
    desk.goto(ada.get_absolute_url())
    press(desk, "Join “Acme Ltd”")
    says(desk, "“Acme Ltd” is an account with one person.")


def test_it_all_works_without_scripts(visit: Visit, manager: Any) -> None:
    AccountFactory(name="Above")
    ContactFactory(emails=["ada@example.com"], first_name="Ada", last_name="Byron")
    page = visit(manager, javascript=False)
    page.goto(f"{LIST}create/")
    page.fill("#id_name", "Acme")
    page.fill("#id_parent_name", "above")
    page.click("button:has-text('Save')")
    account = Account.objects.get(name="Acme")
    assert account.parent is not None
    page.goto(f"{account.get_absolute_url()}people/add/")
    page.fill("#id_email", "ada@example.com")
    page.click("button:has-text('Save')")
    expect(page.locator(".content")).to_contain_text("Ada Byron belongs to Acme.")


def test_a_vendor_points_at_a_partner_of_the_shop(desk: Page, partner: Any) -> None:
    desk.goto("/dashboard/crm/contacts/create/")
    expect(desk.locator("#id_partner")).to_be_hidden()
    desk.fill("#id_first_name", "Vera")
    desk.evaluate("jQuery('#id_kind').val('vendor').trigger('change')")
    expect(desk.locator(".form-group:has(#id_partner)")).to_be_visible()
    desk.evaluate(f"jQuery('#id_partner').val('{partner.pk}').trigger('change')")
    press(desk, "Save")
    says(desk, "Partner of the shop")
    says(desk, "Woodworks")


@pytest.fixture
def partner(transactional_db: None) -> Any:
    return PartnerFactory(name="Woodworks")


@pytest.fixture
def germany(transactional_db: None) -> Any:
    return make_country()


def test_the_errors_of_the_forms_are_accessible_and_fit(visit: Visit, manager: Any) -> None:
    account = AccountFactory()
    ada = ContactFactory()
    add_membership(account, ada, by=manager)
    update_account(account, {"industry": "Toys"}, by=manager)
    for size in ("desktop", "phone"):
        page = visit(manager, size=size)
        for address in (f"{LIST}create/", f"{account.get_absolute_url()}people/add/"):
            page.goto(address)
            press(page, "Save")
            expect(page.locator(".content .error-block").first).to_be_visible()
            assert [*complaints(page), *sideways(page)] == []


def test_accounts_are_ticked_tagged_together_and_it_is_undone(desk: Page) -> None:
    tag = TagFactory(name="Key account")
    for name in ("Acme", "Byron Ltd", "Zoo"):
        AccountFactory(name=name)
    desk.goto(LIST)
    desk.get_by_label("All on this page").check()
    expect(desk.locator("[role=status][data-tick-count]")).to_have_text("3 ticked")
    desk.get_by_label("Tick Zoo").uncheck()
    desk.select_option("#id_what", value=f"tag:{tag.pk}")
    press(desk, "Continue")
    says(desk, "2 accounts will be changed.")
    press(desk, "Cancel")
    desk.check("input[name=all]")
    desk.select_option("#id_what", value=f"tag:{tag.pk}")
    press(desk, "Continue")
    press(desk, "Change them")
    says(desk, "3 accounts changed.")
    assert tag.accounts.count() == 3
    desk.click("text=Look at it, or undo it")
    desk.click("text=Undo >> nth=0")
    desk.click(".content form button[type=submit]")
    says(desk, "Undone: 3 rows are as they were.")
    assert not tag.accounts.exists()


def test_two_ticked_accounts_are_compared_to_be_merged(desk: Page) -> None:
    AccountFactory(name="Acme")
    AccountFactory(name="Acme Limited")
    desk.goto(LIST)
    desk.get_by_label("All on this page").check()
    desk.select_option("#id_what", "merge")
    press(desk, "Continue")
    says(desk, "Acme Limited")
    assert "/accounts/merge/?ids=" in desk.url


def test_a_long_change_of_accounts_is_continued_to_its_end(desk: Page, manager: Any) -> None:
    AccountFactory.create_batch(3)
    target = Target(filter=AccountFilter(), area=ACCOUNTS)
    opened = bulk_changes.start(BulkAction("archive"), target, by=manager, summary="Archive")
    desk.goto(f"{LIST}bulk/{opened.pk}/")
    says(desk, "This change is not finished.")
    assert [*complaints(desk), *sideways(desk)] == []
    press(desk, "Continue")
    says(desk, "See the accounts")  # the page that follows when all is done
    says(desk, "3 accounts changed.")
    press(desk, "Look at it, or undo it")
    desk.go_back()
    press(desk, "See the accounts")
    assert not Account.objects.filter(archived_at=None).exists()


def test_ticking_fits_a_telephone(visit: Visit, manager: Any) -> None:
    AccountFactory.create_batch(3, name="Acme")
    for size in ("phone", "desktop"):
        page = visit(manager, size=size)
        page.goto(LIST)
        assert [*complaints(page), *sideways(page)] == []
