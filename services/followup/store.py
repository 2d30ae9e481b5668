"""Follow-up's tables."""
