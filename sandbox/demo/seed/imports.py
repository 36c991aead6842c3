"""A file that waits to be imported: visitors of a trade fair, one of them mistyped."""

import csv
import io
from dataclasses import replace
from typing import Any

from oscar_crm.models import Contact, Import
from oscar_crm.services import imports

HEADERS = ("First name", "Last name", "E-mail", "Company", "Phone", "City", "Country")
VISITORS = (
    ("Mara", "Lindqvist", "mara@lindqvist.example", "Lindqvist Keramik AB", "", "Malmö", "Sweden"),
    ("Tomasz", "Wrona", "t.wrona@glina.example", "Glina i Szkło", "+48 22 555 0134", "", "Poland"),
    ("Ines", "Duarte", "ines.duarte(at)loja.example", "Loja Duarte", "", "Porto", "Portugal"),
    ("Owen", "Price", "owen@price.example", "", "+44 29 2018 0456", "Cardiff", "Wales"),
)


def upload_trade_fair(owner: Any) -> Import:
    """Checked and not yet imported; somebody who is known has moved to another town."""
    file = io.BytesIO(_as_csv().encode())
    made = imports.create_import(file, area="contact", by=owner, name="trade-fair.csv")
    options = replace(imports.Options.of(made.options), tags=("Trade fair",))
    imports.set_columns(made, made.columns, options)
    return imports.run(made)


def _as_csv() -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    writer.writerows(VISITORS)
    known = Contact.objects.filter(emails__is_primary=True).order_by("pk").first()
    if known is not None:
        name = (known.first_name, known.last_name, known.primary_email)
        writer.writerow((*name, "", "", "Lyon", ""))
    return text.getvalue()
