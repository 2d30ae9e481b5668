"""A tiny view that can be kept, and the records it is told of."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from numpy.typing import NDArray

from models.frozen import frozen_json, thawed_json
from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.referrals import PersonErased
from services.chassis.codec import Record, encode


class Erased:
    """Who was ever erased, and of whom it was told itself."""

    streams: tuple[StreamName, ...] = ("referrals",)

    def __init__(self, made_by: str = "this") -> None:
        self.made_by = made_by
        self.persons: list[str] = []
        self.told: list[str] = []

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take them in."""
        self.told += [event.data.subject for event in events]
        self.persons += [event.data.subject for event in events]

    def frozen(self) -> Mapping[str, NDArray[Any]]:
        """All persons."""
        return {"persons": frozen_json(self.persons)}

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Know these persons."""
        self.persons = thawed_json(arrays["persons"])


def erasure(person: str) -> Record:
    """The record of an erasure."""
    return encode(Event(f"of-{person}", "/test", datetime(2026, 3, 2, 9, tzinfo=UTC), PersonErased(person=person), "c"), {})
