"""One description per area: what can be searched, tagged, merged, exported and erased.

Whatever works on several areas reads these descriptions and knows no area by name. A new area adds
one entry to ``AREAS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from oscar_crm.models import Account, Contact

from . import accounts, contacts


class OnErase(Enum):
    """What an erasure does to the rows that hang on a record."""

    DELETE = "delete"
    BLANK = "blank"
    KEEP = "keep"


@dataclass(frozen=True)
class Owned:
    """A kind of row that hangs on a record by the foreign key ``field``.

    A merge points them at the record that stays. A subject export tells their ``exported`` fields,
    none if empty. An erasure deletes them, blanks their ``personal`` fields or keeps them.
    ``unique`` names the fields of which the record that stays may have one row only: of two alike
    a merge keeps its own; rows without any of these values are never alike. ``is_derived`` rows
    follow others of their own accord, and a merge does not journal them.
    """

    model: str
    field: str
    label: str | Promise
    exported: tuple[str, ...] = ()
    on_erase: OnErase = OnErase.KEEP
    personal: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    is_derived: bool = False

    @property
    def rows(self) -> Any:
        """The manager of the rows. Not typed as one: the type checker binds it to this class."""
        return apps.get_model(f"oscar_crm.{self.model}")._default_manager


@dataclass(frozen=True)
class Area:
    """``fields`` are those that staff edit and a merge chooses between.

    ``filter`` is what the list is narrowed down by, ``filtered`` the records a user may see that
    pass it, ``for_list`` loads what stands beside a record's name.

    ``personal`` are the fields that tell who somebody is: an erasure empties them, and takes all
    tags off.
    """

    key: str
    model: type[models.Model]
    label: str | Promise
    plural: str | Promise
    visible_to: Callable[[Any], models.QuerySet[Any]]
    search: Callable[[models.QuerySet[Any], str], models.QuerySet[Any]]
    filter: type[Any]
    filtered: Callable[[Any, Any], models.QuerySet[Any]]
    for_list: Callable[[models.QuerySet[Any]], models.QuerySet[Any]]
    fields: tuple[str, ...]
    personal: tuple[str, ...]
    owned: tuple[Owned, ...]
    list_url: str
    detail_url: str
    permission: str
    all_permission: str
    change_permission: str
    merge_permission: str

    def may_be_seen_by(self, user: Any) -> bool:
        return bool(user.has_perm(f"oscar_crm.{self.permission}"))

    def may_all_be_seen_by(self, user: Any) -> bool:
        return bool(user.has_perm(f"oscar_crm.{self.all_permission}"))

    def may_be_changed_by(self, user: Any) -> bool:
        return self.may_be_seen_by(user) and bool(
            user.has_perm(f"oscar_crm.{self.change_permission}")
        )

    def may_be_merged_by(self, user: Any) -> bool:
        return self.may_be_seen_by(user) and bool(
            user.has_perm(f"oscar_crm.{self.merge_permission}")
        )


CONTACT_FIELDS = (
    "kind",
    "first_name",
    "last_name",
    "job_title",
    "company_name",
    "phone",
    "line1",
    "line2",
    "city",
    "state",
    "postcode",
    "country",
    "owner",
    "partner",
)

CONTACTS = Area(
    key="contact",
    model=Contact,
    label=_("contact"),
    plural=_("Contacts"),
    visible_to=contacts.visible_to,
    search=contacts.search,
    filter=contacts.ContactFilter,
    filtered=contacts.filtered_contacts,
    for_list=contacts.for_list,
    fields=CONTACT_FIELDS,
    personal=(
        *(name for name in CONTACT_FIELDS if name not in ("kind", "owner")),
        *("custom", "external_id"),
    ),
    owned=(
        Owned(
            "ContactEmail",
            "contact",
            _("E-mail addresses"),
            exported=("address", "is_primary"),
            on_erase=OnErase.DELETE,
            unique=("shared_key",),
        ),
        Owned(
            "ContactUser",
            "contact",
            _("Shop accounts"),
            exported=("label", "basis", "created_at"),
            on_erase=OnErase.DELETE,
        ),
        Owned(
            "OrderLink",
            "contact",
            _("Orders"),
            exported=("number", "placed_at", "status", "total", "currency", "email"),
            on_erase=OnErase.BLANK,
            personal=("email",),
        ),
        Owned(
            "ValueEntry",
            "contact",
            _("Amounts of orders and refunds"),
            exported=("link", "kind", "amount", "currency", "occurred_at"),
            is_derived=True,
        ),
        Owned(
            "Activity",
            "contact",
            _("Notes"),
            exported=("kind", "body", "author_label", "occurred_at"),
            on_erase=OnErase.DELETE,
        ),
        Owned(
            "AccountContact",
            "contact",
            _("Companies"),
            exported=("account", "role", "is_primary", "from_date", "until_date"),
            on_erase=OnErase.DELETE,
            unique=("account", "until_date"),
        ),
        Owned(
            "Consent",
            "contact",
            _("Consents"),
            exported=("text", "is_given", "source", "note", "at"),
            # What was agreed to and when stays as proof, of a contact nobody knows any more.
            on_erase=OnErase.BLANK,
            personal=("note",),
        ),
        Owned(
            "Change",
            "contact",
            _("Changes"),
            exported=("operation", "at", "before", "after"),
            on_erase=OnErase.BLANK,
            personal=("before", "after"),
        ),
    ),
    list_url="dashboard:crm-contact-list",
    detail_url="dashboard:crm-contact-detail",
    permission="view_contact",
    all_permission="view_all_contacts",
    change_permission="change_contact",
    merge_permission="merge_contacts",
)

ACCOUNT_FIELDS = (
    "name",
    "industry",
    "website",
    "vat_number",
    "phone",
    "currency",
    "description",
    *(
        f"{kind}_{part}"
        for kind in ("billing", "shipping")
        for part in ("line1", "line2", "city", "state", "postcode", "country")
    ),
    "parent",
    "owner",
)

ACCOUNTS = Area(
    key="account",
    model=Account,
    label=_("account"),
    plural=_("Accounts"),
    visible_to=accounts.visible_to,
    search=accounts.search,
    filter=accounts.AccountFilter,
    filtered=accounts.filtered_accounts,
    for_list=accounts.for_list,
    fields=ACCOUNT_FIELDS,
    personal=(),
    owned=(
        Owned("OrderLink", "account", _("Orders")),
        Owned("AccountContact", "account", _("People"), unique=("contact", "until_date")),
        Owned("Account", "parent", _("Sub-accounts")),
        Owned("Activity", "account", _("Notes")),
        Owned("CompanyDecision", "account", _("Company names")),
        Owned("Change", "account", _("Changes")),
    ),
    list_url="dashboard:crm-account-list",
    detail_url="dashboard:crm-account-detail",
    permission="view_account",
    all_permission="view_all_accounts",
    change_permission="change_account",
    merge_permission="merge_accounts",
)

AREAS: dict[str, Area] = {area.key: area for area in (CONTACTS, ACCOUNTS)}
