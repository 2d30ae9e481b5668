"""The stream registry: for every stream its key, how long it is kept, who writes it and who reads it (DESIGN.md section 4)."""

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from schemas.events import ALL
from schemas.events.base import StreamName

ServiceName = Literal["intake", "directory", "matcher", "coordinator", "followup", "learning"]

PARTITIONS = 12
"""Of every stream, for good: another number would send the next fact of a key where its earlier ones are not."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream; a compacted one keeps the newest fact per key for ever, any other keeps facts `kept_days` by append time."""

    name: StreamName
    key: Literal["person", "group_id", "model"]
    writers: frozenset[ServiceName]
    readers: frozenset[ServiceName]
    compacted: bool = False
    kept_days: int | None = 3650

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events that this stream carries."""
        return tuple(name for name, event in ALL.items() if event.stream == self.name)


def _stream(name: StreamName, key: Literal["person", "group_id", "model"], writers: set[ServiceName], readers: set[ServiceName]) -> Stream:
    compacted = name in ("groups", "models")
    return Stream(name, key, frozenset(writers), frozenset(readers), compacted, None if compacted else 3650)


STREAMS: dict[StreamName, Stream] = {
    stream.name: stream
    for stream in (
        _stream("referrals", "person", {"intake", "followup", "coordinator"}, {"intake", "matcher", "coordinator", "followup", "learning"}),
        _stream("groups", "group_id", {"directory"}, {"matcher", "coordinator", "followup", "learning"}),
        _stream("matches", "person", {"matcher", "coordinator"}, {"matcher", "coordinator", "followup", "learning"}),
        _stream("place-requests", "group_id", {"coordinator", "directory"}, {"directory"}),
        _stream("places", "group_id", {"directory"}, {"coordinator", "followup", "matcher", "learning"}),
        _stream("follow-ups", "person", {"followup"}, {"coordinator", "learning"}),
        _stream("outcomes", "person", {"coordinator", "followup"}, {"coordinator", "followup", "learning", "matcher"}),
        _stream("cases", "person", {"coordinator"}, {"coordinator"}),
        _stream("models", "model", {"learning"}, {"matcher"}),
    )
}

_ONE_WRITER: dict[str, ServiceName] = {
    "ReferralReceived": "intake",
    "PersonErased": "intake",
    "MatchesProposed": "matcher",
    "NoMatchFound": "matcher",
    "GroupChosen": "coordinator",
    "MatchesDeclined": "coordinator",
    "PlaceRequested": "coordinator",
    "PlaceGivenUp": "coordinator",
    "OrganiserAnswered": "coordinator",
    "CapacitySet": "directory",
    "SessionAttended": "coordinator",
    "SessionMissed": "coordinator",
    "WellbeingMeasured": "followup",
    "ContactLost": "followup",
}


def group_of(service: ServiceName) -> str:
    """The consumer group of a service's copies."""
    return f"together-{service}"


def partition_of(subject: str) -> int:
    """The partition of every fact about a subject, the same on every stream."""
    return crc32(subject.encode()) % PARTITIONS


def writers_of(event: str) -> frozenset[ServiceName]:
    """The services that write this event: all writers of its stream, or the one that alone may."""
    return frozenset({_ONE_WRITER[event]}) if event in _ONE_WRITER else STREAMS[ALL[event].stream].writers
