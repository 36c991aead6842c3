"""Choosing a company or a person from many: looked up while typing, or named without scripts."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from oscar.forms.widgets import RemoteSelect

from oscar_crm import text
from oscar_crm.models import Account
from oscar_crm.queries import accounts
from oscar_crm.queries.contacts import is_id


class RecordSelect(RemoteSelect):
    """Oscar's looked-up choice, which cannot show again what is no id."""

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        return super().optgroups(name, [v for v in value if is_id(str(v))], attrs=attrs)


def record_field(label: Any, rows: Any, *, url_name: str, placeholder: Any) -> Any:
    """A choice among ``rows`` that is looked up at a URL. Without scripts it shows what is set."""
    field: Any = forms.ModelChoiceField(
        label=label,
        queryset=rows,
        required=False,
        error_messages={"invalid_choice": _("That is not in the CRM any more. Choose another.")},
    )
    field.widget = RecordSelect(
        lookup_url=reverse(f"dashboard:{url_name}"),
        # The placeholder is also the name that Select2 gives its box.
        attrs={"class": "select2", "data-placeholder": placeholder},
    )
    field.widget.is_required = False
    field.queryset = rows
    return field


def account_field(label: Any, user: Any) -> Any:
    return record_field(
        label,
        accounts.visible_to(user),
        url_name="crm-account-lookup",
        placeholder=_("Choose an account"),
    )


def account_called(name: str, user: Any) -> Account | None:
    """The account of exactly this name, however it is spelt; None for an empty name.

    Raises Django's ``ValidationError`` if there is none, or more than one.
    """
    folded = text.fold(name)
    if not folded:
        return None
    found = list(accounts.visible_to(user).filter(sort_name=folded, archived_at=None)[:2])
    if not found:
        raise forms.ValidationError(
            _("No account you may see is called so. Check the name, or create the account first.")
        )
    if len(found) > 1:
        raise forms.ValidationError(
            _("Several accounts are called so. Choose one of them from the list above.")
        )
    return found[0]


def name_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
