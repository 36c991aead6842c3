"""What must hold in a bare Oscar project; copied into it and run by tools/check_bare.py.

Usage: python bare_probe.py with|without
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.contrib.staticfiles import finders  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from oscar.core.compat import get_user_model  # noqa: E402
from oscar.core.loading import get_model  # noqa: E402

User = get_user_model()
Order = get_model("order", "Order")
Product = get_model("catalogue", "Product")
OWNER, BUYER = "owner@example.com", "buyer@example.com"


def staff_client() -> Client:
    """A client logged in as the shop's owner."""
    client = Client()
    client.force_login(User.objects.get(email=OWNER))
    return client


def the_package_comes_from_the_wheel() -> None:
    import oscar_crm

    assert Path(str(oscar_crm.__file__)).is_relative_to(sys.prefix), oscar_crm.__file__


def the_groups_exist() -> None:
    names = set(Group.objects.values_list("name", flat=True))
    assert {"CRM manager", "CRM sales", "CRM read only"} <= names, names


def anonymous_visitors_are_sent_to_the_login() -> None:
    response = Client().get("/dashboard/crm/")
    assert response.status_code == 302, response.status_code
    assert response["Location"].startswith("/dashboard/login/"), response["Location"]


def the_owner_sees_the_crm() -> None:
    User.objects.create_superuser("owner", OWNER, "a-long-passphrase")
    assert staff_client().get("/dashboard/crm/").status_code == 200


def the_navigation_shows_the_crm() -> None:
    page = staff_client().get("/dashboard/").content.decode()
    assert 'href="/dashboard/crm/' in page
    assert re.search(r">\s*CRM\b", page)


def every_static_file_of_the_page_is_shipped() -> None:
    page = staff_client().get("/dashboard/crm/").content.decode()
    names = set(re.findall(r'(?:src|href)="/static/(oscar_crm/[^"?]+)', page))
    assert names, "the page uses no file of the CRM"
    names |= {f"oscar_crm/vendor/{name}.min.js" for name in ("chart.umd", "htmx", "Sortable")}
    missing = {name for name in names if not finders.find(name)}
    assert not missing, missing


def an_order_becomes_a_contact() -> None:
    from oscar.test.factories import create_order

    buyer = User.objects.create_user("buyer", BUYER, "a-long-passphrase")
    order = create_order(user=buyer)
    link = apps.get_model("oscar_crm", "OrderLink").objects.get(order=order)
    assert link.contact is not None, "the order has no contact"
    assert link.contact.lifetime_value == order.total_incl_tax, link.contact.lifetime_value


def oscars_own_pages_work_with_the_panels() -> None:
    order = Order.objects.get()
    for page in (f"orders/{order.number}/", f"users/{order.user_id}/", "orders/", ""):
        response = staff_client().get(f"/dashboard/{page}")
        assert response.status_code == 200, (page, response.status_code)


def every_reference_that_leaves_the_crm_is_used() -> None:
    targets = {
        model: model.objects.get(**query)
        for model, query in ((User, {"email": BUYER}), (Order, {}), (Product, {}))
    }
    for model in apps.get_app_config("oscar_crm").get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model in targets:
                point_one_row(model, field.name, targets[field.related_model])


def point_one_row(model: type[models.Model], name: str, target: models.Model) -> None:
    """Let a row of the model refer to the target, unless one already does."""
    rows: Any = model._default_manager.all()
    if not rows.filter(**{name: target}).exists():
        first = rows.values_list("pk", flat=True)[:1]
        rows.filter(pk__in=list(first)).update(**{name: target})


def the_crm_is_out_and_its_tables_are_left() -> None:
    assert not apps.is_installed("oscar_crm")
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM oscar_crm_orderlink WHERE order_id IS NOT NULL")
        assert cursor.fetchone()[0] == 1


def the_dashboard_works_without_it() -> None:
    page = staff_client().get("/dashboard/")
    assert page.status_code == 200
    assert "/dashboard/crm/" not in page.content.decode()
    assert staff_client().get("/dashboard/crm/").status_code == 404


def orders_can_be_deleted() -> None:
    with transaction.atomic():
        assert Order.objects.get().delete()


def products_can_be_deleted() -> None:
    with transaction.atomic():
        assert Product.objects.get().delete()


def users_can_be_deleted() -> None:
    with transaction.atomic():
        assert User.objects.get(email=BUYER).delete()
        assert User.objects.get(email=OWNER).delete()


PROBES: dict[str, list[Callable[[], None]]] = {
    "with": [
        the_package_comes_from_the_wheel,
        the_groups_exist,
        anonymous_visitors_are_sent_to_the_login,
        the_owner_sees_the_crm,
        the_navigation_shows_the_crm,
        every_static_file_of_the_page_is_shipped,
        an_order_becomes_a_contact,
        oscars_own_pages_work_with_the_panels,
        every_reference_that_leaves_the_crm_is_used,
    ],
    "without": [
        the_crm_is_out_and_its_tables_are_left,
        the_dashboard_works_without_it,
        orders_can_be_deleted,
        products_can_be_deleted,
        users_can_be_deleted,
    ],
}


def main() -> None:
    """Run the probes in order; the first that fails ends the run with its traceback."""
    for probe in PROBES[sys.argv[1]]:
        probe()
        print(f"  ok: {probe.__name__.replace('_', ' ')}", flush=True)


if __name__ == "__main__":
    main()
