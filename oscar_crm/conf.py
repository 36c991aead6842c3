"""Every ``OSCAR_CRM_*`` setting: typed, with its default and unit.

Values are read from Django's settings at each access, so tests may override them.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings as django_settings

PREFIX = "OSCAR_CRM_"
SHARED_LOCAL_PARTS = (
    *("accounts", "admin", "buchhaltung", "buero", "contact", "einkauf", "hello", "info"),
    *("kontakt", "mail", "no-reply", "noreply", "office", "orders", "purchasing", "sales"),
    *("service", "shop", "support", "team"),
)

PUBLIC_MAIL_DOMAINS = (
    *("aol.com", "bluewin.ch", "btinternet.com", "freenet.de", "free.fr", "gmail.com", "gmx.at"),
    *("gmx.ch", "gmx.de", "gmx.net", "googlemail.com", "hotmail.co.uk", "hotmail.com"),
    *("hotmail.de", "hotmail.fr", "icloud.com", "laposte.net", "libero.it", "live.com", "mac.com"),
    *("mail.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "orange.fr", "outlook.com"),
    *("outlook.de", "posteo.de", "proton.me", "protonmail.com", "qq.com", "sfr.fr", "t-online.de"),
    *("telenet.be", "virgilio.it", "wanadoo.fr", "web.de", "yahoo.co.uk", "yahoo.com", "yahoo.de"),
    *("yahoo.fr", "yandex.ru", "ymail.com", "163.com"),
)


def _get(name: str, default: Any) -> Any:
    return getattr(django_settings, PREFIX + name, default)


def _strings(name: str, default: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(value) for value in _get(name, default))


def _months(name: str) -> int | None:
    value = _get(name, None)
    return None if value is None else int(value)


class Settings:
    """One property per setting; ``OSCAR_CRM_`` stands before each name in the shop's settings."""

    @property
    def CURRENCY(self) -> str:
        """Base currency of all totals, ISO 4217. Default: ``OSCAR_DEFAULT_CURRENCY``."""
        return str(_get("CURRENCY", None) or django_settings.OSCAR_DEFAULT_CURRENCY)

    @property
    def SYNC_ORDERS(self) -> bool:
        """Make contacts from orders and registrations as they happen. Default: ``True``.

        When ``False``, only ``crm_sync_orders`` and the dashboard's button do it.
        """
        return bool(_get("SYNC_ORDERS", True))

    @property
    def ASYNC(self) -> bool:
        """Leave the sync to Celery workers instead of doing it after commit. Default: ``False``."""
        return bool(_get("ASYNC", False))

    @property
    def REGISTRATION_CREATES_CONTACT(self) -> bool:
        """A new shop account that matches no contact becomes a prospect. Default: ``True``."""
        return bool(_get("REGISTRATION_CREATES_CONTACT", True))

    @property
    def VALUE_INCLUDES_TAX(self) -> bool:
        """Count orders with their tax in lifetime value. Default: ``True``."""
        return bool(_get("VALUE_INCLUDES_TAX", True))

    @property
    def VALUE_INCLUDES_SHIPPING(self) -> bool:
        """Count the shipping charge in lifetime value. Default: ``True``."""
        return bool(_get("VALUE_INCLUDES_SHIPPING", True))

    @property
    def CANCELLED_STATUSES(self) -> tuple[str, ...]:
        """Order statuses that cancel an order's value. Default: ``("Cancelled", "Canceled")``."""
        return _strings("CANCELLED_STATUSES", ("Cancelled", "Canceled"))

    @property
    def UNCOUNTED_STATUSES(self) -> tuple[str, ...]:
        """Order statuses in which an order has no value yet, e.g. awaiting payment.

        Default: none; every status counts unless it is listed here or cancels, ``""`` included.
        """
        return _strings("UNCOUNTED_STATUSES", ())

    @property
    def SHARED_ADDRESSES(self) -> tuple[str, ...]:
        """E-mail addresses used by several people: local parts (``"info"``) or whole addresses.

        An order from such an address belongs to the contact of that address *and* name.
        """
        return _strings("SHARED_ADDRESSES", SHARED_LOCAL_PARTS)

    @property
    def COMPANY_FIELDS(self) -> tuple[str, ...]:
        """Fields of the order's addresses that may hold a company name, first non-empty wins.

        Oscar's own addresses have none; shops that extend them use one of the default names
        ``company``, ``company_name``, ``organisation``, ``organization``.
        """
        return _strings(
            "COMPANY_FIELDS", ("company", "company_name", "organisation", "organization")
        )

    @property
    def PUBLIC_MAIL_DOMAINS(self) -> tuple[str, ...]:
        """Domains where anybody may have an address: that two people share one proves nothing."""
        return _strings("PUBLIC_MAIL_DOMAINS", PUBLIC_MAIL_DOMAINS)

    @property
    def SHOW_UNASSIGNED(self) -> bool:
        """Users without ``view_all_contacts`` also see contacts nobody owns. Default: ``True``."""
        return bool(_get("SHOW_UNASSIGNED", True))

    @property
    def RETENTION_MONTHS(self) -> int | None:
        """After how many months without an order, note, edit or consent to propose erasure.

        Default: ``None``, which proposes nobody.
        """
        return _months("RETENTION_MONTHS")

    @property
    def JOURNAL_MONTHS(self) -> int | None:
        """How many months ``crm_prune_journal`` leaves in the journal. Default: ``None``, all."""
        return _months("JOURNAL_MONTHS")

    @property
    def IMPORT_MAX_MB(self) -> int:
        """The largest CSV file that may be imported, in megabytes. Default: ``100``."""
        return int(_get("IMPORT_MAX_MB", 100))

    @property
    def IMPORT_MAX_XLSX_MB(self) -> int:
        """The largest XLSX file that may be imported, in megabytes. Default: ``20``.

        It is read while the browser waits, far more slowly than CSV.
        """
        return int(_get("IMPORT_MAX_XLSX_MB", 20))

    @property
    def IMPORT_MAX_ROWS(self) -> int:
        """The most rows of a file that is imported. Default: ``1_000_000``."""
        return int(_get("IMPORT_MAX_ROWS", 1_000_000))

    @property
    def IMPORT_KEEP_DAYS(self) -> int:
        """Days after which the rows of an imported file are erased. Default: ``30``.

        The history (who, when, file name, counts) stays. ``0``: as soon as the import is done.
        """
        return int(_get("IMPORT_KEEP_DAYS", 30))

    @property
    def ATTACH_URLS(self) -> bool:
        """Add the CRM's URLs to Oscar's dashboard at ``crm/``. Default: ``True``."""
        return bool(_get("ATTACH_URLS", True))

    @property
    def ATTACH_NAVIGATION(self) -> bool:
        """Add "CRM" to the dashboard's navigation. Default: ``True``."""
        return bool(_get("ATTACH_NAVIGATION", True))

    @property
    def ATTACH_PANELS(self) -> bool:
        """Show CRM panels on Oscar's own dashboard pages. Default: ``True``."""
        return bool(_get("ATTACH_PANELS", True))

    @property
    def CREATE_GROUPS(self) -> bool:
        """Make the groups "CRM manager", "CRM sales" and "CRM read only". Default: ``True``."""
        return bool(_get("CREATE_GROUPS", True))


crm_settings = Settings()
