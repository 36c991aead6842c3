"""What shops that test against the CRM may use."""
