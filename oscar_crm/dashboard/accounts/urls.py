"""The account pages and who may open them."""

from typing import Any

from django.urls import path

from . import actions, companies, form_views, memberships, views

VIEW = "oscar_crm.view_account"
CHANGE = [VIEW, "oscar_crm.change_account"]
VIEW_BOTH = ["oscar_crm.view_contact", VIEW]
CHANGE_BOTH = [*VIEW_BOTH, "oscar_crm.change_account"]

urlpatterns: list[Any] = [
    path("accounts/", views.AccountListView.as_view(), name="crm-account-list"),
    path("accounts/create/", form_views.AccountCreateView.as_view(), name="crm-account-create"),
    path("accounts/lookup/", views.AccountLookupView.as_view(), name="crm-account-lookup"),
    path("accounts/<int:pk>/", views.AccountDetailView.as_view(), name="crm-account-detail"),
    path(
        "accounts/<int:pk>/edit/",
        form_views.AccountUpdateView.as_view(),
        name="crm-account-update",
    ),
    path(
        "accounts/<int:pk>/archive/",
        actions.AccountArchiveView.as_view(),
        name="crm-account-archive",
    ),
    path(
        "accounts/<int:pk>/restore/",
        actions.AccountRestoreView.as_view(),
        name="crm-account-restore",
    ),
    path(
        "accounts/<int:pk>/timeline/",
        views.AccountTimelineView.as_view(),
        name="crm-account-timeline",
    ),
    path(
        "accounts/<int:pk>/tags/", actions.AccountTagAddView.as_view(), name="crm-account-tag-add"
    ),
    path(
        "accounts/<int:pk>/tags/<int:tag_pk>/remove/",
        actions.AccountTagRemoveView.as_view(),
        name="crm-account-tag-remove",
    ),
    path(
        "accounts/<int:pk>/notes/",
        actions.AccountNoteCreateView.as_view(),
        name="crm-account-note-create",
    ),
    path("accounts/<int:pk>/people/", views.AccountPeopleView.as_view(), name="crm-account-people"),
    path(
        "accounts/<int:pk>/people/add/",
        memberships.PersonAddView.as_view(),
        name="crm-account-person-add",
    ),
    path(
        "contacts/<int:pk>/companies/add/",
        memberships.CompanyAddView.as_view(),
        name="crm-contact-company-add",
    ),
    path(
        "memberships/<int:pk>/edit/",
        memberships.MembershipUpdateView.as_view(),
        name="crm-membership-update",
    ),
    path(
        "memberships/<int:pk>/end/",
        memberships.MembershipEndView.as_view(),
        name="crm-membership-end",
    ),
    path(
        "memberships/<int:pk>/remove/",
        memberships.MembershipRemoveView.as_view(),
        name="crm-membership-remove",
    ),
    path("companies/", companies.CompanyListView.as_view(), name="crm-company-list"),
    path("companies/accept/", companies.CompanyAcceptView.as_view(), name="crm-company-accept"),
    path("companies/dismiss/", companies.CompanyDismissView.as_view(), name="crm-company-dismiss"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-account-list": [VIEW],
    "crm-account-create": [VIEW, "oscar_crm.add_account"],
    "crm-account-lookup": [VIEW],
    "crm-account-detail": [VIEW],
    "crm-account-update": CHANGE,
    "crm-account-archive": CHANGE,
    "crm-account-restore": CHANGE,
    "crm-account-timeline": [VIEW],
    "crm-account-tag-add": CHANGE,
    "crm-account-tag-remove": CHANGE,
    "crm-account-note-create": [VIEW, "oscar_crm.add_activity"],
    "crm-account-people": VIEW_BOTH,
    "crm-account-person-add": CHANGE_BOTH,
    "crm-contact-company-add": CHANGE_BOTH,
    "crm-membership-update": CHANGE_BOTH,
    "crm-membership-end": CHANGE_BOTH,
    "crm-membership-remove": CHANGE_BOTH,
    "crm-company-list": VIEW_BOTH,
    "crm-company-accept": [*CHANGE_BOTH, "oscar_crm.add_account"],
    "crm-company-dismiss": CHANGE_BOTH,
}
