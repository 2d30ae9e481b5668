"""Causes and sessions as they are stored, each in one column."""

import json

from schemas.events.places import HeldSession
from services.chassis.service import Cause


def cause_text(cause: Cause) -> str:
    """A cause: what later facts need of an event that was read before; a foreign id may hold any character."""
    return json.dumps([part for part in (cause.id, cause.correlationid, cause.traceparent) if part])


def cause_from(text: str) -> Cause:
    """A stored cause; the first ones were stored as words."""
    return Cause(*(json.loads(text) if text.startswith("[") else text.split(" ")))


def session_text(session: HeldSession | None) -> str | None:
    """A session."""
    return None if session is None else session.model_dump_json()


def session_from(text: str | None) -> HeldSession | None:
    """A stored session."""
    return None if text is None else HeldSession.model_validate_json(text)
