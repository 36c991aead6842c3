"""The contact pages and who may open them."""

from typing import Any

from django.urls import path

from . import actions, form_views, notes, views

VIEW = "oscar_crm.view_contact"
CHANGE = [VIEW, "oscar_crm.change_contact"]

urlpatterns: list[Any] = [
    path("contacts/", views.ContactListView.as_view(), name="crm-contact-list"),
    path("contacts/create/", form_views.ContactCreateView.as_view(), name="crm-contact-create"),
    path("contacts/lookup/", views.ContactLookupView.as_view(), name="crm-contact-lookup"),
    path("contacts/<int:pk>/", views.ContactDetailView.as_view(), name="crm-contact-detail"),
    path(
        "contacts/<int:pk>/edit/",
        form_views.ContactUpdateView.as_view(),
        name="crm-contact-update",
    ),
    path(
        "contacts/<int:pk>/archive/",
        actions.ContactArchiveView.as_view(),
        name="crm-contact-archive",
    ),
    path(
        "contacts/<int:pk>/restore/",
        actions.ContactRestoreView.as_view(),
        name="crm-contact-restore",
    ),
    path(
        "contacts/<int:pk>/timeline/",
        views.ContactTimelineView.as_view(),
        name="crm-contact-timeline",
    ),
    path("contacts/<int:pk>/tags/", actions.TagAddView.as_view(), name="crm-contact-tag-add"),
    path(
        "contacts/<int:pk>/tags/<int:tag_pk>/remove/",
        actions.TagRemoveView.as_view(),
        name="crm-contact-tag-remove",
    ),
    path("contacts/<int:pk>/notes/", notes.NoteCreateView.as_view(), name="crm-note-create"),
    path("notes/<int:pk>/edit/", notes.NoteUpdateView.as_view(), name="crm-note-update"),
    path("notes/<int:pk>/delete/", notes.NoteDeleteView.as_view(), name="crm-note-delete"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-contact-list": [VIEW],
    "crm-contact-create": [VIEW, "oscar_crm.add_contact"],
    "crm-contact-lookup": [VIEW],
    "crm-contact-detail": [VIEW],
    "crm-contact-update": CHANGE,
    "crm-contact-archive": CHANGE,
    "crm-contact-restore": CHANGE,
    "crm-contact-timeline": [VIEW],
    "crm-contact-tag-add": CHANGE,
    "crm-contact-tag-remove": CHANGE,
    "crm-note-create": [VIEW, "oscar_crm.add_activity"],
    "crm-note-update": [VIEW, "oscar_crm.change_activity"],
    "crm-note-delete": [VIEW, "oscar_crm.delete_activity"],
}
