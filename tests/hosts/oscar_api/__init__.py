"""A shop that also sells through django-oscar-api."""
