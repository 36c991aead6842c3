"""A shop whose users have UUID keys, for which Oscar has no customer page."""
