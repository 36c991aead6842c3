from django import forms


class SyncForm(forms.Form):
    """Which run to continue, or the currency whose orders a new one values anew."""

    run = forms.IntegerField(required=False, min_value=1)
    currency = forms.CharField(required=False, max_length=12)
