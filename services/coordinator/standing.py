"""How a case stands: a function of the set of facts about its person, whatever their order (DESIGN.md section 5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from schemas.events.cases import TaskKind
from schemas.events.outcomes import weight
from services.coordinator.companions import OF_COMPANIONS, WENT, Companion, companions_of
from services.coordinator.domain import ENDED, Arrival, Case, CaseFact, Priority, Status
from services.coordinator.places import ANSWERS, Place, place_of

ByName = Mapping[str, Sequence[CaseFact]]
Session = tuple[str, date]
"""A group and a date: with the person, what an attendance is known by."""

_OF_PLACES: Final = (*ANSWERS, "PlaceGivenUp")
_FOLLOW: Final = (
    "ReferralReceived", "RedFlagRaised", "MatchesProposed", "NoMatchFound", "GroupChosen", "MatchesDeclined", *sorted(ANSWERS), "SessionMissed",
    "SessionAttended",
)  # fmt: skip
_AT_ONCE: Final = {name: _FOLLOW.index(min(ANSWERS)) if name in ANSWERS else place for place, name in enumerate(_FOLLOW)}
_LAST: Final = len(_FOLLOW)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Something that a human is still to do."""

    task_id: str
    kind: TaskKind
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as all facts about its person tell it; `places` are those that were ever asked for, the newest last."""

    status: Status
    flags: frozenset[str] = frozenset()
    version: int = 0
    declined: bool = False
    places: tuple[Place, ...] = ()
    tasks: tuple[OpenTask, ...] = ()
    tasks_ever: frozenset[str] = frozenset()
    companions: tuple[Companion, ...] = ()

    @property
    def decided(self) -> Place | None:
        """The place of the newest decision, where that was to choose a group."""
        return self.places[-1] if self.places and not self.declined else None

    @property
    def chosen(self) -> Place | None:
        """The place of the group that is chosen now and not lost."""
        return self.decided if self.decided and not self.decided.lost else None

    @property
    def companion(self) -> Companion | None:
        """The pair that the person is in now for the place that stands."""
        return next((one for one in self.companions if one.open and self.chosen and one.place_id == self.chosen.place_id), None)

    @property
    def goes_first_to(self) -> Place | None:
        """The place whose first session lies ahead and to which somebody may go with them, by all that is known in clear."""
        return self.chosen if self.status == "placed" and self.chosen and self.chosen.session else None

    @property
    def ended(self) -> bool:
        """Whether the case is closed or withdrawn."""
        return self.status in ENDED


def standing_of(by_name: ByName, flags: frozenset[str] = frozenset()) -> Standing:
    """How one case stands by the facts about it, each under its name, and the flags that are open for its person."""
    version, declined, places = _decisions(by_name) if "GroupChosen" in by_name or "MatchesDeclined" in by_name else (0, False, ())
    tasks = _open_tasks(by_name) if "TaskOpened" in by_name else ()
    ever = frozenset(fact.clear.task_id or "" for fact in by_name.get("TaskOpened", ()))
    pairs = _companions(by_name, places) if not OF_COMPANIONS.isdisjoint(by_name) else ()
    return Standing(_status(by_name, flags, declined, places), flags, version, declined, places, tasks, ever, pairs)


def open_flags(raised: Iterable[CaseFact], cleared: Iterable[CaseFact]) -> dict[str, frozenset[str]]:
    """The flags that were raised and not cleared, by person; a clearing that arrives before its flag holds too."""
    done = {(fact.person, flag_id) for fact in cleared for flag_id in fact.clear.flag_ids or ()}
    flags: dict[str, set[str]] = defaultdict(set)
    for fact in raised:
        flag_id = fact.clear.flag_id or fact.event_id
        if (fact.person, flag_id) not in done:
            flags[fact.person].add(flag_id)
    return {person: frozenset(some) for person, some in flags.items()}


def standings_of(person_of: Mapping[str, str], facts: Iterable[CaseFact]) -> dict[str, Standing]:
    """How each of these cases stands, by all facts about their persons; `person_of` has each case's person."""
    by_case: dict[str, dict[str, list[CaseFact]]] = {case_id: {} for case_id in person_of}
    raised: list[CaseFact] = []
    cleared: list[CaseFact] = []
    for fact in facts:
        name = fact.name
        if (by_name := by_case.get(fact.case_id)) is not None:
            by_name.setdefault(name, []).append(fact)
        if name == "RedFlagRaised":
            raised.append(fact)
        elif name == "RedFlagCleared":
            cleared.append(fact)
    flags, none = open_flags(raised, cleared), frozenset[str]()
    return {case_id: standing_of(by_name, flags.get(person_of[case_id], none)) for case_id, by_name in by_case.items()}


def case_of(arrival: Arrival, standing: Standing) -> Case:
    """The case's place in the queue."""
    priority: Priority = 0 if standing.flags else 1 if arrival.urgent else 2
    first = standing.tasks[0] if standing.tasks else None
    return Case(
        arrival.case_id, arrival.person, arrival.received_at, standing.status, bool(standing.flags), priority, standing.version,
        first.kind if first else None, first.due_at if first else None, any(task.kind == "silent" for task in standing.tasks),
    )  # fmt: skip


def sessions_known(facts: Iterable[CaseFact]) -> dict[Session, CaseFact]:
    """What stands about each session of a person: a coordinator's word, else the statement with the highest revision."""
    return {session: what_stands(said) for session, said in sessions_said(facts).items()}


def sessions_said(facts: Iterable[CaseFact]) -> dict[Session, list[CaseFact]]:
    """Everything that was said about each session of a person."""
    said: dict[Session, list[CaseFact]] = defaultdict(list)
    for fact in facts:
        if fact.name in ("SessionAttended", "SessionMissed") and fact.clear.group_id and fact.clear.on:
            said[fact.clear.group_id, fact.clear.on].append(fact)
    return said


def what_stands(said: Iterable[CaseFact]) -> CaseFact:
    """The statement about one session that stands, of at least one."""
    return max(said, key=_rank)


def newest_proposal(facts: Iterable[CaseFact]) -> CaseFact | None:
    """The last answer of the matcher, by time and then by id."""
    answers = [fact for fact in facts if fact.name in ("MatchesProposed", "NoMatchFound")]
    return max(answers, key=_when, default=None)


def in_order(facts: Iterable[CaseFact]) -> list[CaseFact]:
    """The facts by time; of those written at the same moment, the referral first, then its flags, and so on as one follows from another."""
    return sorted(facts, key=lambda fact: (fact.time, _AT_ONCE.get(fact.name, _LAST), fact.clear.version or 0, fact.clear.count or 0, fact.event_id))


def is_closed(closed: Sequence[CaseFact], reopened: Sequence[CaseFact]) -> bool:
    """Whether a case is closed: the newest word holds. Of both at one moment, there is one closing more while it is closed."""
    if not closed or not reopened:
        return bool(closed)
    last_closed, last_reopened = max(fact.time for fact in closed), max(fact.time for fact in reopened)
    if last_closed != last_reopened:
        return last_closed > last_reopened
    return len({fact.event_id for fact in closed}) > len({fact.event_id for fact in reopened})


def _status(by_name: ByName, flags: frozenset[str], declined: bool, places: Sequence[Place]) -> Status:
    if "ReferralWithdrawn" in by_name:
        return "withdrawn"
    if "ReferralClosed" in by_name and is_closed(by_name["ReferralClosed"], by_name.get("ReferralReopened", ())):
        return "closed"
    if flags:
        return "needs_human"
    if "SessionAttended" in by_name and _attended(by_name):
        return "attended"
    if declined:
        return "proposed"
    if places:
        return _status_of_place(places[-1])
    answers = [*by_name.get("MatchesProposed", ()), *by_name.get("NoMatchFound", ())]
    if not answers:
        return "received"
    newest = answers[0] if len(answers) == 1 else max(answers, key=_when)
    if newest.name == "MatchesProposed":
        return "proposed"
    return "needs_human" if newest.needs_human else "no_match"


def _status_of_place(place: Place) -> Status:
    if place.lost:
        return "proposed"
    return "agreed" if place.state == "requested" else "waitlisted" if place.state == "waitlisted" else "placed"


def _attended(by_name: ByName) -> bool:
    known = sessions_known([*by_name.get("SessionAttended", ()), *by_name.get("SessionMissed", ())])
    return any(fact.name == "SessionAttended" for fact in known.values())


def _decisions(by_name: ByName) -> tuple[int, bool, tuple[Place, ...]]:
    """The newest version, whether it declined, and every place; a decline that let the chosen group stand carries that decision's version."""
    chosen = {fact.clear.version or 0: fact for fact in sorted(by_name.get("GroupChosen", ()), key=lambda fact: fact.event_id, reverse=True)}
    declined = max((fact.clear.version or 0 for fact in by_name.get("MatchesDeclined", ())), default=0)
    newest = max(chosen, default=0)
    answers = [fact for name in _OF_PLACES for fact in by_name.get(name, ())]
    places = tuple(place_of(chosen[version], answers) for version in sorted(chosen))
    return max(newest, declined), declined > newest, places


def _companions(by_name: ByName, places: Sequence[Place]) -> tuple[Companion, ...]:
    """Every pair, with who agreed and came to the session that it was for as having gone."""
    known = sessions_known([*by_name.get("SessionAttended", ()), *by_name.get("SessionMissed", ())])
    came = {session for session, fact in known.items() if fact.name == "SessionAttended"}
    went = {place.place_id for place in places if place.session and (place.group_id, place.session.date) in came}
    return tuple(replace(one, reached=WENT) if one.state == "agreed" and one.place_id in went else one for one in companions_of(by_name))


def _open_tasks(by_name: ByName) -> tuple[OpenTask, ...]:
    """The tasks that were opened and not closed, the one that is due first in front."""
    done = {fact.clear.task_id for fact in by_name.get("TaskClosed", ())}
    opened = {fact.clear.task_id: fact for fact in by_name["TaskOpened"] if fact.clear.task_id not in done}
    tasks = [OpenTask(task_id or "", fact.kind or "by_hand", fact.clear.due_at) for task_id, fact in opened.items()]
    return tuple(sorted(tasks, key=lambda task: (task.due_at is None, task.due_at.isoformat() if task.due_at else "", task.task_id)))


def _when(fact: CaseFact) -> tuple[datetime, str]:
    return fact.time, fact.event_id


def _rank(fact: CaseFact) -> tuple[tuple[bool, int], datetime, str]:
    return weight(fact.clear.said_by, fact.clear.revision), fact.time, fact.event_id
