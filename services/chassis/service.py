"""What a service is to the chassis: a store, and what it does with facts, with commands and with time.

`handle(events, store)`, `decide(commands, store)` and `due(now, store)` return facts and touch nothing outside the store; the chassis stamps,
seals, appends and commits them together with what the store wrote.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable

from numpy.typing import NDArray
from sqlalchemy import Connection

from schemas.envelope import Event
from schemas.events.base import Data, Purpose, StreamName
from schemas.streams import ServiceName
from services.chassis.codec import Record
from services.chassis.dead_letters import retries_of
from services.chassis.errors import Rejected
from services.chassis.vault import Vault

S = TypeVar("S")
C = TypeVar("C", contravariant=True)


@dataclass(frozen=True, slots=True)
class Cause:
    """An event that was read before and is remembered by its id: the cause of what time brings later."""

    id: str
    correlationid: str
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about to be written; its id is derived from `cause` and `ordinal`, or fresh where nothing inside caused it.

    The cause is an event that was read, now or before, or a fact that stands earlier in the same answer.
    """

    data: Data
    cause: "Event[Any] | Cause | Fact | None" = None
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an errand is about to do, and the facts that say so."""

    work: Sequence[Any] = ()
    facts: Sequence[Fact] = ()


Opens = Mapping[type[Data], frozenset[Purpose]]
"""Which parts of which facts are opened before `handle` sees them."""

Decided = Sequence[Fact] | Rejected
"""What became of one command: the facts that follow, or the refusal."""

Handle = Callable[[Sequence[Event[Data]], S], Sequence[Fact]]
Decide = Callable[[Sequence[Any], S], Sequence[Decided]]
Due = Callable[[datetime, S], Sequence[Fact]]
Unreadable = Callable[[Sequence[Record], S], Sequence[Fact]]
"""Told of the records that the service refused, in the transaction that buries them."""


class View(Protocol):
    """A compacted stream held whole in memory by every copy of a service; it takes facts in log order."""

    streams: tuple[StreamName, ...]

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take these facts in; the newest of a key wins."""


@runtime_checkable
class KeptView(View, Protocol):
    """A view that can be put on the disk as plain arrays, and taken up again by the same code."""

    made_by: str
    """Names the code that makes and reads the arrays; arrays made by other code are never taken up."""

    def frozen(self) -> Mapping[str, NDArray[Any]]:
        """Everything that it knows, by name; the arrays do not change when the view does."""

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Know what was frozen, and nothing else."""


class Errand(Protocol[C]):
    """A call to the outside, never inside a transaction: claimed and committed, made, then recorded. It may be made again after a crash.

    It claims nothing before its service has read `reads_first` to the ends that they have in the transaction of the claim.
    """

    reads_first: ClassVar[tuple[StreamName, ...]]

    def claim(self, now: datetime, store: C, /) -> Claimed:
        """What is to be done, marked in the store as begun."""

    def run(self, work: Sequence[Any]) -> Sequence[Any]:
        """Do it, outside any transaction; returns what came of it."""

    def record(self, results: Sequence[Any], store: C) -> Sequence[Fact]:
        """Write down what came of it."""


@dataclass(frozen=True)
class Service(Generic[S]):
    """One service as its `app.py` builds it; facts that it `passes_over` on the streams it reads are not even decoded.

    Its state is about persons or about groups, as `keyed_by` says: what it makes of facts about one of them touches no other.
    `long_errands` take so long that they are run only where calls are made beside the handling of facts: never while a command waits.
    An installation in processes of their own may run without one that `may_be_left_out`: it is waited for once it has run, or where
    something was asked of it, because nobody else sends what it then wrote down.
    `concerns` tells, in words that name nobody, what is not as it should be although the service goes on.
    """

    name: ServiceName
    store: Callable[[Connection, Vault], S]
    migrations: Path
    reads: tuple[StreamName, ...] = ()
    keyed_by: Literal["person", "group_id"] = "person"
    passes_over: frozenset[type[Data]] = frozenset()
    opens: Opens = field(default_factory=dict)
    may_open: frozenset[Purpose] = frozenset()
    makes_keys: frozenset[Purpose] = frozenset()
    handle: Handle[S] | None = None
    decides: Mapping[type, Decide[S]] = field(default_factory=dict)
    due: Due[S] | None = None
    view: View | None = None
    errands: tuple[Errand[S], ...] = ()
    long_errands: tuple[Errand[S], ...] = ()
    unreadable: Unreadable[S] | None = None
    may_be_left_out: bool = False
    concerns: Callable[[], Sequence[str]] = tuple

    @property
    def consumes(self) -> tuple[str, ...]:
        """Its streams, and what is put before it alone once more."""
        return (*self.reads, retries_of(self.name)) if self.reads else ()


def one_by_one(decide: Callable[[Any, S], Sequence[Fact]]) -> Decide[S]:
    """A decision over many commands out of one over a single command, which must not write before it refuses."""

    def each(commands: Sequence[Any], store: S) -> list[Decided]:
        return [_decided(decide, command, store) for command in commands]

    return each


def _decided(decide: Callable[[Any, S], Sequence[Fact]], command: object, store: S) -> Decided:
    try:
        return decide(command, store)
    except Rejected as refusal:
        return refusal
