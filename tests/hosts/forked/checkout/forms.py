from oscar.apps.checkout import forms


class ShippingAddressForm(forms.ShippingAddressForm):
    class Meta(forms.ShippingAddressForm.Meta):
        fields = [*forms.ShippingAddressForm.Meta.fields, "company_name"]
