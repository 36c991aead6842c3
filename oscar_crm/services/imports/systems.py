"""The headers that other systems write above their columns, and what people call theirs.

The systems' headers are those of their own exports, in English. ``""`` leaves a column out on
purpose: its name would mislead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Layout:
    """How a system exports an area. ``signs``: headers that together only this system writes."""

    system: str
    name: str
    area: str
    signs: tuple[str, ...]
    columns: Mapping[str, str]


def _address(prefix: str, street: str, city: str, state: str, zip_: str, country: str) -> Any:
    parts = (street, city, state, zip_, country)
    keys = ("line1", "city", "state", "postcode", "country")
    return {part: f"{prefix}{key}" for part, key in zip(parts, keys, strict=True)}


HUBSPOT = Layout(
    "hubspot",
    "HubSpot",
    "contact",
    ("Record ID", "Lifecycle Stage"),
    {
        "Record ID": "external_id",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "emails",
        "Additional email addresses": "emails",
        "Work email": "emails",
        "Phone Number": "phone",
        "Mobile Phone Number": "phone",
        "Contact owner": "owner",
        "Lifecycle Stage": "kind",
        "Company Name": "company_name",
        "Associated Company": "accounts",
        "Job Title": "job_title",
        **_address("", "Street Address", "City", "State/Region", "Postal Code", "Country/Region"),
        "Associated Company IDs": "",
        "Lead Status": "",
    },
)
HUBSPOT_COMPANIES = Layout(
    "hubspot",
    "HubSpot",
    "account",
    ("Record ID", "Company owner"),
    {
        "Record ID": "external_id",
        "Company name": "name",
        "Company owner": "owner",
        "Phone Number": "phone",
        "Industry": "industry",
        "Company Domain Name": "website",
        "Website URL": "website",
        "Description": "description",
        "Parent Company": "parent",
        **_address(
            "billing_", "Street Address", "City", "State/Region", "Postal Code", "Country/Region"
        ),
        "Street Address 2": "billing_line2",
    },
)
SALESFORCE = Layout(
    "salesforce",
    "Salesforce",
    "contact",
    ("Mailing City", "Mailing Street"),
    {
        "Contact ID": "external_id",
        "Contact ID 18": "external_id",
        "Id": "external_id",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Full Name": "full_name",
        "Email": "emails",
        "Title": "job_title",
        "Account Name": "accounts",
        "Phone": "phone",
        "Business Phone": "phone",
        "Mobile": "phone",
        "Mobile Phone": "phone",
        "Home Phone": "phone",
        "Contact Owner": "owner",
        **_address(
            "",
            "Mailing Street",
            "Mailing City",
            "Mailing State/Province",
            "Mailing Zip/Postal Code",
            "Mailing Country",
        ),
        "Mailing State": "state",
        "Mailing Postal Code": "postcode",
        "Salutation": "",
        "Account ID": "",
        "Owner ID": "",
        "Name": "full_name",
    },
)
SALESFORCE_ACCOUNTS = Layout(
    "salesforce",
    "Salesforce",
    "account",
    ("Billing City", "Billing Street"),
    {
        "Account ID": "external_id",
        "Id": "external_id",
        "Account Name": "name",
        "Name": "name",
        "Account Owner": "owner",
        "Parent Account": "parent",
        "Phone": "phone",
        "Website": "website",
        "Industry": "industry",
        "Description": "description",
        "Account Description": "description",
        **_address(
            "billing_",
            "Billing Street",
            "Billing City",
            "Billing State/Province",
            "Billing Zip/Postal Code",
            "Billing Country",
        ),
        "Billing State": "billing_state",
        "Billing Postal Code": "billing_postcode",
        **_address(
            "shipping_",
            "Shipping Street",
            "Shipping City",
            "Shipping State/Province",
            "Shipping Zip/Postal Code",
            "Shipping Country",
        ),
        "Shipping State": "shipping_state",
        "Shipping Postal Code": "shipping_postcode",
        "Owner ID": "",
        "Parent ID": "",
        "Type": "",
    },
)
GOOGLE = Layout(
    "google",
    "Google Contacts",
    "contact",
    ("E-mail 1 - Value", "Phone 1 - Value"),
    {
        "Name": "",  # the parts of it have columns of their own
        "First Name": "first_name",
        "Given Name": "first_name",
        "Last Name": "last_name",
        "Family Name": "last_name",
        "Organization Name": "company_name",
        "Organization 1 - Name": "company_name",
        "Organization Title": "job_title",
        "Organization 1 - Title": "job_title",
        **{f"E-mail {n} - Value": "emails" for n in range(1, 6)},
        **{f"Phone {n} - Value": "phone" for n in range(1, 6)},
        **_address(
            "",
            "Address 1 - Street",
            "Address 1 - City",
            "Address 1 - Region",
            "Address 1 - Postal Code",
            "Address 1 - Country",
        ),
        "Address 1 - Extended Address": "line2",
        "Labels": "tags",
        "Group Membership": "tags",
        "Name Prefix": "",
    },
)
OUTLOOK = Layout(
    "outlook",
    "Outlook",
    "contact",
    ("E-mail Address", "Business Phone"),
    {
        "Title": "",  # Mr, Mrs
        "First Name": "first_name",
        "Last Name": "last_name",
        "Company": "company_name",
        "Job Title": "job_title",
        "E-mail Address": "emails",
        "E-mail 2 Address": "emails",
        "E-mail 3 Address": "emails",
        "Business Phone": "phone",
        "Business Phone 2": "phone",
        "Primary Phone": "phone",
        "Mobile Phone": "phone",
        "Company Main Phone": "phone",
        "Home Phone": "phone",
        "Other Phone": "phone",
        **_address(
            "",
            "Business Street",
            "Business City",
            "Business State",
            "Business Postal Code",
            "Business Country/Region",
        ),
        "Business Country": "country",
        "Business Street 2": "line2",
        "Categories": "tags",
        "Web Page": "",
    },
)
MAILCHIMP = Layout(
    "mailchimp",
    "Mailchimp",
    "contact",
    ("Email Address", "EUID"),
    {
        "Email Address": "emails",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Address": "line1",
        "Phone Number": "phone",
        "Company": "company_name",
        "TAGS": "tags",
        "EUID": "external_id",
        "REGION": "",  # guessed by Mailchimp from the address of a computer
        "CC": "",
        "LEID": "",
    },
)
LAYOUTS = (
    HUBSPOT,
    HUBSPOT_COMPANIES,
    SALESFORCE,
    SALESFORCE_ACCOUNTS,
    GOOGLE,
    OUTLOOK,
    MAILCHIMP,
)

# What people write above the columns of their own lists, beside the labels of the fields.
SYNONYMS: dict[str, dict[str, str]] = {
    "contact": {
        "first_name": "firstname|forename|given name|vorname|prénom|nombre",
        "last_name": "lastname|surname|family name|nachname|familienname|nom|apellido",
        "full_name": "name|contact|contact name|contact person|ansprechpartner|display name",
        "emails": "e mail|email|mail|email address|e mail address|e mail adresse|e mail addresses|"
        "email 2|e mail 2|primary email|courriel",
        "phone": "phone number|telephone|tel|mobile|mobile phone|cell|telefon|telefonnummer|handy|"
        "business phone|work phone|téléphone|teléfono",
        "company_name": "company name|organisation|organization|firma|unternehmen|société|empresa",
        "accounts": "account|account name",
        "job_title": "position|role|funktion|title|poste|cargo",
        "line1": "street|street address|address 1|address line 1|straße|strasse|adresse|anschrift",
        "line2": "address 2|address line 2|street 2|adresszusatz",
        "city": "town|ort|stadt|ville|ciudad",
        "state": "state|county|province|region|bundesland|state region",
        "postcode": "zip|zip code|postal code|plz|postleitzahl|code postal",
        "country": "country region|land|pays|país",
        "kind": "type|contact type|lifecycle stage",
        "owner": "contact owner|sales rep|responsible|betreuer",
        "tags": "tag|labels|categories|groups|schlagworte",
        "external_id": "id|record id|contact id|customer number|kundennummer",
    },
    "account": {
        "name": "company|company name|account|account name|organisation|organization|firma",
        "industry": "branche|sector",
        "website": "web|url|web page|homepage|domain|website url",
        "vat_number": "vat|vat id|vat no|ust id|ust idnr|tax id|ustidnr",
        "phone": "phone number|telephone|tel|telefon|main phone",
        "currency": "währung",
        "description": "notes|about|beschreibung",
        "billing_line1": "address|street|street address|straße|billing street",
        "billing_line2": "address 2|address line 2|street 2",
        "billing_city": "city|town|ort|stadt",
        "billing_state": "state|county|province|region|state region",
        "billing_postcode": "zip|zip code|postal code|plz|postcode|billing zip postal code",
        "billing_country": "country|land|country region",
        "parent": "parent|parent account|muttergesellschaft",
        "owner": "account owner|company owner|sales rep",
        "tags": "tag|labels|categories",
        "external_id": "id|record id|account id|customer number|kundennummer",
    },
}
