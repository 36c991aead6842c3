"""The countries the sandbox shop knows, and what invoice files call them."""

from typing import Any

from oscar.core.loading import get_model

Country = get_model("address", "Country")

# ISO 3166-1: alpha-2, alpha-3, numeric, name.
TABLE = """
AE ARE 784 United Arab Emirates|AT AUT 040 Austria|AU AUS 036 Australia|BE BEL 056 Belgium
BG BGR 100 Bulgaria|BH BHR 048 Bahrain|BR BRA 076 Brazil|CA CAN 124 Canada|CH CHE 756 Switzerland
CY CYP 196 Cyprus|CZ CZE 203 Czechia|DE DEU 276 Germany|DK DNK 208 Denmark|EE EST 233 Estonia
ES ESP 724 Spain|FI FIN 246 Finland|FR FRA 250 France|GB GBR 826 United Kingdom
GG GGY 831 Guernsey|GR GRC 300 Greece|HK HKG 344 Hong Kong|HR HRV 191 Croatia|HU HUN 348 Hungary
IE IRL 372 Ireland|IL ISR 376 Israel|IS ISL 352 Iceland|IT ITA 380 Italy|JP JPN 392 Japan
KR KOR 410 South Korea|LB LBN 422 Lebanon|LT LTU 440 Lithuania|LU LUX 442 Luxembourg
LV LVA 428 Latvia|MT MLT 470 Malta|NG NGA 566 Nigeria|NL NLD 528 Netherlands|NO NOR 578 Norway
PL POL 616 Poland|PT PRT 620 Portugal|RO ROU 642 Romania|SA SAU 682 Saudi Arabia
SE SWE 752 Sweden|SG SGP 702 Singapore|SI SVN 705 Slovenia|SK SVK 703 Slovakia|TH THA 764 Thailand
TR TUR 792 Türkiye|UA UKR 804 Ukraine|US USA 840 United States|ZA ZAF 710 South Africa
"""
# ISO 3166-1 keeps ZZ free for users: a country that no table names.
UNKNOWN = ("ZZ", "ZZZ", "999", "Unknown country")
ALIASES = {
    "eire": "IE",
    "usa": "US",
    "rsa": "ZA",
    "korea": "KR",
    "czech republic": "CZ",
    "channel islands": "GG",
}


def rows() -> list[tuple[str, str, str, str]]:
    """The table as (alpha-2, alpha-3, numeric, name)."""
    entries = TABLE.replace("\n", "|").split("|")
    parts = [entry.split(" ", 3) for entry in entries if entry.strip()]
    return [(two, three, number, name.strip()) for two, three, number, name in parts]


def add_countries() -> None:
    """Add the countries that are missing; safe to repeat."""
    Country.objects.bulk_create(
        [_country(row, shipping=True) for row in rows()] + [_country(UNKNOWN, shipping=False)],
        ignore_conflicts=True,
    )


def _country(row: tuple[str, str, str, str], *, shipping: bool) -> Any:
    two, three, number, name = row
    return Country(
        iso_3166_1_a2=two,
        iso_3166_1_a3=three,
        iso_3166_1_numeric=number,
        printable_name=name,
        name=name,
        is_shipping_country=shipping,
    )


def code_of(name: str) -> str:
    """The alpha-2 code of a country's name; ZZ for a name that is not in the table."""
    folded = name.strip().casefold()
    names = {row[3].casefold(): row[0] for row in rows()}
    return names.get(folded) or ALIASES.get(folded) or UNKNOWN[0]
