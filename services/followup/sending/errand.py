"""The errand that sends: claimed and committed, handed to a port outside any transaction, then recorded.

One process holds the folder and runs this errand from end to end, so a touch that stands claimed when a claim begins was left behind by a run
that ended in between. Only a port that may be given it again is given it again, and only if the gate still lets it through.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final

import structlog

from schemas.events.base import StreamName
from schemas.events.follow_ups import FollowUpClaimed, FollowUpFailed, FollowUpSent
from services.chassis.clock import Clock
from services.chassis.service import Claimed, Fact
from services.followup.domain.gate import Cancel, Fail, Send, Verdict, Wait, verdict
from services.followup.domain.hours import closing
from services.followup.domain.people import GroupStanding, Recipient
from services.followup.domain.touches import QUESTIONS, MessageChannel, Touch, cancelling, named
from services.followup.handlers.silence import SILENT_AFTER
from services.followup.messages import Delivery, Message, Port
from services.followup.sending.writing import Writer
from services.followup.store import SqlFollowupStore

AT_ONCE: Final = 100
AT_ONCE_WHERE_NOTHING_IS_SENT_AGAIN: Final = 10
"""What a run that ends takes with it of a port that is not to be given anything twice: each of these becomes a human's."""

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed touch with its words, good until then; `again` where it was left behind, and then without words if it may not be sent now."""

    touch: Touch
    message: Message | None
    until: datetime
    again: bool = False


@dataclass
class _Round:
    """What one look at due touches comes to; people and groups are kept in step with what was claimed."""

    people: dict[str, Recipient]
    groups: dict[str, GroupStanding]
    now: datetime
    claimed: list[Touch] = field(default_factory=list)
    settled: list[Touch] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    postponed: list[tuple[str, datetime]] = field(default_factory=list)

    def group(self, touch: Touch) -> GroupStanding | None:
        """The group that a touch is about."""
        return self.groups.get(touch.group_id) if touch.group_id else None

    def verdict(self, touch: Touch) -> Verdict:
        """What the gate says."""
        return verdict(touch, self.people[touch.person], self.group(touch), self.now)


@dataclass(frozen=True)
class SendTouches:
    """Sends what is due, up to a hundred at once (ten by a port that is not `repeatable`), and never two for one person."""

    reads_first: ClassVar[tuple[StreamName, ...]] = ("referrals", "places", "groups")

    ports: Mapping[MessageChannel, Port]
    writer: Writer
    clock: Clock

    def claim(self, now: datetime, store: SqlFollowupStore) -> Claimed:
        """What was left behind, or else what is due and let through by the gate."""
        if left := store.left_behind(AT_ONCE):
            return Claimed(self._once_more(left, now, store))
        while touches := store.to_look_at(now, AT_ONCE):
            looked = self._look(touches, now, store)
            if looked.facts:
                return Claimed(self._outgoing(looked), looked.facts)  # whoever only waits has been put off: the next look finds others
        return Claimed()

    def run(self, work: Sequence[Outgoing]) -> Sequence[tuple[Touch, Delivery]]:
        """Hand each to its port, and hear what became of it."""
        return [(one.touch, self._deliver(one)) for one in work]

    def record(self, results: Sequence[tuple[Touch, Delivery]], store: SqlFollowupStore) -> Sequence[Fact]:
        """Write down what became of each; nothing of persons who were erased, or of touches that were taken for left behind, meanwhile."""
        there = {touch.touch_id for touch in store.touches([touch.touch_id for touch, _ in results]) if touch.state == "claimed"}
        known = [(touch, delivery) for touch, delivery in results if touch.touch_id in there]
        store.settle([touch.after("sent" if delivery == "sent" else "failed") for touch, delivery in known])
        asked = [touch.touch_id for touch, delivery in known if delivery == "sent" and touch.step in QUESTIONS]
        store.wait_for_answers(asked, self.clock.now() + SILENT_AFTER)
        return [_outcome(touch, delivery) for touch, delivery in known]

    def _look(self, touches: Sequence[Touch], now: datetime, store: SqlFollowupStore) -> _Round:
        looked = _round(touches, now, store)
        for touch in touches:
            self._judge(touch, looked)
        store.settle([*looked.claimed, *looked.settled])
        store.postpone(looked.postponed)
        return looked

    def _judge(self, touch: Touch, looked: _Round) -> None:
        """Take one touch through the gate; one for whom the batch has a message already is looked at in the next."""
        said = looked.verdict(touch)
        if isinstance(said, Send):
            if self._has_room(touch, looked) and all(one.person != touch.person for one in looked.claimed):
                _take(touch, looked)
        elif isinstance(said, Wait):
            until = touch.useless_after if said.until is None else min(said.until, touch.useless_after)
            looked.postponed.append((touch.touch_id, until))
        else:
            _end(touch, said, looked)

    def _has_room(self, touch: Touch, looked: _Round) -> bool:
        """Whether the batch may take one more by this touch's way out."""
        if self._may_repeat(touch):
            return len(looked.claimed) < AT_ONCE
        return sum(not self._may_repeat(one) for one in looked.claimed) < AT_ONCE_WHERE_NOTHING_IS_SENT_AGAIN

    def _outgoing(self, looked: _Round, *, again: bool = False) -> list[Outgoing]:
        """The claimed touches with their words; that their persons' details were read is recorded."""
        logger.info("details_read", touches=[touch.touch_id for touch in looked.claimed], shown="message")
        return [
            Outgoing(touch, self.writer.message(touch, looked.people[touch.person], looked.group(touch), looked.now), _until(touch, looked), again)
            for touch in looked.claimed
        ]

    def _once_more(self, left: Sequence[Touch], now: datetime, store: SqlFollowupStore) -> list[Outgoing]:
        """What was left behind, with words only where the gate would still let it through: it counts against the limits from now on."""
        looked = _round(left, now, store, leaving_out=left)
        allowed = [touch for touch in left if self._may_repeat(touch) and isinstance(looked.verdict(touch), Send)]
        looked.claimed = [replace(touch, claimed_at=now) for touch in allowed]
        store.settle(looked.claimed)  # before it is sent, because this run may end in between too
        withheld = [Outgoing(touch, None, now, again=True) for touch in left if touch not in allowed]
        return [*self._outgoing(looked, again=True), *withheld]

    def _port(self, touch: Touch) -> Port | None:
        return self.ports.get("email" if touch.channel == "email" else "sms")

    def _may_repeat(self, touch: Touch) -> bool:
        port = self._port(touch)
        return port is not None and port.repeatable

    def _deliver(self, one: Outgoing) -> Delivery:
        port = self._port(one.touch)
        if one.again:
            if port is not None and port.was_sent(one.touch.touch_id):
                return "sent"
            if port is None or not port.repeatable:
                return "unknown"
        if port is None or one.message is None or self.clock.now() >= one.until:
            return "unreachable"
        return port.send(one.message)


def _round(touches: Sequence[Touch], now: datetime, store: SqlFollowupStore, leaving_out: Sequence[Touch] = ()) -> _Round:
    """Everybody and every group that these touches are about, as they stand in this transaction."""
    people = dict(store.people({touch.person for touch in touches}, now))
    organisers = {touch.group_id for touch in touches if touch.to_organiser and touch.group_id}
    groups = dict(store.groups({touch.group_id for touch in touches if touch.group_id}, now, organisers))
    for touch in leaving_out:
        _without(touch, people, groups)
    return _Round(people, groups, now)


def _without(touch: Touch, people: dict[str, Recipient], groups: dict[str, GroupStanding]) -> None:
    """Leave a touch's own claim out of what is counted against it."""
    person = people[touch.person]
    people[touch.person] = replace(person, claims=tuple(at for at in person.claims if at != touch.claimed_at))
    if touch.to_organiser and touch.group_id:
        group = groups[touch.group_id]
        groups[touch.group_id] = replace(group, asked=tuple(at for at in group.asked if at != touch.claimed_at))


def _take(touch: Touch, looked: _Round) -> None:
    """Claim a touch, and count it against whoever it goes to."""
    looked.claimed.append(replace(touch, state="claimed", claimed_at=looked.now))
    looked.facts.append(Fact(FollowUpClaimed(**named(touch)), touch.planned_by))
    group = looked.group(touch)
    if touch.to_organiser and group is not None:
        looked.groups[group.group_id] = replace(group, asked=(*group.asked, looked.now))
    elif not touch.to_organiser:
        person = looked.people[touch.person]
        looked.people[touch.person] = replace(person, claims=(*person.claims, looked.now))


def _end(touch: Touch, said: Cancel | Fail, looked: _Round) -> None:
    """Give up a touch, for good or to a human."""
    if isinstance(said, Cancel):
        looked.settled.append(touch.after("cancelled", said.reason))
        looked.facts.append(cancelling(looked.settled[-1], touch.planned_by))
    else:
        looked.settled.append(touch.after("failed"))
        looked.facts.append(Fact(FollowUpFailed(**named(touch), reason=said.reason), touch.planned_by))


def _until(touch: Touch, looked: _Round) -> datetime:
    """Until when it may be handed over: the hours of the day, and its own."""
    group = looked.group(touch)
    zone = group.zone if touch.to_organiser and group is not None else looked.people[touch.person].zone
    return min(closing(looked.now, zone), touch.useless_after)


def _outcome(touch: Touch, delivery: Delivery) -> Fact:
    if delivery == "sent":
        return Fact(FollowUpSent(**named(touch)), touch.planned_by)
    logger.warning("touch_failed", touch=touch.touch_id, reason=delivery)
    return Fact(FollowUpFailed(**named(touch), reason=delivery), touch.planned_by)
