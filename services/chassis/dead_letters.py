"""Dead letters: what a consumer could not take, kept as it came with the reason, so that someone can mend it and send it again."""

from dataclasses import asdict, dataclass
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection

from schemas.streams import ServiceName
from services.chassis import log
from services.chassis.codec import Record
from services.chassis.ids import derived_id

TYPE = "better-together.DeadLettered"


def stream_of(consumer: ServiceName) -> str:
    """The stream that keeps a consumer's dead letters."""
    return f"{consumer}-dead-letters"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that was refused: where it stands, what it was, why, and after how many attempts."""

    position: int
    consumer: ServiceName
    original: Record
    original_position: int
    reason: str
    attempts: int


def bury(consumer: ServiceName, stored: log.Stored, reason: str, attempts: int, time: str) -> Record:
    """The record that keeps a refused one; its id is derived from where the original stood, and sealed parts stay sealed."""
    id_ = derived_id(stored.record.id, TYPE, consumer, stored.position)
    original = asdict(stored.record) | {"data": stored.record.data.decode("utf-8", "backslashreplace")}
    body: dict[str, Any] = {"original": original, "original_position": stored.position, "reason": reason, "attempts": attempts}
    return Record(
        stream_of(consumer), stored.record.subject, id_, TYPE, f"/better-together/{consumer}", time, stored.record.correlationid,
        stored.record.id, stored.record.traceparent, to_json(body),
    )  # fmt: skip


def exhume(stored: log.Stored, consumer: ServiceName) -> DeadLetter:
    """The dead letter out of its record."""
    body = from_json(stored.record.data)
    original = Record(**(body["original"] | {"data": body["original"]["data"].encode()}))
    return DeadLetter(stored.position, consumer, original, body["original_position"], body["reason"], body["attempts"])


def dead_letters(connection: Connection, consumer: ServiceName, limit: int = 1000) -> list[DeadLetter]:
    """A consumer's dead letters, oldest first."""
    return [exhume(stored, consumer) for stored in log.read(connection, {stream_of(consumer): 0}, limit)]
