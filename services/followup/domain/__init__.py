"""A touch, when it may be sent, and what stops it."""
