"""What services raise; views and commands translate it into words for the shop owner."""

from django.utils.translation import gettext as _


class CRMError(Exception):
    """Something the CRM refuses to do. Its text is fit to be shown to a user."""


class ValidationError(CRMError):
    """A value is not acceptable. ``field`` names the form field it belongs to, or is empty."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class AddressInUseError(ValidationError):
    """An e-mail address belongs to another contact already; ``match_key`` finds which."""

    def __init__(self, address: str, match_key: str) -> None:
        super().__init__(
            _("%s is already in the CRM, at another contact.") % address, field="emails"
        )
        self.address = address
        self.match_key = match_key


class TagNameTakenError(ValidationError):
    """Another tag is called so, however it is spelt; ``pk`` is its id."""

    def __init__(self, name: str, pk: int) -> None:
        super().__init__(_("There is a tag “%s” already.") % name, field="name")
        self.pk = pk


class FieldInUseError(CRMError):
    """Segments filter by a custom field, or by one of its choices. The text names them."""


class EditConflictError(CRMError):
    """Somebody else changed the record after the form was opened."""


class ErasedError(CRMError):
    """The record's personal data was erased; it only stands for its orders any more."""


class MergedError(CRMError):
    """The record was merged into another one meanwhile: what it is now, is told there."""


class RateFileError(CRMError):
    """A file of exchange rates cannot be read. The text names the line."""


class SegmentInUseError(CRMError):
    """A segment cannot be deleted: something is built on it. The text says what."""


class TookTooLongError(CRMError):
    """The database gave up a query that took longer than somebody should wait."""


class UndoError(CRMError):
    """An operation cannot be undone at all."""


class MergeError(CRMError):
    """Some records cannot be merged."""


class ImportFileError(CRMError):
    """A file cannot be imported as it is. The text says why, with row and column if it can."""


class ImportStateError(CRMError):
    """An import cannot do this now: it is finished, its file is erased, somebody lost a right."""
