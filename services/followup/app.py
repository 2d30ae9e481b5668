"""Builds the follow-up service."""
