"""A CRM in which a bit of everything has happened, and the addresses of all its pages."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from oscar_crm.models import (
    Account,
    ConsentPurpose,
    Contact,
    CustomField,
    DuplicatePair,
    Erasure,
    ExchangeRate,
    Operation,
    OrderLink,
    Tag,
)
from oscar_crm.queries.accounts import AccountFilter
from oscar_crm.queries.areas import ACCOUNTS, CONTACTS
from oscar_crm.queries.bulk import BulkAction, Target
from oscar_crm.queries.timeline import account_timeline, contact_timeline
from oscar_crm.services import (
    accounts,
    activities,
    bulk_changes,
    companies,
    consent,
    contacts,
    custom_fields,
    duplicates,
    memberships,
    merge,
    rates,
    reconcile,
    tags,
)
from oscar_crm.services.erasure import erase_contact
from oscar_crm.test.factories import (
    ClosedAccountFactory,
    ContactFactory,
    NoteFactory,
    SegmentFactory,
    make_order,
    refund_order,
)
from tests.browser.lived_in_imports import live_in_imports, pages_of_imports
from tests.shop import make_country

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff" * 3
LONG_EMAIL = f"{'very-long-' * 6}@{'sub-domain.' * 16}example"


def past_orders(count: int) -> None:
    """Orders the CRM does not know of yet."""
    make_country()
    with override_settings(OSCAR_CRM_SYNC_ORDERS=False):
        for number in range(count):
            make_order(f"customer{number}@example.com")


def live_in(by: Any) -> Contact:
    """Fill the CRM; the contact with the longest history is returned."""
    make_country()
    ada = _busy_contact(by)
    ContactFactory(
        first_name=LONG_NAME, last_name="", company_name=LONG_NAME, emails=[LONG_EMAIL], owner=by
    )
    ContactFactory(emails=[], kind="partner", company_name="Partner & Co")
    make_order("", number="W-1")  # belongs to nobody: no address
    make_order("usd@example.com", currency="USD")  # without a rate
    make_order("pounds@example.com", currency="GBP")
    yesterday = timezone.localdate() - timedelta(days=1)
    rates.set_rate("GBP", Decimal("1.15"), valid_from=yesterday, by=by)
    rates.set_rate("GBP", Decimal("1.17"), valid_from=timezone.localdate(), by=by)
    rates.set_rate("CHF", Decimal("1.05"), valid_from=yesterday, by=by)
    reconcile.run(by=by)
    _busy_account(ada, by)
    _duplicates(by)
    _custom_fields(ada, by)
    _privacy(ada, by)
    live_in_imports(by)
    return ada


def _busy_account(ada: Contact, by: Any) -> Account:
    """A company above Ada's, made of the name on her orders; another name is left to decide."""
    engines = companies.accept_company("engines", by=by)
    values = {"website": "engines.example", "vat_number": "GB 980 7806 84", "industry": "Machines"}
    accounts.update_account(engines, values, by=by)
    top = accounts.create_account({"name": LONG_NAME, "billing_line1": LONG_NAME}, by=by)
    accounts.set_parent(engines, top, by=by)
    memberships.add_membership(top, ada, role="Board", from_date=timezone.localdate(), by=by)
    accounts.tag_account(engines, "VIP", by=by)
    for number in range(25):
        NoteFactory(contact=None, account=engines, body=f"Note {number}")
    for _ in range(6):
        member = ContactFactory()
        memberships.add_membership(engines, member, role="Buyer", by=by)
    ContactFactory(company_name="Undecided Ltd")
    return engines


def _duplicates(by: Any) -> None:
    """Pairs to decide about, some decided, and a merge."""
    for number in range(8):
        for name in ("Greta", "G."):
            values = {
                "first_name": name,
                "last_name": f"Haas{number}",
                "phone": f"0221 55512{number}",
            }
            ContactFactory(**values, city=f"{name} Town", postcode="50667")
    duplicates.run(by=by)
    greta = Contact.objects.filter(first_name="Greta").values("pk")
    first, second = DuplicatePair.objects.filter(low_id__in=greta).order_by("pk")[:2]
    duplicates.dismiss_pair(first, by=by)
    merge.merge_records(CONTACTS, second.low_id, [second.high_id], by=by)


def _privacy(ada: Contact, by: Any) -> None:
    """Consents of every state, closed accounts, somebody long untouched, and an erasure."""
    given, withdrawn, retired, _never = (
        consent.add_purpose(name, "May we do so?", by=by)
        for name in ("Newsletter", "Phone calls", "Fax", "Catalogue on paper")
    )
    for purpose, is_given in (
        (given, True),
        (withdrawn, True),
        (withdrawn, False),
        (retired, True),
    ):
        consent.record_consent(ada, purpose, is_given=is_given, note="Folder 12", by=by)
    consent.change_purpose(retired, name="Fax", text="Old", position=9, is_active=False, by=by)
    for _number in range(7):
        ClosedAccountFactory()
        erase_contact(ContactFactory(), reason="Asked by letter", by=by)
    joined = ClosedAccountFactory(contact__first_name=LONG_NAME, label=LONG_EMAIL)
    then = timezone.now() - timedelta(days=1000)
    quiet = [ContactFactory().pk for _number in range(6)]
    Contact.objects.filter(pk__in=[*quiet, joined.contact.pk]).update(
        created_at=then, updated_at=then
    )


def _busy_contact(by: Any) -> Contact:
    for number in range(3):
        order = make_order("ada@example.com", number=f"B-{number}")
    refund_order(order, "500.00")  # more than was paid
    ada = Contact.objects.get(emails__address="ada@example.com")
    values = {"phone": "+44 20 1234", "company_name": "Engines Ltd", "owner": by}
    addresses = ["ada@example.com", "ada@home.example"]
    contacts.update_contact(ada, values, emails=addresses, version=ada.version, by=by)
    for tag in ("VIP", "Wholesale"):
        tags.tag_contact(ada, tag, by=by)
    for number in range(45):
        NoteFactory(contact=ada, body=f"Note {number}", created_at=timezone.now())
    activities.add_note(ada, "Asked for an <b>invoice</b>.", by=by)
    return ada


def _custom_fields(ada: Contact, by: Any) -> None:
    """One field of each type; the first one has a long name and is filled in."""
    choices = ["Gold", "Silver", LONG_NAME[:100]]
    custom_fields.create_field(
        "contact", label=LONG_NAME[:100], kind="choice", choices=choices, by=by
    )
    for kind in ("text", "number", "date", "boolean"):
        custom_fields.create_field("contact", label=f"A {kind}", kind=kind, by=by)
    custom_fields.create_field("account", label="Rating", kind="text", by=by)
    first = CustomField.objects.get(area="contact", kind="choice")
    custom = {first.key: choices[2], "a_date": "2026-05-01", "a_number": "1234.5"}
    contacts.update_contact(ada, {}, custom=custom, by=by)


def pages_of(ada: Contact) -> dict[str, str]:
    """Every page of the CRM, by what it shows."""
    note = ada.activities.latest("pk")
    rate = ExchangeRate.objects.earliest("pk")
    orphan, owned = (OrderLink.objects.filter(contact__isnull=nil).first() for nil in (True, False))
    finished = reconcile.start(by=None, currency="GBP")
    while finished.finished_at is None:
        reconcile.step(finished)
    tag, field = Tag.objects.get(name="VIP").pk, CustomField.objects.earliest("pk").pk
    unfinished = reconcile.start(by=None, currency="CHF")
    return {
        **account_pages(ada),
        "overview": url("overview"),
        "sync": url("sync"),
        "sync, under way": f"{url('sync')}?run={unfinished.pk}",
        "sync, done": f"{url('sync')}?run={finished.pk}",
        "contacts": url("contact-list"),
        "contacts, filtered": f"{url('contact-list')}?q=a&value_min=x&with_orders=on&kind=customer",
        "contacts, nothing found": f"{url('contact-list')}?q=nobodyiscalledthis",
        "new contact": url("contact-create"),
        **duplicate_pages(),
        "contact": url("contact-detail", ada.pk),
        "edit contact": url("contact-update", ada.pk),
        "timeline": f"{url('contact-timeline', ada.pk)}?older={contact_timeline(ada).older}",
        "edit note": url("note-update", note.pk),
        "delete note": url("note-delete", note.pk),
        **segment_pages(ada),
        "orders": url("order-list"),
        "orders, nothing found": f"{url('order-list')}?q=nothing",
        "orders of a contact": f"{url('order-list')}?contact={ada.pk}&q=B",
        "assign": url("order-assign", orphan.pk),
        "reassign": url("order-assign", owned.pk),
        "search": f"{url('search')}?q=ada",
        "search for nothing": url("search"),
        "search, nothing found": f"{url('search')}?q=nobodyiscalledthis",
        "tags": url("tag-list"),
        "new tag": url("tag-create"),
        "edit tag": url("tag-update", tag),
        "merge tag": url("tag-merge", tag),
        "delete tag": url("tag-delete", tag),
        "custom fields": url("custom-field-list"),
        "new custom field": url("custom-field-create"),
        "edit custom field": url("custom-field-update", field),
        "delete custom field": url("custom-field-delete", field),
        "rates": url("rate-list"),
        "new rate": url("rate-create"),
        "edit rate": url("rate-update", rate.pk),
        "delete rate": url("rate-delete", rate.pk),
        **_privacy_pages(ada),
    }


def _privacy_pages(ada: Contact) -> dict[str, str]:
    used, unused = (
        ConsentPurpose.objects.get(name=name) for name in ("Newsletter", "Catalogue on paper")
    )
    erasure = Erasure.objects.latest("pk")
    return {
        "record consent": url("consent-create", ada.pk),
        "erase": url("contact-erase", ada.pk),
        "erase several": f"{url('several-erase')}?contact={ada.pk}&contact={ada.pk + 1}",
        "closed accounts": url("closed-account-list"),
        "untouched": f"{url('untouched-list')}?months=12",
        "untouched, no such number": f"{url('untouched-list')}?months=0",
        "certificates": url("erasure-list"),
        "certificate": url("erasure-detail", erasure.pk),
        "erased contact": url("contact-detail", erasure.contact_id),
        "purposes": url("purpose-list"),
        "new purpose": url("purpose-create"),
        "edit purpose": url("purpose-update", used.pk),
        "delete purpose": url("purpose-delete", unused.pk),
        "delete used purpose": url("purpose-delete", used.pk),
        **pages_of_imports(),
    }


def account_pages(ada: Contact) -> dict[str, str]:
    """The pages about companies, by what they show."""
    engines = Account.objects.get(name_key="engines")
    membership = ada.memberships.get(account=engines)
    return {
        "accounts": url("account-list"),
        "accounts, filtered": f"{url('account-list')}?q=e&value_min=x&people=with&industry=mach",
        "accounts, nothing found": f"{url('account-list')}?q=nobodyiscalledthis",
        "new account": url("account-create"),
        "account": url("account-detail", engines.pk),
        "account of long words": url("account-detail", engines.parent_id),
        "edit account": url("account-update", engines.pk),
        "timeline of an account": (
            f"{url('account-timeline', engines.pk)}?older={account_timeline(engines).older}"
        ),
        "people": url("account-people", engines.pk),
        "add a person": url("account-person-add", engines.pk),
        "add a company": url("contact-company-add", ada.pk),
        "edit a membership": url("membership-update", membership.pk),
        "end a membership": url("membership-end", membership.pk),
        "remove a membership": url("membership-remove", membership.pk),
        "companies from orders": url("company-list"),
        "companies, nothing found": f"{url('company-list')}?q=nobodyiscalledthis",
    }


def duplicate_pages() -> dict[str, str]:
    pair = DuplicatePair.objects.filter(dismissed_at=None).latest("pk")
    merged = Operation.objects.filter(kind=Operation.Kind.MERGE).latest("pk")
    scan = Operation.objects.filter(kind=Operation.Kind.DUPLICATES).latest("pk")
    return {
        "duplicates": url("duplicate-list"),
        "duplicates, accounts": f"{url('duplicate-list')}?area=account",
        "not duplicates": f"{url('duplicate-list')}?dismissed=1",
        "scan": url("duplicate-scan"),
        "scan, done": f"{url('duplicate-scan')}?run={scan.pk}",
        "merge": f"{url('contact-merge')}?ids={pair.low_id},{pair.high_id}",
        "merge, odd": f"{url('contact-merge')}?ids=1",
        "operations": url("operation-list"),
        "operation": url("operation-detail", merged.pk),
        "undo": url("operation-undo", merged.pk),
    }


def segment_pages(ada: Contact) -> dict[str, str]:
    """The pages of segments and of a long change of many contacts."""
    ada.refresh_from_db()
    segment = SegmentFactory(name=LONG_NAME, conditions={"q": "ada", "bought": 999}, count=1)
    SegmentFactory(filter="garbage", owner=ada.owner)
    archive = BulkAction("archive")
    opened = bulk_changes.start(archive, Target(ids=(ada.pk,)), by=ada.owner, summary="Archive")
    finished = bulk_changes.start(archive, Target(), by=ada.owner, summary="Archive")
    bulk_changes.finish(finished)
    all_accounts = Target(filter=AccountFilter(), area=ACCOUNTS)
    of_accounts = bulk_changes.start(archive, all_accounts, by=ada.owner, summary="Archive")
    return {
        "segments": url("segment-list"),
        "new segment": f"{url('segment-create')}?kind=lead&idle_days=x",
        "edit segment": url("segment-update", segment.pk),
        "delete segment": url("segment-delete", segment.pk),
        "contacts of a segment": f"{url('contact-list')}?segment={segment.pk}",
        "many changed, under way": url("contact-bulk-run", opened.pk),
        "many changed, done": url("contact-bulk-run", finished.pk),
        "many accounts changed, under way": url("account-bulk-run", of_accounts.pk),
    }


def url(name: str, *args: int) -> str:
    return reverse(f"dashboard:crm-{name}", args=args)
