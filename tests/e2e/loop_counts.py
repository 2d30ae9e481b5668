"""Counts what a data folder holds after the whole loop ran in it: outcomes, places, touches and what was claimed after it had to stop."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.envelope import event_name
from services.chassis.log import Stored
from services.cli.installation import embedded_installation, settings_for

STREAMS = ("referrals", "matches", "place-requests", "places", "follow-ups", "outcomes", "cases")
ANSWERS = ("PlaceHeld", "PlaceWaitlisted", "PlaceRefused", "PlaceReleased")


@dataclass(frozen=True)
class Happened:
    """One record: where it stands, what it is, and what of it is in clear."""

    position: int
    id: str
    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Counts:
    """What is there; everything from `unanswered` on should be nothing."""

    referrals: int
    decisions: int
    requests: int
    held: int
    claimed: int
    sent: int
    files: int
    unanswered: int
    decided_twice: int
    outcomes_twice: int
    requests_without_one_answer: int
    over_capacity: int
    claimed_twice: int
    sent_without_a_file: int
    files_without_a_sending: int
    claimed_after_a_stop: int
    ids_twice: int
    dead_letters: int

    @property
    def faults(self) -> dict[str, int]:
        """What is there and should not be."""
        names = list(self.__dataclass_fields__)
        return {name: getattr(self, name) for name in names[names.index("unanswered") :] if getattr(self, name)}


@dataclass
class Log:
    """Every record of the loop's streams, in log order."""

    all: list[Happened] = field(default_factory=list)
    dead_letters: int = 0

    @classmethod
    def of(cls, folder: Path) -> "Log":
        """Read a folder that nobody holds."""
        with embedded_installation(settings_for(folder)) as running:
            read = running.services.records
            records = [stored for stream in STREAMS for stored in _whole(read, stream)]
            dead = len(running.services.dead_letters())
        in_order = sorted(records, key=lambda stored: stored.position)
        return cls([Happened(one.position, one.record.id, event_name(one.record.type), json.loads(one.record.data)) for one in in_order], dead)

    def named(self, *names: str) -> list[Happened]:
        """Those of these names."""
        return [one for one in self.all if one.name in names]


def count(folder: Path, capacities: Mapping[str, int | None]) -> Counts:
    """Count a folder; `capacities` are the most that each group takes, None where nobody counts."""
    return count_of(Log.of(folder), {file.stem for file in (folder / "outbox").glob("*.eml")}, capacities)


def count_of(log: Log, files: Set[str], capacities: Mapping[str, int | None]) -> Counts:
    """Count what was written, and the files of messages by their touch."""
    erased = {one.data["person"] for one in log.named("PersonErased")}
    claims, sends = log.named("FollowUpClaimed"), log.named("FollowUpSent")
    sent = {one.data["touch_id"] for one in sends if one.data["person"] not in erased}
    referred = {one.data["case_id"] for one in log.named("ReferralReceived")}
    decisions = log.named("GroupChosen", "MatchesDeclined")
    outcomes = log.named("SessionAttended", "SessionMissed")
    ids = Counter(one.id for one in log.all)
    return Counts(
        referrals=len(referred),
        decisions=len(decisions),
        requests=len(log.named("PlaceRequested")),
        held=len({one.data["place_id"] for one in log.named("PlaceHeld")}),
        claimed=len(claims),
        sent=len(sends),
        files=len(files),
        unanswered=len(referred - {one.data["case_id"] for one in log.named("MatchesProposed", "NoMatchFound")}),
        decided_twice=_repeated((one.data["case_id"], one.data["version"]) for one in decisions),
        outcomes_twice=_repeated(tuple(one.data[name] for name in ("person", "group_id", "on", "revision")) for one in outcomes),
        requests_without_one_answer=_wrongly_answered(log),
        over_capacity=_over(log, capacities),
        claimed_twice=_repeated(one.data["touch_id"] for one in claims) + _repeated(one.data["touch_id"] for one in sends),
        sent_without_a_file=len(sent - files),
        files_without_a_sending=len(files - sent),
        claimed_after_a_stop=len(list(claimed_after_a_stop(log))),
        ids_twice=sum(number - 1 for number in ids.values()),
        dead_letters=log.dead_letters,
    )


def claimed_after_a_stop(log: Log) -> Iterator[Happened]:
    """Every claim that stands behind a fact that stopped it: withdrawal or closing of its case, a flag, a STOP or the erasure of its person."""
    flags: defaultdict[str, set[str]] = defaultdict(set)
    stopped: set[str] = set()
    ended: set[str] = set()
    for one in log.all:
        person, case = one.data.get("person", ""), one.data.get("case_id", "")
        if one.name == "RedFlagRaised":
            flags[person].add(one.data["flag_id"])
        elif one.name == "RedFlagCleared":
            flags[person] -= set(one.data["flag_ids"])
        elif one.name in ("ReferralWithdrawn", "ReferralClosed"):
            ended.add(case)
        elif one.name == "ReferralReopened":
            ended.discard(case)
        elif one.name in ("PersonErased", "ConsentChanged"):  # in a storm nobody turns consent on again
            stopped.add(person)
        elif one.name == "FollowUpClaimed" and not _is_the_organisers(one):
            confirms = one.data["step"] == "stop_confirmed"
            if flags[person] or case in ended or (person in stopped and not confirms):
                yield one


def _is_the_organisers(one: Happened) -> bool:
    return bool(one.data["step"] == "organiser_asked")


def _wrongly_answered(log: Log) -> int:
    """How many requests were answered first by something that is no answer, or more than once by the same kind, or not at all."""
    answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in log.named(*ANSWERS):
        answers[one.data["place_id"]][one.name] += 1
    asked = [one.data["place_id"] for one in log.named("PlaceRequested")]
    return sum(not answers[place] or max(answers[place].values()) > 1 for place in asked) + _repeated(asked)


def _over(log: Log, capacities: Mapping[str, int | None]) -> int:
    """How many places were held beyond what their group takes."""
    live: defaultdict[str, set[str]] = defaultdict(set)
    over = 0
    for one in log.named("PlaceHeld", "PlaceReleased", "PlaceRefused"):
        group, place = one.data["group_id"], one.data["place_id"]
        if one.name != "PlaceHeld":
            live[group].discard(place)
            continue
        live[group].add(place)
        most = capacities.get(group)
        over += most is not None and len(live[group]) > most
    return over


def _repeated(values: Iterable[object]) -> int:
    return sum(number - 1 for number in Counter(values).values())


def _whole(read: Any, stream: str) -> Iterator[Stored]:
    position = 0
    while some := read(stream, position, 1000):
        yield from some
        position = some[-1].position
