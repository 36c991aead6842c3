"""Who makes an import's steps: a worker where there is one, else the requests of its page."""

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from oscar_crm import broker
from oscar_crm.conf import crm_settings
from oscar_crm.models import Import
from oscar_crm.services import imports

SECONDS = 1.5  # of work in one request
LOOK_AGAIN = 1.0  # seconds between two looks at what a worker does
TASK = "oscar_crm.work_on_import"


def hand_over(of_import: Import) -> None:
    """Give an import to a worker, after the commit; without one, its page does the work."""
    if crm_settings.ASYNC and of_import.is_at_work:
        pk = of_import.pk
        transaction.on_commit(lambda: broker.publish(TASK, pk), robust=True)


def step_for(of_import: Import) -> float:
    """Do what a request has to do; seconds after which to look again, 0 for at once."""
    of_import.refresh_from_db()
    if crm_settings.ASYNC:
        return LOOK_AGAIN
    try:
        imports.work(of_import, seconds=SECONDS)
    except DatabaseError:
        of_import.refresh_from_db()
        of_import.problem = _(
            "The database was too busy for this step. Nothing is lost: press Continue."
        )
    return 0
