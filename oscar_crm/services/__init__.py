"""The write side: one module per area. A service is a verb: one transaction, journal, signal."""
