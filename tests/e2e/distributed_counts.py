"""Counts what the streams and the stores of a distributed installation hold after a storm, and what of it should not be there.

A fact counts where it stands first on its stream; that one stands there again is counted by itself. The facts of the loop are put in the order
in which PostgreSQL let them be seen, a claim at the moment at which its turn began: so a claim that stands behind a stopping fact began after that
fact was committed, wherever either was on its way.
"""

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from schemas.envelope import event_name
from schemas.streams import STREAMS, ServiceName
from services.chassis.codec import Record
from services.chassis.dead_letters import stream_of
from services.chassis.distributed.reading import every_record
from tests.e2e import commit_order
from tests.e2e.case_status import may_be
from tests.e2e.commit_order import Written
from tests.e2e.distributed_site import DistributedSite
from tests.e2e.loop_counts import STREAMS as LOOP
from tests.e2e.loop_counts import Counts, Happened, Log, claimed_after_a_stop, count_of

DEAD: Final = tuple(map(stream_of, get_args(ServiceName)))
_PROPOSALS: Final = ("MatchesProposed", "NoMatchFound")


@dataclass(frozen=True, slots=True)
class Stood:
    """One record where it stood first."""

    partition: int
    offset: int
    record: Record

    @property
    def name(self) -> str:
        """The event's name."""
        return event_name(self.record.type)


@dataclass(frozen=True)
class Findings:
    """What is there; everything from `committed_and_not_on_a_stream` on should be nothing, `loop` has its own such list."""

    loop: Counts
    committed: int
    on_streams: int
    on_a_stream_again: int
    in_an_outbox: int
    claims_overtaken_by_a_stop: int
    touches_that_nobody_could_take: int
    touches_of_which_nobody_knows: int
    cases_in_the_store: int
    committed_and_not_on_a_stream: int
    on_a_stream_and_not_committed: int
    committed_twice: int
    out_of_the_order_of_commits: int
    effects_before_their_cause: int
    referrals_without_outcome: int
    outcomes_twice_of_one_cause: int
    counts_missing_or_twice: int
    over_capacity_by_count: int
    sent_without_a_claim: int
    statuses_wrong: int

    @property
    def faults(self) -> dict[str, int]:
        """What is there and should not be."""
        names = list(self.__dataclass_fields__)
        own = {name: getattr(self, name) for name in names[names.index("committed_and_not_on_a_stream") :] if getattr(self, name)}
        return {**own, **{name: number for name, number in self.loop.faults.items() if name != "ids_twice"}}

    def __str__(self) -> str:
        named = [(name, getattr(self.loop, name)) for name in self.loop.__dataclass_fields__]
        named += [(name, getattr(self, name)) for name in self.__dataclass_fields__ if name != "loop"]
        return "".join(f"\n{number:>9,}  {name.replace('_', ' ')}" for name, number in named)


@dataclass
class Streams:
    """Everything that the streams and the stores hold at the end."""

    stood: dict[str, Stood]
    again: int
    written: list[Written]
    waiting: set[str]
    statuses: Mapping[str, str]

    @classmethod
    def of(cls, site: DistributedSite) -> "Streams":
        """Read a site whose processes have ended."""
        stood: dict[str, Stood] = {}
        again = 0
        for stored in every_record(site.brokers.bootstrap, [*STREAMS, *DEAD]):
            again += stored.record.id in stood
            stood.setdefault(stored.record.id, Stood(stored.partition, stored.position, stored.record))
        url = site.database
        return cls(stood, again, commit_order.written(url), commit_order.waiting(url), commit_order.statuses(url))

    def log(self) -> Log:
        """The loop's facts in the order in which they could be seen, a claim where its turn began."""
        written = [one for one in self.written if one.id in self.stood]
        moments = commit_order.moments(written, {one.id for one in written if self.stood[one.id].name == "FollowUpClaimed"})
        in_order = sorted(written, key=lambda one: (moments[one.id], one.number))
        facts = [self.stood[one.id] for one in in_order]
        dead = sum(one.record.stream in DEAD for one in facts)
        loop = [one for one in facts if one.record.stream in LOOP]
        return Log([Happened(place, one.record.id, one.name, json.loads(one.record.data)) for place, one in enumerate(loop)], dead)

    def log_of_commits(self) -> Log:
        """The same with claims where they were committed."""
        loop = [one for written in self.written if (one := self.stood.get(written.id)) and one.record.stream in LOOP]
        return Log([Happened(place, one.record.id, one.name, json.loads(one.record.data)) for place, one in enumerate(loop)])


def find(streams: Streams, log: Log, files: set[str], capacities: Mapping[str, int | None]) -> Findings:
    """Count."""
    committed = Counter(one.id for one in streams.written)
    claimed = {one.data["touch_id"] for one in log.named("FollowUpClaimed")}
    caused = Counter(one.record.causationid for one in streams.stood.values() if one.name in _PROPOSALS)
    received = [one.id for one in log.named("ReferralReceived")]
    return Findings(
        loop=count_of(log, files, capacities),
        committed=len(committed),
        on_streams=len(streams.stood),
        on_a_stream_again=streams.again,
        in_an_outbox=len(streams.waiting),
        claims_overtaken_by_a_stop=len(list(claimed_after_a_stop(streams.log_of_commits()))) - len(list(claimed_after_a_stop(log))),
        touches_that_nobody_could_take=sum(one.data["reason"] != "unknown" for one in log.named("FollowUpFailed")),
        touches_of_which_nobody_knows=sum(one.data["reason"] == "unknown" for one in log.named("FollowUpFailed")),
        cases_in_the_store=len(streams.statuses),
        committed_and_not_on_a_stream=len(committed.keys() - streams.stood.keys() - streams.waiting),
        on_a_stream_and_not_committed=len(streams.stood.keys() - committed.keys()),
        committed_twice=sum(number - 1 for number in committed.values()),
        out_of_the_order_of_commits=_out_of_order(streams),
        effects_before_their_cause=_before_their_cause(streams.stood),
        referrals_without_outcome=sum(not caused[id_] for id_ in received),
        outcomes_twice_of_one_cause=sum(number - 1 for number in caused.values()),
        counts_missing_or_twice=_wrongly_counted(log),
        over_capacity_by_count=_over_by_count(log, capacities),
        sent_without_a_claim=sum(one.data["touch_id"] not in claimed for one in log.named("FollowUpSent")),
        statuses_wrong=len(wrong_statuses(streams, log)),
    )


def wrong_statuses(streams: Streams, log: Log) -> dict[str, tuple[str | None, set[str]]]:
    """Every case whose status in the coordinator's store is not what its facts come to, with both; an erased person has none."""
    times = {one.record.id: datetime.fromisoformat(one.record.time) for one in streams.stood.values()}
    told = may_be(log, times)
    return {case: (streams.statuses.get(case), right) for case, right in told.items() if (streams.statuses.get(case) or "gone") not in right}


def _out_of_order(streams: Streams) -> int:
    """How many facts stand on a stream before one that the same service committed earlier about the same person or group."""
    lines: defaultdict[tuple[str, str, str], list[tuple[datetime, int, int]]] = defaultdict(list)
    for one in streams.written:
        if stood := streams.stood.get(one.id):
            lines[one.service, one.stream, one.subject].append((one.committed, one.number, stood.offset))
    return sum(_falls([offset for _, _, offset in sorted(line)]) + _falls([number for _, number, _ in sorted(line)]) for line in lines.values())


def _falls(values: Sequence[int]) -> int:
    return sum(later < earlier for earlier, later in itertools.pairwise(values))


def _before_their_cause(stood: Mapping[str, Stood]) -> int:
    """How many facts stand before the fact that they follow from, where both stand in one partition of one stream."""
    found = 0
    for one in stood.values():
        cause = stood.get(one.record.causationid or "")
        if cause and (cause.record.stream, cause.partition) == (one.record.stream, one.partition):
            found += cause.offset > one.offset
    return found


def _places_by_count(log: Log) -> Iterator[tuple[str, list[Happened]]]:
    by_group: defaultdict[str, list[Happened]] = defaultdict(list)
    for one in log.all:
        if "count" in one.data and "place_id" in one.data:
            by_group[one.data["group_id"]].append(one)
    for group, answers in by_group.items():
        yield group, sorted(answers, key=lambda one: int(one.data["count"]))


def _wrongly_counted(log: Log) -> int:
    """How many of the directory's counts are missing or stand on two facts."""
    wrong = 0
    for _, answers in _places_by_count(log):
        counts = [one.data["count"] for one in answers]
        wrong += len(set(counts) ^ set(range(1, len(counts) + 1))) + len(counts) - len(set(counts))
    return wrong


def _over_by_count(log: Log, capacities: Mapping[str, int | None]) -> int:
    """How many places were held beyond what their group takes, by the directory's own count."""
    over = 0
    for group, answers in _places_by_count(log):
        live: set[Any] = set()
        for one in answers:
            if one.name == "PlaceHeld":
                live.add(one.data["place_id"])
            elif one.name in ("PlaceReleased", "PlaceRefused"):
                live.discard(one.data["place_id"])
            most = capacities.get(group)
            over += most is not None and len(live) > most
    return over
