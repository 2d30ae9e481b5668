"""The sample town lived through: its people, organisers and link workers act on what the services wrote, as simulated time passes.

Nothing here decides what a service decides: everybody only does what they could do over HTTP, on a page or by a message. Whoever acts is drawn
from the seed by the sender's own ids, never by ours, which are random; so the same seed gives the same town.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

from models.town.draws import Draws
from models.town.groups import TIME_ZONE
from models.town.life import Life
from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.cases import TaskOpened
from schemas.events.follow_ups import FollowUpSent
from schemas.events.matches import MatchesProposed
from schemas.events.outcomes import ContactLost, SaidBy, WellbeingMeasured
from schemas.events.places import PlaceHeld, PlaceMoved, PlaceReleased
from schemas.events.referrals import RedFlagRaised
from schemas.referral import Referral
from schemas.streams import ServiceName
from services.chassis.codec import decode
from services.chassis.embedded import Embedded
from services.chassis.ids import Entropy, fresh_id
from services.cli.installation import Installation
from services.coordinator.commands import AnswerForGroup, ChooseGroup, ClearFlags, CloseCase, CloseTask, DeclineGroups, RecordAttendance
from services.coordinator.reading import read_status
from services.followup.domain.commands import TakeReply
from services.intake.domain import WithdrawReferral

STREAMS: Final[tuple[StreamName, ...]] = ("referrals", "matches", "places", "follow-ups", "outcomes", "cases")
AT_MOST_TALKS: Final = 3
_ZONE: Final = ZoneInfo(TIME_ZONE)
_IDS: Final = 4
_WEEK: Final = timedelta(days=7)
_QUESTIONS: Final = {"day_after": 0, "week_2": 2, "week_6": 6}
IdsOf = Literal["commands", "people", "facts"]
Act = Callable[[datetime], None]


def seeded(seed: int, what: IdsOf = "commands") -> Entropy:
    """Bytes for ids that are the same for the same seed: for a made-up town and nothing else."""
    return Draws(seed, _IDS, get_args(IdsOf).index(what)).filling


@dataclass
class Lived:
    """One case as those who live it know it; `came` by the number of the visit, from 1."""

    referral: Referral
    case_id: str
    talks: int = 0
    tasks: int = 0
    group_id: str | None = None
    likely: float = 0.0
    place_id: str | None = None
    first: date | None = None
    came: dict[int, bool] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The sender's id of the referral."""
        return self.referral.referral_id or ""

    @property
    def person(self) -> str:
        """The sender's id of the person."""
        return self.referral.person_id or ""


class TownLife:
    """Everybody in the town; `look` tells them what has happened, `act` has them do what they then do, each in their own time.

    `running` is whatever runs just now: their life goes on over a restart.
    """

    def __init__(self, running: Installation[Embedded], seed: int) -> None:
        self.running, self._life = running, Life(seed)
        self._cases: dict[str, Lived] = {}
        self._agenda: list[tuple[datetime, int, Act]] = []
        self._turn = count()
        self._entropy = seeded(seed)
        self.messages = 0
        self._read_to: dict[StreamName, int] = dict.fromkeys(STREAMS, 0)

    def refer(self, referral: Referral, case_id: str, now: datetime) -> None:
        """A clinic has referred somebody."""
        lived = self._cases[case_id] = Lived(referral, case_id)
        if self._life.takes_back(lived.key):
            self._later(now + timedelta(days=3), lambda at: self._take_back(lived, at))

    def look(self, now: datetime) -> None:
        """Take in what was written since the last look; what people will do about it goes on the agenda."""
        for event in self._news():
            self.hear(event, now)

    def hear(self, event: Event[Data], now: datetime) -> None:
        """Take in one thing that was written."""
        self.messages += isinstance(event.data, FollowUpSent)
        lived = self._cases.get(getattr(event.data, "case_id", ""))
        if lived is not None:
            self._notice(lived, event.data, now)

    def act(self, now: datetime) -> int:
        """Do what is due; returns how much was done."""
        done = 0
        while self._agenda and self._agenda[0][0] <= now:
            heappop(self._agenda)[2](now)
            done += 1
        return done

    def _news(self) -> Iterator[Event[Data]]:
        for stream in STREAMS:
            while stored := self.running.services.records(stream, self._read_to[stream], 1_000):
                self._read_to[stream] = stored[-1].position
                yield from (decode(one.record) for one in stored)

    def _notice(self, lived: Lived, data: Data, now: datetime) -> None:
        match data:
            case MatchesProposed():
                self._later(now + timedelta(days=self._life.talks_after(lived.key, lived.talks + 1)), lambda at: self._talk(lived, at))
            case RedFlagRaised():
                self._later(now + timedelta(hours=26), lambda at: self._see_to_flags(lived, at))
            case PlaceHeld(session=session) if session is not None:
                self._expect(lived, data.place_id, session.date)
                self._later(now + timedelta(hours=20), lambda at: self._ask_organiser(lived, data.place_id, at))
            case PlaceMoved(session=session) if session is not None:
                self._expect(lived, data.place_id, session.date)
            case PlaceReleased() if data.place_id == lived.place_id:
                lived.place_id = lived.first = None
            case TaskOpened():
                self._see_to(lived, data, now)
            case ContactLost():
                self._later(now + timedelta(hours=20), lambda at: self._find_out(lived, at))
            case WellbeingMeasured():
                self._later(now + timedelta(days=2), lambda at: self._close(lived, at, "settled"))
            case FollowUpSent(step=step) if step in _QUESTIONS:
                self._later(now + timedelta(hours=5), lambda at: self._answer(lived, step, at))
            case _:
                pass

    def _see_to(self, lived: Lived, task: TaskOpened, now: datetime) -> None:
        """A link worker does what is to be done, most often in time."""
        lived.tasks += 1
        if self._life.sees_to(f"{lived.key} {lived.tasks}"):
            due = max(now + timedelta(hours=1), (task.due_at or now) - timedelta(hours=3))
            self._later(due, lambda at: self._coordinate(CloseTask(case=lived.case_id, id=self._id(at), at=at, task_id=task.task_id)))

    def _find_out(self, lived: Lived, now: datetime) -> None:
        """A link worker rings whoever was silent, and hears whether they came."""
        if lived.first is not None and lived.group_id is not None and 1 in lived.came:
            self._attended(lived, lived.first, lived.came[1], "coordinator", now)

    def _close(self, lived: Lived, now: datetime, reason: str) -> None:
        self._coordinate(CloseCase(case=lived.case_id, id=self._id(now), at=now, reason=reason))

    def _attended(self, lived: Lived, on: date, came: bool, said_by: SaidBy, now: datetime) -> None:
        assert lived.group_id is not None
        self._coordinate(
            RecordAttendance(case=lived.case_id, id=self._id(now), at=now, group_id=lived.group_id, on=on, attended=came, said_by=said_by)
        )

    def _expect(self, lived: Lived, place_id: str, first: date) -> None:
        lived.place_id, lived.first = place_id, first
        for visit in (1, 2, 3):
            on = first + (visit - 1) * _WEEK
            evening = datetime.combine(on, time(21), _ZONE).astimezone(UTC)
            self._later(evening, lambda at, visit=visit, on=on: self._visit(lived, place_id, visit, on, at))  # type: ignore[misc]

    def _talk(self, lived: Lived, now: datetime) -> None:
        """Link worker and person talk the proposal through; three times at the most."""
        told = self._told(lived)
        if told["status"] != "proposed" or not told["proposal"]:
            return
        lived.talks += 1
        matches, choice = told["proposal"]["matches"], self._life.choice(lived.key, lived.talks)
        if choice == "decline" and lived.talks < AT_MOST_TALKS:
            why = self._life.why_declined(lived.key, lived.talks)
            self._coordinate(DeclineGroups(case=lived.case_id, id=self._id(now), at=now, reason=why))
            return
        if choice == "decline":
            self._close(lived, now, "not_wanted")
            return
        match = matches[min({"first": 0, "second": 1, "third": 2}[choice], len(matches) - 1)]
        lived.group_id, lived.likely = match["group_id"], match["score"]
        lived.came = {}
        self._coordinate(ChooseGroup(case=lived.case_id, id=self._id(now), at=now, group_id=match["group_id"]))

    def _see_to_flags(self, lived: Lived, now: datetime) -> None:
        self._coordinate(ClearFlags(case=lived.case_id, id=self._id(now), at=now, note="Spoken with; safe, and would like to go on."))

    def _ask_organiser(self, lived: Lived, place_id: str, now: datetime) -> None:
        says = self._life.organiser_says(f"{lived.key} {lived.talks}")
        if says == "nothing" or place_id != lived.place_id:
            return
        reason = None if says == "yes" else says
        self._coordinate(AnswerForGroup(case=lived.case_id, id=self._id(now), at=now, place_id=place_id, accepted=says == "yes", reason=reason))

    def _visit(self, lived: Lived, place_id: str, visit: int, on: date, now: datetime) -> None:
        """The session is over: the person was there or was not, and the organiser may say so."""
        if place_id != lived.place_id or lived.first is None or on != lived.first + (visit - 1) * _WEEK or lived.group_id is None:
            return
        been_before = visit == 1 or any(lived.came.values())
        lived.came[visit] = been_before and self._life.comes(lived.person, lived.group_id, visit, lived.likely)
        if self._life.organiser_tells(f"{lived.key} {lived.talks}", on.isoformat()) and (visit == 1 or lived.came[visit]):
            self._attended(lived, on, lived.came[visit], "organiser", now)

    def _answer(self, lived: Lived, step: str, now: datetime) -> None:
        visit = 1 + _QUESTIONS[step]
        came = lived.came.get(min(visit, 3), False)
        touch = f"{lived.key} {lived.talks} {step}"
        answer = self._life.answer(lived.person, touch, came=came)
        if answer is None:
            return
        text = self._life.words(answer, touch)
        if step == "week_6" and answer in ("came", "did_not_come"):
            asked = lived.referral.loneliness
            text = " ".join(map(str, self._life.feels(lived.person, asked.ucla3 if asked else None)))
        self._decide("followup", TakeReply(id=self._id(now), person_id=lived.person, text=text, at=now))

    def _take_back(self, lived: Lived, _now: datetime) -> None:
        if lived.group_id is None:
            self._decide("intake", WithdrawReferral(lived.case_id))

    def _told(self, lived: Lived) -> dict[str, Any]:
        with self.running.services.reading("coordinator") as store:
            return read_status(store, lived.case_id)

    def _coordinate(self, command: object) -> None:
        self._decide("coordinator", command)

    def _decide(self, service: ServiceName, command: object) -> None:
        """Put a command; one that is refused is left at that, as somebody would who is told that it came too late."""
        self.running.decide(service, [command])

    def _id(self, now: datetime) -> str:
        return fresh_id(now, self._entropy)

    def _later(self, at: datetime, act: Act) -> None:
        heappush(self._agenda, (at, next(self._turn), act))
