import os,sys
os.environ["DJANGO_SETTINGS_MODULE"]="benchmarks.settings"
import django; django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from oscar_crm.test.factories import TagFactory, make_staff
from benchmarks import database, search
from benchmarks.figures import show
setup_test_environment(); database.create()
m=make_staff("view_contact","view_all_contacts","view_account","view_all_accounts","view_orderlink","view_activity")
c=Client(); c.force_login(m); t=TagFactory()
show(list(search.measure(c,[int(a) for a in sys.argv[1:]],tag=t.pk,owner=m.pk)))
