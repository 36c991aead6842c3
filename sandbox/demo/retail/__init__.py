"""Load an invoice file in the "Online Retail" layout into the shop."""
