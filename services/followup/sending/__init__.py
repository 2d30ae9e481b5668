"""Sending: the errand that claims, sends and records, and how a touch becomes a message."""

from services.followup.sending.errand import SendTouches
from services.followup.sending.writing import Writer

__all__ = ["SendTouches", "Writer"]
