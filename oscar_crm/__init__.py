"""A CRM that lives inside a django-oscar shop."""
