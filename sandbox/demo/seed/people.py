"""The demo's customers: some with a shop account, the others guests."""

import random
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from oscar.core.loading import get_model

from sandbox.demo.seed.names import COMPANIES, REGIONS, Region

User = get_user_model()
UserAddress = get_model("address", "UserAddress")

REGISTERED_SHARE = 0.62
COMPANY_SHARE = 0.14
MAIL_DOMAINS = ("example.com", "example.net", "example.org", "post.example", "mail.example")
LATIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "ł": "l", "ı": "i"}
)


@dataclass(slots=True)
class Person:
    """Who buys. `user` is None for guests."""

    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    line1: str
    city: str
    postcode: str
    company: str = ""
    user: Any = None

    @property
    def address(self) -> dict[str, str]:
        """The fields of any of Oscar's address models."""
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "line1": self.line1,
            "line4": self.city,
            "postcode": self.postcode,
            "country_id": self.country,
        }


def make_people(rng: random.Random, count: int) -> list[Person]:
    """`count` different people; nothing is saved."""
    people: list[Person] = []
    taken: set[str] = set()
    while len(people) < count:
        people.append(_person(rng, taken))
    return people


def _person(rng: random.Random, taken: set[str]) -> Person:
    region = rng.choices(REGIONS, [region.share for region in REGIONS])[0]
    first, first_latin = _name(rng, region.first)
    last, last_latin = _name(rng, region.last)
    return Person(
        first_name=first,
        last_name=last,
        email=_email(rng, first_latin, last_latin, taken),
        phone=_digits(rng, region.phone),
        country=region.country,
        line1=_street(rng, region),
        city=rng.choice(region.cities.split(",")),
        postcode=_digits(rng, region.postcode),
        company=_company(rng, region.country),
    )


def _company(rng: random.Random, country: str) -> str:
    if rng.random() >= COMPANY_SHARE:
        return ""
    return rng.choice(COMPANIES.get(country, ("",)))


def _name(rng: random.Random, pool: str) -> tuple[str, str]:
    native, _, latin = rng.choice(pool.split(",")).partition("/")
    return native, latin or native


def _street(rng: random.Random, region: Region) -> str:
    street = rng.choice(region.streets.split(","))
    return _digits(rng, region.street).format(street)


def _digits(rng: random.Random, pattern: str) -> str:
    return "".join(str(rng.randint(0, 9)) if char == "#" else char for char in pattern)


def _email(rng: random.Random, first: str, last: str, taken: set[str]) -> str:
    """An address nobody else has, at a domain reserved for examples."""
    first, last = _ascii(first), _ascii(last)
    pattern = rng.choice(("{0}.{1}", "{0}{1}", "{2}.{1}", "{1}"))
    local, domain = pattern.format(first, last, first[:1]), rng.choice(MAIL_DOMAINS)
    email, number = f"{local}@{domain}", 1
    while email in taken:
        number += 1
        email = f"{local}{number}@{domain}"
    taken.add(email)
    return email


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().translate(LATIN))
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def save_users(rng: random.Random, people: list[Person], joined: datetime) -> int:
    """Give most people an account with an address book, joined at the start of the demo."""
    members = [person for person in people if rng.random() < REGISTERED_SHARE]
    users = User.objects.bulk_create(
        [
            User(
                username=person.email,
                email=person.email,
                first_name=person.first_name,
                last_name=person.last_name,
                password=make_password(None),
                date_joined=joined,
            )
            for person in members
        ]
    )
    for person, user in zip(members, users, strict=True):
        person.user = user
        UserAddress.objects.create(
            user=user, phone_number=person.phone, is_default_for_shipping=True, **person.address
        )
    return len(members)
