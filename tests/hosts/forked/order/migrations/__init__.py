"""Oscar's own history of this app, then the shop's steps."""

from oscar.apps.order import migrations

__path__ += migrations.__path__
