"""Files as other systems export them: every column finds its field by itself."""

from typing import Any

import pytest

from oscar_crm.models import Account, Contact
from oscar_crm.services import imports
from oscar_crm.services.imports import Options
from oscar_crm.services.imports.fields import fields_of
from oscar_crm.services.imports.layouts import find_layout, suggest

from .conftest import csv_file

pytestmark = pytest.mark.django_db

HUBSPOT = [
    [
        *("Record ID", "First Name", "Last Name", "Email", "Phone Number", "Contact owner"),
        *("Last Activity Date (GMT+1)", "Lead Status", "Create Date (GMT+1)", "Lifecycle Stage"),
        *("Company Name", "Job Title", "Street Address", "City", "State/Region", "Postal Code"),
        "Country/Region",
    ],
    [
        *("101", "Ada", "Byron", "ada@example.com", "+49 221 12345", "Jane Rep"),
        *("2026-01-05 10:00", "Open", "2025-02-03 09:12", "Customer", "Engines Ltd", "Engineer"),
        *("Street 1", "Köln", "NRW", "50667", "Germany"),
    ],
]
SALESFORCE = [
    [
        *("Salutation", "First Name", "Last Name", "Title", "Account Name", "Mailing Street"),
        *("Mailing City", "Mailing State/Province", "Mailing Zip/Postal Code", "Mailing Country"),
        *("Phone", "Fax", "Mobile", "Email", "Account Owner", "Contact ID"),
    ],
    [
        *("Ms", "Ada", "Byron", "Engineer", "Engines Ltd", "Street 1\nFloor 2", "Köln", "NRW"),
        *("50667", "Germany", "", "", "+49 221 12345", "ada@example.com", "Jane Rep"),
        "0035g00000XYZabAAD",
    ],
]
GOOGLE = [
    [
        *("First Name", "Middle Name", "Last Name", "Phonetic First Name", "Name Prefix"),
        *("Nickname", "File As", "Organization Name", "Organization Title"),
        *("Organization Department", "Birthday", "Notes", "Photo", "Labels", "E-mail 1 - Label"),
        *("E-mail 1 - Value", "E-mail 2 - Label", "E-mail 2 - Value", "Phone 1 - Label"),
        *("Phone 1 - Value", "Address 1 - Label", "Address 1 - Formatted", "Address 1 - Street"),
        *("Address 1 - City", "Address 1 - PO Box", "Address 1 - Region"),
        *("Address 1 - Postal Code", "Address 1 - Country", "Address 1 - Extended Address"),
    ],
    [
        *("Ada", "", "Byron", "", "", "", "", "Engines Ltd", "Engineer", "", "", "", ""),
        *("* myContacts ::: Trade", "* ", "ada@example.com", "Home", "ada@home.example"),
        *("Work", "+49 221 12345", "Work", "Street 1\nKöln", "Street 1", "Köln", "", "NRW"),
        *("50667", "DE", ""),
    ],
]
OUTLOOK = [
    [
        *("First Name", "Middle Name", "Last Name", "Title", "Suffix", "Web Page", "Notes"),
        *("E-mail Address", "E-mail 2 Address", "E-mail 3 Address", "Primary Phone"),
        *("Home Phone", "Mobile Phone", "Business Phone", "Job Title", "Company", "Categories"),
        *("Business Street", "Business City", "Business State", "Business Postal Code"),
        "Business Country/Region",
    ],
    [
        *("Ada", "", "Byron", "Ms", "", "", "", "ada@example.com", "ada@home.example", "", ""),
        *("", "+49 221 12345", "", "Engineer", "Engines Ltd", "Trade;VIP", "Street 1", "Köln"),
        *("NRW", "50667", "Germany"),
    ],
]
MAILCHIMP = [
    [
        *("Email Address", "First Name", "Last Name", "Address", "Phone Number", "Birthday"),
        *("MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "LATITUDE"),
        *("LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION", "LAST_CHANGED", "LEID"),
        *("EUID", "NOTES", "TAGS"),
    ],
    [
        *("ada@example.com", "Ada", "Byron", "Street 1 Köln 50667 DE", "+49 221 12345", ""),
        *("2", "", "", "2025-02-03 09:12:00", "192.0.2.1", "", "", "", "", "", "us", "ga"),
        *("2025-02-03 09:12:00", "123", "ab12cd34ef", "", '"Trade","VIP"'),
    ],
]
SYSTEMS = {
    "HubSpot": HUBSPOT,
    "Salesforce": SALESFORCE,
    "Google Contacts": GOOGLE,
    "Outlook": OUTLOOK,
    "Mailchimp": MAILCHIMP,
}
BY_SYSTEM = [pytest.param(name, rows, id=name) for name, rows in SYSTEMS.items()]


def bring_in_untouched(upload: Any, rows: Any, **options: Any) -> Any:
    """As somebody does who presses the buttons and chooses nothing."""
    made = upload(csv_file(rows), **options)
    imports.set_columns(made, made.columns, Options.of(made.options))
    imports.start_import(imports.run(made))
    return imports.run(made)


@pytest.mark.parametrize(("name", "rows"), BY_SYSTEM)
def test_the_export_of_another_system_is_recognised(name, rows):
    layout = find_layout("contact", rows[0])

    assert layout is not None
    assert layout.name == name


@pytest.mark.parametrize(("name", "rows"), BY_SYSTEM)
def test_the_export_of_another_system_imports_with_no_choice_made(upload, name, rows):
    made = bring_in_untouched(upload, rows)

    assert (made.counts["create"], made.counts.get("refused", 0)) == (1, 0)
    ada = Contact.objects.get()
    assert (ada.first_name, ada.last_name) == ("Ada", "Byron")
    assert ada.primary_email == "ada@example.com"
    assert ada.phone == "+49 221 12345"
    if name != "Mailchimp":
        assert (ada.job_title, ada.city, ada.postcode) == ("Engineer", "Köln", "50667")
        assert (ada.line1, ada.state, ada.country) == ("Street 1", "NRW", "DE")


@pytest.mark.parametrize(("name", "rows"), BY_SYSTEM)
def test_the_export_of_another_system_can_be_imported_again(upload, name, rows):
    bring_in_untouched(upload, rows)
    made = bring_in_untouched(upload, rows)

    assert made.counts["unchanged"] == 1


def test_each_system_marks_its_ids(upload):
    for rows in (HUBSPOT, SALESFORCE, MAILCHIMP):
        bring_in_untouched(upload, rows)

    assert Contact.objects.get().external_id == "hubspot:101"


def test_what_systems_say_of_somebody_is_understood(upload):
    bring_in_untouched(upload, HUBSPOT)
    bring_in_untouched(upload, GOOGLE)
    bring_in_untouched(upload, OUTLOOK)

    ada = Contact.objects.get()
    assert (ada.kind, ada.company_name) == ("customer", "Engines Ltd")
    assert [e.address for e in ada.emails.all()] == ["ada@example.com", "ada@home.example"]
    assert sorted(ada.tags.values_list("name", flat=True)) == ["Trade", "VIP"]


def test_two_lines_of_a_street_fill_two_lines_of_the_address(upload):
    bring_in_untouched(upload, SALESFORCE)

    assert Contact.objects.get().line2 == "Floor 2"


ACCOUNTS = {
    "HubSpot": [
        [
            *("Record ID", "Company name", "Company owner", "Create Date (GMT+1)"),
            *("Phone Number", "Last Activity Date (GMT+1)", "City", "Country/Region", "Industry"),
            "Company Domain Name",
        ],
        [
            *("7", "Engines Ltd", "Jane Rep", "2025-02-03", "+49 221 12345", "", "Köln"),
            *("Germany", "Machinery", "engines.example"),
        ],
    ],
    "Salesforce": [
        [
            *("Account Name", "Account Owner", "Billing Street", "Billing City"),
            *("Billing State/Province", "Billing Zip/Postal Code", "Billing Country", "Phone"),
            *("Website", "Industry", "Type", "Account ID"),
        ],
        [
            *("Engines Ltd", "Jane Rep", "Street 1", "Köln", "NRW", "50667", "Germany"),
            *("+49 221 12345", "https://engines.example", "Machinery", "Customer", "0015g000"),
        ],
    ],
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_companies_of_another_system_import_with_no_choice_made(upload, name):
    made = bring_in_untouched(upload, ACCOUNTS[name], area="account")

    assert (made.counts["create"], made.counts.get("refused", 0)) == (1, 0)
    engines = Account.objects.get()
    assert (engines.name, engines.industry) == ("Engines Ltd", "Machinery")
    assert (engines.billing_city, engines.billing_country) == ("Köln", "DE")
    assert engines.domain == "engines.example"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *(("Vorname", "first_name"), ("NACHNAME", "last_name"), ("E-Mail", "emails")),
        *(("e_mail", "emails"), ("FirstName", "first_name"), ("PLZ", "postcode")),
        *(("Straße", "line1"), ("Organisation", "company_name"), ("Telefon", "phone")),
        *(("Name", "full_name"), ("Shoe size", "")),
    ],
)
def test_headers_of_ones_own_lists_are_understood(manager, header, field):
    assert suggest("contact", [header], fields_of("contact"), manager).columns == [field]


def test_of_two_columns_that_seem_the_same_the_first_is_taken(manager):
    found = suggest("contact", ["City", "Town"], fields_of("contact"), manager)

    assert found.columns == ["city", ""]


def test_a_full_name_is_taken_apart(bring_in):
    bring_in([["Name"], ["Ada Augusta Byron"], ["Abel, Ben"]], match="name")

    names = set(Contact.objects.values_list("first_name", "last_name"))
    assert names == {("Ada Augusta", "Byron"), ("Ben", "Abel")}
