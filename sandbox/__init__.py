"""A whole Oscar shop with the CRM in it, to try and to test against."""
