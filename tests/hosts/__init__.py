"""Shops of other people: small projects the CRM must work in unchanged.

Each folder with settings is one; ``run.py`` proves them one by one with the same ``suite.py``.
"""
