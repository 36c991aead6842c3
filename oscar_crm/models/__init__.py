"""The CRM's tables, one module per area."""

from .activities import Activity
from .contacts import Contact, ContactEmail, ContactUser, ContactWord
from .journal import Change, Operation
from .orders import OrderLink, ValueEntry
from .rates import ExchangeRate
from .tags import Tag

__all__ = [
    "Activity",
    "Change",
    "Contact",
    "ContactEmail",
    "ContactUser",
    "ContactWord",
    "ExchangeRate",
    "Operation",
    "OrderLink",
    "Tag",
    "ValueEntry",
]
