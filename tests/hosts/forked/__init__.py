"""A shop that forked Oscar's apps, models and dashboard among them, the documented way."""
