"""The CRM's installation in the host of DJANGO_SETTINGS_MODULE: checks and migrations."""

import django
from django.core.management import call_command


def install() -> None:
    """Whatever is not clean raises: a warning, a missing migration, one that does not apply."""
    django.setup()
    from django.contrib.auth.models import Group

    from oscar_crm.models import Contact
    from tests.hosts.shopping import make_user

    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check_changes=True, dry_run=True)
    for label in ("auth", "oscar_crm"):  # and what these need, not all of Oscar: it takes long
        call_command("migrate", label, verbosity=0)
    colleague = make_user()
    contact = Contact.objects.create(first_name="Ada", owner=colleague)
    assert Contact.objects.get(owner=colleague.pk) == contact
    assert Group.objects.filter(name__startswith="CRM ").count() == 3


if __name__ == "__main__":
    install()
