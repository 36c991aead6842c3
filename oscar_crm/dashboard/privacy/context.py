"""What a contact's page shows of this area: the state of its consents, or that it was erased."""

from typing import Any

from django.http import HttpRequest

from oscar_crm.models import Contact
from oscar_crm.queries.consent import consent_state
from oscar_crm.queries.erasure import certificate_of


def privacy_context(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """What a contact's page needs for its privacy card: one query, one more if erased."""
    sees_consent = request.user.has_perm("oscar_crm.view_consent")
    sees_certificates = request.user.has_perm("oscar_crm.view_erasure")
    return {
        "sees_consent": sees_consent,
        "consents": consent_state(contact) if sees_consent else [],
        "certificate": certificate_of(contact) if contact.is_erased and sees_certificates else None,
    }
