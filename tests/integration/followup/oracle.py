"""What must hold of everything that is sent, worked out from the log alone and without any of follow-up's own rules."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from models.consent import EVERYTHING, Said, consent_of
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.follow_ups import (
    FollowUpCancelled,
    FollowUpClaimed,
    FollowUpFailed,
    FollowUpPlanned,
    FollowUpSent,
    ReplyMeaning,
    ReplyReceived,
)
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.outcomes import ContactLost, SessionAttended, SessionMissed
from schemas.events.places import PlaceHeld, PlaceReleased
from schemas.events.referrals import (
    ConsentChanged,
    ConsentChoice,
    PersonErased,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralMatching,
    ReferralReceived,
    ReferralReopened,
    ReferralWithdrawn,
)
from schemas.referral import Consent

DAY, WEEK, SILENT_AFTER = timedelta(hours=24), timedelta(days=7), timedelta(days=5)
QUESTIONS = frozenset({"day_after", "week_2", "week_6"})


@dataclass
class Life:
    """One person as the log tells of them so far."""

    zone: ZoneInfo
    said: list[Said] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    messages: list[datetime] = field(default_factory=list)
    waiting: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    excused: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    known: set[date] = field(default_factory=set)
    erased: bool = False


@dataclass
class Oracle:
    """Reads the log as it grows; `broken` names every promise that was not kept."""

    default: ZoneInfo
    broken: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    lives: dict[str, Life] = field(default_factory=dict)
    planned: dict[str, FollowUpPlanned] = field(default_factory=dict)
    claimed: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    asked: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    group_of: dict[str, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)

    def read(self, event: Event[Data]) -> None:
        """Take the next event of the log in."""
        match event.data:
            case ReferralReceived() | ConsentChanged():
                self._consent(event)
            case RedFlagRaised() | RedFlagCleared() | ReferralWithdrawn() | ReferralClosed() | ReferralReopened() | PersonErased():
                self._stop(event.data)
            case GroupListed() if event.data.group.status == "active":
                self.stopped.discard(event.data.group_id)
            case GroupListed() | GroupDelisted():
                self.stopped.add(event.data.group_id)
            case PlaceHeld():
                self.group_of[event.data.place_id] = event.data.group_id
                self._life(event.data.person).places.add(event.data.place_id)
            case PlaceReleased():
                self._life(event.data.person).places.discard(event.data.place_id)
            case FollowUpPlanned():
                self._tell(event.data.touch_id in self.planned, "planned twice", event.data)
                self.planned[event.data.touch_id] = event.data
            case FollowUpClaimed():
                self._claimed(event.data, event.time)
            case FollowUpSent() | FollowUpFailed() | FollowUpCancelled():
                self._ended(event.data, event.time)
            case ReplyReceived() | SessionAttended() | SessionMissed() | ContactLost():
                self._answered(event.data)

    def cannot_read(self, subject: str) -> None:
        """Take in that the next record of the log, about this person or group, cannot be read."""
        self.unreadable.add(subject)

    def _life(self, person: str) -> Life:
        return self.lives.setdefault(person, Life(self.default))

    def _consent(self, event: Event[Any]) -> None:
        life, inside = self._life(event.data.person), event.data.matching
        if isinstance(inside, ReferralMatching):
            life.zone = ZoneInfo(inside.time_zone) if inside.time_zone else life.zone
            life.said.append(Said(event.time, "", inside.consent or Consent(), EVERYTHING))
        elif isinstance(inside, ConsentChoice):
            arrived = f"{len(life.said):020}"  # of two of the same moment the later in the log counts, and no id, which may be drawn
            life.said.append(Said(event.time, arrived, inside.consent, frozenset(inside.about), inside.said_by == "person"))

    def _stop(self, data: Any) -> None:
        life = self._life(data.person)
        match data:
            case RedFlagRaised():
                life.flags.add(data.flag_id)
            case RedFlagCleared():
                life.flags -= set(data.flag_ids)
            case ReferralWithdrawn():
                life.withdrawn.add(data.case_id)
            case ReferralClosed():
                life.over.add(data.case_id)
                life.excused |= {touch: one for touch, one in life.waiting.items() if one[1] == data.case_id}
                life.waiting = {touch: one for touch, one in life.waiting.items() if one[1] != data.case_id}
            case ReferralReopened():
                life.over.discard(data.case_id)
            case PersonErased():
                life.erased = True
                life.waiting.clear()

    def _claimed(self, data: FollowUpClaimed, at: datetime) -> None:
        life = self._life(data.person)
        self.claimed[data.touch_id] += 1
        self._tell(self.claimed[data.touch_id] > 1, "claimed twice", data)
        self._tell(bool(life.flags), "claimed under a red flag", data)
        self._tell(data.case_id in life.over | life.withdrawn, "claimed for a case that is over", data)
        self._tell(life.erased, "claimed for somebody erased", data)
        self._tell(not time(8) <= at.astimezone(life.zone).time() < time(20) and data.step != "organiser_asked", "claimed out of hours", data)
        if data.step not in ("news", "stop_confirmed"):
            group = self.group_of.get(data.place_id or "", "")
            self._tell(data.place_id not in life.places, "claimed for a place that is lost", data)
            self._tell(group in self.stopped, "claimed for a group that does not run", data)
        subjects = {data.person, self.group_of.get(data.place_id or "", "")}
        self._tell(bool(subjects & self.unreadable), "claimed though something could not be read", data)
        if data.step == "organiser_asked":
            self._asked(data, at)
        else:
            self._to_person(data, at, life)

    def _to_person(self, data: FollowUpClaimed, at: datetime, life: Life) -> None:
        channel = self.planned[data.touch_id].channel
        exempt = data.step == "stop_confirmed"
        consent = consent_of(life.said)
        self._tell(not exempt and not getattr(consent, channel, False), f"claimed without consent to {channel}", data)
        days = {one.astimezone(life.zone).date() for one in life.messages}
        self._tell(not exempt and (at.astimezone(life.zone).date() in days or any(at - one < DAY for one in life.messages)), "a second a day", data)
        self._tell(not exempt and sum(at - one <= WEEK for one in life.messages) >= 3, "a fourth a week", data)
        life.messages.append(at)

    def _asked(self, data: FollowUpClaimed, at: datetime) -> None:
        group = self.group_of[data.place_id or ""]
        self._tell(any(at - one < DAY for one in self.asked[group]), "an organiser asked twice a day", data)
        self._tell(not time(8) <= at.astimezone(self.default).time() < time(20), "an organiser asked out of hours", data)
        self.asked[group].append(at)

    def _ended(self, data: Any, at: datetime) -> None:
        self.ended[data.touch_id] += 1
        name = type(data).__name__.removeprefix("FollowUp").lower()
        why = data.matching if isinstance(data, FollowUpCancelled) else data
        self.ends[f"{name} {getattr(why, 'reason', '')}".strip()] += 1
        self._tell(self.ended[data.touch_id] > 1, "ended twice", data)
        self._tell(isinstance(data, FollowUpSent) and not self.claimed[data.touch_id], "sent without a claim", data)
        self._tell(isinstance(data, FollowUpCancelled) and bool(self.claimed[data.touch_id]), "cancelled after its claim", data)
        if isinstance(data, FollowUpFailed) and data.reason == "unknown":
            self.doubtful.add(data.touch_id)
        if isinstance(data, FollowUpSent):
            self.sent.append(data.touch_id)
            if data.step in QUESTIONS and not any(self._is_about(data.touch_id, on) for on in self._life(data.person).known):
                self._life(data.person).waiting[data.touch_id] = (at, data.case_id)

    def _answered(self, data: Any) -> None:
        """Whoever answers, or of whom somebody else speaks, is not silent; of whoever is, a human was told."""
        life = self._life(data.person)
        if isinstance(data, ContactLost):
            asked = life.waiting if any(case == data.case_id for _, case in life.waiting.values()) else life.excused
            open_ones = [(since, touch) for touch, (since, case) in asked.items() if case == data.case_id]
            self._tell(not open_ones, "lost though nothing was asked", data)
            asked.pop(min(open_ones)[1] if open_ones else "", None)
        elif isinstance(data, ReplyReceived):
            self.ends[f"reply {data.matching.meaning if isinstance(data.matching, ReplyMeaning) else ''}"] += 1
            life.waiting.clear()
            life.excused.clear()
        else:
            life.known.add(data.on)
            life.waiting = {touch: one for touch, one in life.waiting.items() if not self._is_about(touch, data.on)}

    def _is_about(self, touch_id: str, on: date) -> bool:
        planned = self.planned[touch_id]
        return planned.step != "week_6" and planned.due_at.date() - timedelta(days=1) == on

    def look_into(self, outbox: Mapping[str, EmailMessage]) -> None:
        """Hold the limits against what the messages themselves say of when they were written, whatever was recorded of it."""
        written: defaultdict[str, list[datetime]] = defaultdict(list)
        for touch_id, message in outbox.items():
            planned = self.planned[touch_id]
            if planned.step not in ("stop_confirmed", "organiser_asked"):
                written[planned.person].append(parsedate_to_datetime(message["Date"]))
        for person, moments in written.items():
            zone, ordered = self._life(person).zone, sorted(moments)
            for earlier, later in pairwise(ordered):
                if later - earlier < DAY or earlier.astimezone(zone).date() == later.astimezone(zone).date():
                    self.broken.append(f"{person} was written to twice a day: {earlier}, {later}")
            if any(fourth - first <= WEEK for first, fourth in zip(ordered, ordered[3:], strict=False)):
                self.broken.append(f"{person} was written to four times a week")

    def at_the_end(self, now: datetime) -> Iterator[str]:
        """What is left undone: touches without an end, and silence that nobody was told of."""
        for touch_id, touch in self.planned.items():
            life = self._life(touch.person)
            if not life.erased and not self.ended[touch_id] and touch.useless_after <= now:
                yield f"{touch.step} {touch_id} has no end"
        for life in self.lives.values():
            for touch_id, (at, case) in life.waiting.items():
                if at + SILENT_AFTER < now and case not in life.over | life.withdrawn:
                    yield f"{touch_id}: nobody was told of the silence"

    def _tell(self, holds: bool, what: str, data: Any) -> None:
        if holds:
            self.broken.append(f"{what}: {getattr(data, 'step', '')} {getattr(data, 'touch_id', '')} of {data.person}")
