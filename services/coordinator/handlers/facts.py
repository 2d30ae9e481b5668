"""What the coordinator makes of facts: the case and its place in the queue, places given up, outcomes out of what was said, and tasks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeGuard, cast

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.cases import (
    CompanionAgreed,
    CompanionAsked,
    CompanionDeclined,
    CompanionEnded,
    CompanionSuggested,
    NoteWritten,
    TaskClosed,
    TaskOpened,
)
from schemas.events.follow_ups import FollowUpCancelled, FollowUpFailed, ReplyMeaning, ReplyReceived, ReplyText
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.matches import GroupChosen, MatchesDeclined
from schemas.events.outcomes import ContactLost, SessionAttended, SessionMissed
from schemas.events.places import (
    OWN_WISH,
    PlaceConfirmed,
    PlaceGivenUp,
    PlaceHeld,
    PlaceMoved,
    PlaceRefused,
    PlaceReleased,
    PlaceWaitlisted,
    WhyReleased,
)
from schemas.events.referrals import PersonErased, RedFlagCleared, RedFlagRaised, ReferralClosed, ReferralReopened, ReferralWithdrawn
from services.chassis.ids import derived_id
from services.chassis.service import Fact
from services.coordinator.domain import CasePlace, CoordinatorStore
from services.coordinator.handlers.following import Following
from services.coordinator.handlers.keeping import fact_of, take_in, take_in_own
from services.coordinator.handlers.parting import ENDS, end_pairs, leave_alone, pairs_concerned
from services.coordinator.outcomes import Statement
from services.coordinator.places import Place
from services.coordinator.tasks import ENDS_WITH_THE_CASE, WHAT, Periods, failed_message, task_id_of

SECOND_VISIT = timedelta(days=14)
_OF_GROUPS: frozenset[type[Data]] = frozenset({GroupListed, GroupDelisted})
_CONCERN_OTHERS: frozenset[type[Data]] = frozenset({FollowUpFailed, FollowUpCancelled, *_OF_GROUPS})
_TAKEN_IN_WHEN_DECIDED: frozenset[type[Data]] = frozenset(
    {
        GroupChosen, MatchesDeclined, ReferralReopened, NoteWritten, TaskOpened, TaskClosed, CompanionSuggested, CompanionAsked, CompanionAgreed,
    }
)  # fmt: skip
"""Our own facts from which nothing follows that did not follow when they were decided."""


def follow_cases(events: Sequence[Event[Data]], store: CoordinatorStore, periods: Periods) -> list[Fact]:
    """Keep these facts, work out anew where the cases of their persons stand, and return what follows."""
    kinds = {type(event.data) for event in events}
    if kinds & _OF_GROUPS:
        store.put_groups([cast("Event[GroupListed] | Event[GroupDelisted]", event) for event in events if type(event.data) in _OF_GROUPS])
    pairs = pairs_concerned(events, store) if not kinds.isdisjoint(ENDS) else {}
    given_up = _give_up_erased([event for event in events if type(event.data) is PersonErased], store) if PersonErased in kinds else []
    gone = store.erased({person for event in events if (person := getattr(event.data, "person", None))})
    left = [event for event in events if getattr(event.data, "person", None) not in gone] if gone else events
    if not kinds.isdisjoint(_TAKEN_IN_WHEN_DECIDED):
        left = _without_known(left, store)
    affected = take_in(left, store, _also_about(left, store) if kinds & _CONCERN_OTHERS else ())
    if kinds.isdisjoint(_FOLLOWS) and not pairs:
        return given_up
    following = Following(affected, store, periods)
    for event in left:
        if follow := _FOLLOWS.get(type(event.data)):
            follow(event, following)
    end_pairs(events, pairs, following)
    own = [fact for fact in following.facts if getattr(fact.data, "person", None) in affected.persons]  # others are in other lanes
    take_in_own(own, store)
    return [*given_up, *following.facts]


def _without_known(events: Sequence[Event[Data]], store: CoordinatorStore) -> list[Event[Data]]:
    """The facts without those of our own that were taken in when they were decided; these get the time at which they were written."""
    own = {event.id: event for event in events if type(event.data) in _TAKEN_IN_WHEN_DECIDED}
    known = store.known(own)
    store.add([fact_of(own[id_]) for id_ in sorted(known)])
    return [event for event in events if event.id not in known]


def _give_up_erased(erasures: Sequence[Event[Data]], store: CoordinatorStore) -> list[Fact]:
    """Give up every place of who is erased, by their clear ids, and forget them."""
    causes = {event.data.subject: event for event in erasures}
    if not causes:
        return []
    gone = [place for place in store.places_of(causes) if place.state not in ("refused", "released")]
    store.forget(causes)
    return [
        Fact(
            PlaceGivenUp(group_id=place.group_id, place_id=place.place_id, person=place.person, case_id=place.case_id, reason="erased"),
            causes[place.person],
            number,
        )
        for number, place in enumerate(sorted(gone, key=lambda place: place.place_id))
    ]


def _also_about(events: Sequence[Event[Data]], store: CoordinatorStore) -> set[str]:
    """Who is concerned by facts that are not kept: messages that are left to a human, and groups that run no more."""
    stopped = {event.data.subject for event in events if _runs_no_more(event.data)}
    places = store.places_in(stopped) if stopped else ()
    return {event.data.person for event in events if _left_to_a_human(event.data)} | {place.person for place in places}


def _left_to_a_human(data: Data) -> TypeGuard[FollowUpFailed | FollowUpCancelled]:
    return isinstance(data, FollowUpFailed) or (isinstance(data, FollowUpCancelled) and data.left_to_a_human)


def _runs_no_more(data: Data) -> bool:
    return isinstance(data, GroupDelisted) or (isinstance(data, GroupListed) and data.group.status != "active")


def _flag_raised(event: Event[Any], following: Following) -> None:
    data: RedFlagRaised = event.data
    standing = following.standing(data.case_id)
    if standing and data.flag_id in standing.flags:
        following.open(event, data.person, data.case_id, "red_flag")


def _flags_cleared(event: Event[Any], following: Following) -> None:
    data: RedFlagCleared = event.data
    for case_id in following.affected.cases_of(data.person):
        if not following.affected.standings[case_id].flags:
            following.close(event, data.person, case_id, "red_flag", "every red flag is cleared")


def _ended(event: Event[Any], following: Following) -> None:
    data: ReferralWithdrawn | ReferralClosed = event.data
    reason: WhyReleased = "withdrawn" if isinstance(data, ReferralWithdrawn) else "closed"
    standing = following.standing(data.case_id)
    if standing is None or not standing.ended:
        return
    if standing.chosen:
        following.give_up(event, data.person, data.case_id, standing.chosen, reason)
    for kind in sorted(ENDS_WITH_THE_CASE):
        following.close(event, data.person, data.case_id, kind, f"the case is {standing.status}")


def _message_failed(event: Event[Any], following: Following) -> None:
    data: FollowUpFailed | FollowUpCancelled = event.data
    standing = following.standing(data.case_id)
    if standing is None or standing.ended or not _left_to_a_human(data):
        return
    place = next((one for one in standing.places if one.place_id == data.place_id), None)
    if place and place.lost and data.step != "news":
        _tell_of_loss(event, place, following)
        return
    reason = "too_late" if isinstance(data, FollowUpCancelled) else data.reason
    safe = reason not in ("unreachable", "too_late") or following.safe_to_contact(data.person)
    what = failed_message(data.step, reason, safe=safe)
    following.open(event, data.person, data.case_id, "message_failed", occasion=data.touch_id, what=what)


def _contact_lost(event: Event[Any], following: Following) -> None:
    data: ContactLost = event.data
    standing = following.standing(data.case_id)
    if standing and not standing.ended:
        following.open(event, data.person, data.case_id, "silent")


def _session_known(event: Event[Any], following: Following) -> None:
    data: SessionAttended | SessionMissed = event.data
    following.close(event, data.person, data.case_id, "silent", "it is known whether the person came")


def _replied(event: Event[Any], following: Following) -> None:
    data: ReplyReceived = event.data
    meaning = data.matching.meaning if isinstance(data.matching, ReplyMeaning) else None
    case_id = data.case_id or next(iter(following.affected.cases_of(data.person)), None)
    if case_id is None:
        return
    if meaning in ("help", "call_me"):
        following.open(event, data.person, case_id, "asked_for_help", what=_with_words(WHAT["asked_for_help"], data))
    elif meaning == "no":
        following.open(event, data.person, case_id, "cannot_come", what=_with_words(WHAT["cannot_come"], data))
    elif meaning in ("came", "did_not_come") and _say(event, meaning == "came", following):
        return
    elif meaning in ("came", "did_not_come", "not_understood"):
        following.open(event, data.person, case_id, "not_understood", what=_with_words(WHAT["not_understood"], data))


def _say(event: Event[Any], came: bool, following: Following) -> bool:
    """Take down what the person says about a session; False where nobody knows which."""
    data: ReplyReceived = event.data
    found = following.place(data.person, data.case_id, data.place_id)
    if found is None or found[1].session is None:
        return False
    case_id, place = found
    assert place.session is not None
    on = place.session.date + (SECOND_VISIT if following.step_of(data.touch_id) == "week_2" else timedelta())
    following.say(event, Statement(data.person, case_id, place.group_id, on, came, "person"))
    return True


def _with_words(what: str, data: ReplyReceived) -> str:
    return f"{what}. They wrote: “{data.details.text[:500]}”" if isinstance(data.details, ReplyText) else what


def _held(event: Event[Any], following: Following) -> None:
    data: PlaceHeld | PlaceMoved = event.data
    place = _newest_place(data.case_id, data.place_id, following)
    if place is None or place.lost:
        return
    if place.session is None:
        following.open(event, data.person, data.case_id, "no_date", occasion=data.place_id)
    else:
        following.close(event, data.person, data.case_id, "no_date", "a date is known")
    _tell_where_stopped(event, following)


def _tell_where_stopped(event: Event[Any], following: Following) -> None:
    """A place was given in a group that runs no more by now."""
    data: PlaceHeld | PlaceMoved | PlaceWaitlisted = event.data
    place = _newest_place(data.case_id, data.place_id, following)
    if place and not place.lost and following.store.stopped([place.group_id]):
        following.open(event, data.person, data.case_id, "place_lost", occasion=_stop_of(place))


def _confirmed(event: Event[Any], following: Following) -> None:
    data: PlaceConfirmed = event.data
    following.close(event, data.person, data.case_id, "organiser_silent", "the group has said yes")


def _lost(event: Event[Any], following: Following) -> None:
    data: PlaceReleased | PlaceRefused = event.data
    about = {task_id_of(touch.touch_id, "message_failed", data.case_id) for touch in following.store.touches_about([data.place_id])}
    following.close(event, data.person, data.case_id, "message_failed", "the place is lost", about)
    if data.reason in OWN_WISH:
        told = {task_id_of(occasion, "place_lost", data.case_id) for occasion in (data.place_id, _stop_of(data))}
        following.close(event, data.person, data.case_id, "place_lost", "the place was given up", told)
        following.close(event, data.person, data.case_id, "cannot_come", "the place was given up")
    place = _newest_place(data.case_id, data.place_id, following)
    if place is None or not place.lost:
        return
    for kind in ("organiser_silent", "no_date"):
        following.close(event, data.person, data.case_id, kind, "the place is lost")
    _tell_of_loss(event, place, following)


def _tell_of_loss(event: Event[Any], place: Place, following: Following) -> None:
    """A human tells the person that the place is lost, where they may know of it and did not wish it themselves."""
    data: PlaceReleased | PlaceRefused | FollowUpFailed | FollowUpCancelled = event.data
    standing = following.standing(data.case_id)
    if standing is None or standing.ended or standing.decided != place or place.reason in OWN_WISH:
        return
    if following.store.spoken_of([place.place_id]):
        following.open(event, data.person, data.case_id, "place_lost", occasion=place.place_id)


def _group_stopped(event: Event[Any], following: Following) -> None:
    data: GroupListed | GroupDelisted = event.data
    if not _runs_no_more(data) or not following.store.stopped([data.group_id]):
        return
    for place in sorted(following.store.places_in([data.group_id]), key=lambda place: place.place_id):
        if place.state != "requested":  # which the directory answers
            following.open(event, place.person, place.case_id, "place_lost", occasion=_stop_of(place))


def _stop_of(place: Place | CasePlace | PlaceReleased | PlaceRefused) -> str:
    """What the task about a group that stopped is opened for, once a place; that the place is lost after all is another matter."""
    return derived_id(place.place_id, "group-stopped", place.group_id, 0)


def _newest_place(case_id: str, place_id: str, following: Following) -> Place | None:
    standing = following.standing(case_id)
    return standing.decided if standing and standing.decided and standing.decided.place_id == place_id else None


_FOLLOWS: Mapping[type[Data], Callable[[Event[Any], Following], None]] = {
    RedFlagRaised: _flag_raised,
    RedFlagCleared: _flags_cleared,
    ReferralWithdrawn: _ended,
    ReferralClosed: _ended,
    FollowUpFailed: _message_failed,
    FollowUpCancelled: _message_failed,
    ContactLost: _contact_lost,
    SessionAttended: _session_known,
    SessionMissed: _session_known,
    ReplyReceived: _replied,
    PlaceHeld: _held,
    PlaceMoved: _held,
    PlaceWaitlisted: _tell_where_stopped,
    PlaceConfirmed: _confirmed,
    PlaceReleased: _lost,
    PlaceRefused: _lost,
    GroupListed: _group_stopped,
    GroupDelisted: _group_stopped,
    CompanionDeclined: leave_alone,
    CompanionEnded: leave_alone,
}
