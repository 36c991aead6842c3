"""The CRM's tables, one module per area."""

from .accounts import Account, AccountContact, AccountWord, CompanyDecision
from .activities import Activity
from .contacts import Contact, ContactEmail, ContactUser, ContactWord
from .custom_fields import CustomField
from .duplicates import DuplicatePair
from .imports import Import, ImportBlock, ImportKey, ImportLayout, ImportRow
from .journal import Change, Operation
from .orders import OrderLink, ValueEntry
from .privacy import Consent, ConsentPurpose, ConsentText, Erasure
from .rates import ExchangeRate
from .segments import Segment
from .tags import Tag

__all__ = [
    "Account",
    "AccountContact",
    "AccountWord",
    "Activity",
    "Change",
    "CompanyDecision",
    "Consent",
    "ConsentPurpose",
    "ConsentText",
    "Contact",
    "ContactEmail",
    "ContactUser",
    "ContactWord",
    "CustomField",
    "DuplicatePair",
    "Erasure",
    "ExchangeRate",
    "Import",
    "ImportBlock",
    "ImportKey",
    "ImportLayout",
    "ImportRow",
    "Operation",
    "OrderLink",
    "Segment",
    "Tag",
    "ValueEntry",
]
