"""Dead letters: what a consumer could not take, kept as it came with the reason, and put before that consumer alone once more when it is mended.

A retry is a record on a stream that only its consumer reads; it carries the dead letter, so the consumer meets the original, byte for byte
and under its own id, and no other consumer meets it twice.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from pydantic import Base64Bytes, BaseModel, PositiveInt
from pydantic_core import to_json

from schemas.streams import ServiceName
from services.chassis import log
from services.chassis.codec import Record
from services.chassis.ids import derived_id

TYPE = "better-together.DeadLettered"
RETRY = "better-together.Retried"
_RETRIES = "-retries"
_AS_TEXT = 100_000  # bytes; longer data stands in base64, which grows by a third, where escapes could make six times as much of text

AllOf = Callable[[str], Iterable[log.Stored]]
State = Literal["waiting", "retried"]


def stream_of(consumer: ServiceName) -> str:
    """The stream that keeps a consumer's dead letters."""
    return f"{consumer}-dead-letters"


def retries_of(consumer: ServiceName) -> str:
    """The stream of what is put before a consumer once more; it alone reads it."""
    return f"{consumer}{_RETRIES}"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that was refused: where it stands, what it was, why, after how many attempts, and whether it was tried again since."""

    position: int
    consumer: ServiceName
    record: Record
    original: Record
    original_position: int
    reason: str
    attempts: int
    state: State


class _Original(BaseModel):
    stream: str
    subject: str
    id: str
    type: str
    source: str
    time: str
    correlationid: str
    causationid: str | None
    traceparent: str | None
    data: str = ""
    data_base64: Base64Bytes | None = None

    def record(self) -> Record:
        """The record as it was."""
        attributes = self.model_dump(exclude={"data", "data_base64"})
        return Record(**attributes, data=self.data.encode() if self.data_base64 is None else self.data_base64)


class _Body(BaseModel):
    original: _Original
    original_position: int
    reason: str
    attempts: PositiveInt


def bury(consumer: ServiceName, stored: log.Stored, reason: str, attempts: int, time: str) -> Record:
    """The record that keeps a refused one; its id is derived from where the original stood, and sealed parts stay sealed."""
    record = stored.record
    where = retries_of(consumer) if stored.attempts else record.stream
    id_ = derived_id(record.id, TYPE, f"{consumer}/{where}/{stored.partition}", stored.position)
    original = {name: value for name, value in asdict(record).items() if name != "data"} | _data(record.data)
    body: dict[str, Any] = {
        "original": original, "original_position": stored.position, "reason": reason, "attempts": stored.attempts + attempts
    }  # fmt: skip
    return Record(
        stream_of(consumer), record.subject, id_, TYPE, f"/better-together/{consumer}", time, record.correlationid, record.id,
        record.traceparent, to_json(body),
    )  # fmt: skip


def _data(data: bytes) -> dict[str, str]:
    if len(data) <= _AS_TEXT:
        try:
            return {"data": data.decode()}
        except UnicodeDecodeError:
            pass
    return {"data_base64": b64encode(data).decode()}


def retry(letter: DeadLetter, time: str) -> Record:
    """The record that puts a dead letter's original before its consumer once more; its id is derived from the dead letter's."""
    buried = letter.record
    id_ = derived_id(buried.id, RETRY, letter.consumer, 0)
    return Record(
        retries_of(letter.consumer), buried.subject, id_, RETRY, "/better-together/operators", time, buried.correlationid, buried.id,
        buried.traceparent, buried.data,
    )  # fmt: skip


def as_it_was(stored: log.Stored) -> log.Stored:
    """What is put before its consumer once more, as it was, with the attempts made before; anything else as it is."""
    if stored.record.type != RETRY or not stored.record.stream.endswith(_RETRIES):
        return stored
    try:
        body = _Body.model_validate_json(stored.record.data)
    except ValueError:
        return stored
    return log.Stored(stored.position, body.original.record(), stored.partition, body.attempts)


def dead_letters(all_of: AllOf) -> list[DeadLetter]:
    """What every consumer could not take in, each one's oldest first; `all_of` reads a whole stream."""
    return [letter for consumer in get_args(ServiceName) for letter in _of(consumer, all_of)]


def _of(consumer: ServiceName, all_of: AllOf) -> Sequence[DeadLetter]:
    retried = {stored.record.causationid for stored in all_of(retries_of(consumer))}
    return [exhume(stored, consumer, "retried" if stored.record.id in retried else "waiting") for stored in all_of(stream_of(consumer))]


def exhume(stored: log.Stored, consumer: ServiceName, state: State = "waiting") -> DeadLetter:
    """The dead letter out of its record; `state` stands elsewhere, on the consumer's retries."""
    try:
        body = _Body.model_validate_json(stored.record.data)
    except ValueError:
        return DeadLetter(stored.position, consumer, stored.record, stored.record, stored.position, "no dead letter of ours", 0, state)
    original = body.original.record()
    return DeadLetter(stored.position, consumer, stored.record, original, body.original_position, body.reason, body.attempts, state)
