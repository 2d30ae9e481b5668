"""What follows from a reply: what was understood, a flag that stops everything, consent that changed, a measure.

Nothing here is sent and nobody is judged: a call for help, or what is not certainly understood, is a human's to answer.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas.envelope import Event, event_type
from schemas.events.base import Data
from schemas.events.follow_ups import Channel, Meaning, ReplyMeaning, ReplyReceived, ReplyText, Step
from schemas.events.outcomes import Measured, WellbeingMeasured
from schemas.events.referrals import ConsentChanged, ConsentChoice, ConsentTo, RedFlag, RedFlagRaised
from schemas.referral import Consent
from services.chassis.errors import Ambiguous, NotFound
from services.chassis.ids import derived_id
from services.chassis.service import Cause, Fact
from services.followup.domain.commands import TakeAnswer, TakeReply
from services.followup.domain.people import Recipient
from services.followup.domain.store import FollowupStore
from services.followup.domain.touches import MessageChannel, Touch, cancelling, planned_because, planning, touch_id_of
from services.followup.understanding import Understood, understand

CONVERSATION: Final[frozenset[Step]] = frozenset({"first_session", "day_before", "news", "day_after", "week_2", "week_6"})
"""Steps that a reply may be an answer to."""

Reading = Callable[[], AbstractContextManager[FollowupStore]]
CHANNELS: Final[tuple[ConsentTo, ...]] = ("sms", "email")
CONFIRMED_WITHIN: Final = timedelta(days=2)
AGAIN_WITHIN: Final = timedelta(minutes=10)
"""The same words, or the same press, within this time are the same: whoever is not sure that it arrived may say it again."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply with whoever sent it, and what it is an answer to."""

    cause: Cause
    person: Recipient
    case_id: str
    about: Touch | None
    understood: Understood
    channel: Channel
    at: datetime
    ways_out: Collection[MessageChannel]
    about_channels: Sequence[ConsentTo] = CHANNELS
    text: str | None = None


def take_reply(command: TakeReply, store: FollowupStore, ways_out: Collection[MessageChannel]) -> list[Fact]:
    """Understand what a person wrote, as an answer to the newest message they were sent; no fact where they only say it again.

    Raises:
        NotFound: nobody is known by this id.
        Ambiguous: several persons are.
    """
    reply = _read(command, store, ways_out)
    content = (reply.about.touch_id if reply.about else reply.case_id, command.channel, command.text)
    return [] if _is_known(reply, content, store) else _taken(reply, store)


def _read(command: TakeReply, store: FollowupStore, ways_out: Collection[MessageChannel] = ()) -> _Reply:
    persons = store.persons_called(command.person_id)
    if len(persons) > 1:
        raise Ambiguous("several persons have this id at different organisations; name one by our own id", tuple(persons))
    person, case_id = _who(persons[0] if persons else "", store)
    sent = [touch for touch in store.touches_of([person.person]) if touch.state == "sent" and touch.step in CONVERSATION and touch.claimed_at]
    newest = max(sent, key=lambda touch: (touch.claimed_at, touch.touch_id), default=None)
    understood = understand(command.text, newest.step if newest else None)
    about: Sequence[ConsentTo] = (command.channel,) if command.channel in ("sms", "email") else CHANNELS
    cause, case_id = Cause(command.id, command.id), newest.case_id if newest else case_id
    return _Reply(cause, person, case_id, newest, understood, command.channel, command.at, ways_out, about, command.text)


def take_answer(command: TakeAnswer, store: FollowupStore, ways_out: Collection[MessageChannel]) -> list[Fact]:
    """Take what a person pressed on their own page; no fact where they only press it again.

    Raises:
        NotFound: what the page was about is gone.
    """
    touch = store.touch(command.touch_id)
    person, _ = _who(touch.person if touch else "", store)
    assert touch is not None
    understood = Understood(command.meaning, loneliness=command.loneliness)
    reply = _Reply(Cause(command.id, command.id), person, touch.case_id, touch, understood, touch.channel, command.at, ways_out)
    content = (touch.touch_id, "pressed", command.meaning, str(command.loneliness))
    return [] if _is_known(reply, content, store) else _taken(reply, store)


def meaning_of(command: TakeReply, events: Sequence[Event[Data]], reading: Reading) -> Meaning:
    """What a reply was understood to mean, by the facts that followed; without any it was said before, and means what it meant then.

    Raises:
        NotFound: the person was erased meanwhile.
    """
    meanings = (event.data.matching for event in events if isinstance(event.data, ReplyReceived))
    said = next((said for said in meanings if isinstance(said, ReplyMeaning)), None)
    if said is not None:
        return said.meaning
    with reading() as store:
        return _read(command, store).understood.meaning


def _is_known(reply: _Reply, content: Sequence[str], store: FollowupStore) -> bool:
    """Whether it is what they said just before; what worries us counts again once nothing is open that says so."""
    again = store.says_again(reply.person.person, content, reply.at, AGAIN_WITHIN)
    return again and (reply.person.flagged or not reply.understood.flags)


def _who(person: str, store: FollowupStore) -> tuple[Recipient, str]:
    found, case_id = store.people([person]).get(person), store.newest_case(person)
    if found is None or case_id is None:
        raise NotFound("no person is known by this id")
    return found, case_id


def _taken(reply: _Reply, store: FollowupStore) -> list[Fact]:
    """The facts of a reply, whatever it meant; whoever answers is not silent."""
    store.answered(reply.person.person)
    received = _received(reply)
    flags = [_flag(reply, received, number, code) for number, code in enumerate(reply.understood.flags)]
    return [received, *flags, *_consequences(reply, received, store)]


def _consequences(reply: _Reply, received: Fact, store: FollowupStore) -> Iterator[Fact]:
    """Consent, its confirmation, and a measure; where there is a red flag too, not even the confirmation follows."""
    meaning, loneliness = reply.understood.meaning, reply.understood.loneliness
    if meaning in ("stop", "start"):
        yield _consent(reply, received)
    if meaning == "stop" and not reply.understood.flags:
        yield from _confirmation(reply, store)
    if meaning == "start":
        yield from _unconfirmed(reply, received, store)
    if loneliness is not None and reply.about is not None and store.measure(reply.about.touch_id):
        data = WellbeingMeasured(person=reply.person.person, case_id=reply.case_id, matching=Measured(loneliness=loneliness))
        yield Fact(data, received)


def _received(reply: _Reply) -> Fact:
    meaning: Meaning = reply.understood.meaning
    about = reply.about
    data = ReplyReceived(
        person=reply.person.person,
        case_id=reply.case_id,
        touch_id=about.touch_id if about else None,
        place_id=about.place_id if about else None,
        channel=reply.channel,
        matching=ReplyMeaning(meaning=meaning),
        details=None if reply.text is None else ReplyText(text=reply.text),
    )
    return Fact(data, reply.cause)


def _id_of_reply(reply: _Reply) -> str:
    """The id that the reply's ReplyReceived has."""
    return derived_id(reply.cause.id, event_type(ReplyReceived), reply.person.person, 0)


def _flag(reply: _Reply, received: Fact, number: int, code: str) -> Fact:
    flag = RedFlag(code=code, noticed_in="reply")
    flag_id = f"{_id_of_reply(reply)}-{number}"
    return Fact(RedFlagRaised(person=reply.person.person, case_id=reply.case_id, flag_id=flag_id, matching=flag), received, number)


def _consent(reply: _Reply, received: Fact) -> Fact:
    """STOP turns off what it may have been meant for; START turns on what they had agreed to before."""
    before = reply.person.agreed_before if reply.understood.meaning == "start" else Consent()
    consent = reply.person.consent.model_copy(update={name: getattr(before, name) for name in reply.about_channels})
    choice = ConsentChoice(consent=consent, said_by="person", about=[*reply.about_channels])
    return Fact(ConsentChanged(person=reply.person.person, matching=choice), received)


def _confirmation(reply: _Reply, store: FollowupStore) -> Iterator[Fact]:
    """One message that it stops, by the way they were written to until now; where none was open, or one is on its way, there is none."""
    person = reply.person
    channel = person.channel(reply.ways_out)
    if channel is None or _confirmations(person, store):
        return
    because = Cause(_id_of_reply(reply), reply.cause.correlationid)
    touch_id = touch_id_of(reply.case_id, "stop_confirmed", because.id)
    planned_by = planned_because(because, person.person, touch_id)
    touch = Touch(touch_id, person.person, reply.case_id, "stop_confirmed", channel, reply.at, reply.at + CONFIRMED_WITHIN, planned_by)
    store.plan([touch])
    yield planning(touch, because)


def _unconfirmed(reply: _Reply, received: Fact, store: FollowupStore) -> Iterator[Fact]:
    """Who wants messages again is not told that they stop."""
    cancelled = [touch.after("cancelled", "answered") for touch in _confirmations(reply.person, store)]
    store.settle(cancelled)
    yield from (cancelling(touch, received) for touch in cancelled)


def _confirmations(person: Recipient, store: FollowupStore) -> list[Touch]:
    return [touch for touch in store.touches_of([person.person]) if touch.step == "stop_confirmed" and touch.state == "planned"]
