"""Consent in the demo: what the shop asks for, who agreed, and one account that was closed."""

import random
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from oscar_crm.models import Change, Consent, ConsentPurpose, Contact, ContactUser
from oscar_crm.services.consent import add_purpose, change_purpose, record_consent

PURPOSES = {
    "Newsletter": "Nordlicht may write to me about new products, at most twice a month. "
    "I can end this at any time.",
    "Phone calls": "Nordlicht may call me about my orders and new products.",
    "Catalogue on paper": "Nordlicht may send me its catalogue by mail, twice a year.",
}
FIRST_NEWSLETTER = "Nordlicht may write to me about new products."
SHARES = {"Newsletter": 0.35, "Phone calls": 0.1, "Catalogue on paper": 0.15}
WITHDRAWN_SHARE = 0.2
SOURCES = (Consent.Source.WEBSITE, Consent.Source.WEBSITE, Consent.Source.PAPER)


def ask_for_consent(rng: random.Random, by: Any) -> int:
    """Purposes with their texts, and what contacts gave and withdrew; returns how many."""
    purposes = _purposes(by)
    done = 0
    for contact in Contact.objects.order_by("pk"):
        for purpose in purposes:
            if rng.random() < SHARES[purpose.name]:
                done += _consent(rng, contact, purpose, by)
    return done


def _purposes(by: Any) -> list[ConsentPurpose]:
    """The newsletter's text was changed a month ago; the older version stays on record."""
    found = []
    for position, (name, text) in enumerate(PURPOSES.items()):
        first = FIRST_NEWSLETTER if name == "Newsletter" else text
        purpose = add_purpose(name, first, position=position, by=by)
        purpose.texts.update(created_at=timezone.now() - timedelta(days=900))
        found.append(
            change_purpose(purpose, name=name, text=text, position=position, is_active=True, by=by)
        )
        purpose.texts.filter(version=2).update(created_at=timezone.now() - timedelta(days=30))
    return found


def _consent(rng: random.Random, contact: Contact, purpose: ConsentPurpose, by: Any) -> int:
    """Consent given some time after the contact appeared, now and then withdrawn later."""
    given = _between(rng, contact.created_at)
    record_consent(contact, purpose, is_given=True, source=rng.choice(SOURCES), at=given, by=by)
    if rng.random() < WITHDRAWN_SHARE:
        at = _between(rng, given)
        record_consent(contact, purpose, is_given=False, source=Consent.Source.EMAIL, at=at, by=by)
    for consent in contact.consents.all():  # staff entered it on the day it came in
        Consent.objects.filter(pk=consent.pk).update(recorded_at=consent.at)
        Change.objects.filter(object_type=Consent._meta.label, object_id=consent.pk).update(
            at=consent.at
        )
    return contact.consents.filter(text__purpose=purpose).count()


def _between(rng: random.Random, start: Any) -> Any:
    now = timezone.now()
    return start + (now - start) * rng.uniform(0.2, 0.9)


def close_an_account() -> str:
    """One customer deletes the shop account, as Oscar's "Delete profile" does. Returns whose."""
    joined = (
        ContactUser.objects.filter(user__isnull=False, user__is_staff=False)
        .filter(contact__orders_count__gt=0)
        .order_by("contact__orders_count", "pk")
        .first()
    )
    if joined is None:
        return ""
    get_user_model()._default_manager.get(pk=joined.user_id).delete()
    return str(joined)
