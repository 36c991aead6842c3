"""The main story: a guest buys in the storefront, the shop owner sees a contact."""

from tests.browser.conftest import log_in
from tests.shop import make_country, make_product


def buy_as_guest(page, product, email):
    page.goto(product.get_absolute_url())
    page.click("form[action*='/basket/add/'] button[type=submit]")
    page.goto("/checkout/")
    page.fill("#id_username", email)
    page.check("input[name=options][value=anonymous]")
    page.click("button:has-text('Continue')")
    for field, value in {
        "first_name": "Grace",
        "last_name": "Hopper",
        "line1": "Navy Yard 1",
        "line4": "Hamburg",
        "postcode": "20095",
        "phone_number": "+49 40 1234567",
    }.items():
        page.fill(f"#id_{field}", value)
    page.click("#new_shipping_address button[type=submit]")
    page.click("a:has-text('Continue'), button:has-text('Continue')")  # payment: nothing to pay by
    page.click("#place-order")
    page.wait_for_url("**/checkout/thank-you/")


def test_a_guest_order_becomes_a_contact_the_owner_sees(page, manager):
    make_country()
    product = make_product("20.00", title="Brass lamp")

    buy_as_guest(page, product, "grace@navy.example")

    log_in(page, manager)
    page.click("a:has-text('CRM')")
    page.click("a.dropdown-item:has-text('Contacts')")
    page.click("a:has-text('Grace Hopper')")
    body = page.inner_text("body")
    assert "grace@navy.example" in body
    assert "Hamburg" in body
    # 20.00 and, in the sandbox, 4.90 for delivery
    assert "€24.90" in body
