"""What has happened in a case, each fact in a sentence, with why and what was noted about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from services.coordinator.presenters.choices import why_closed, why_declined, why_lost
from services.coordinator.presenters.moments import day_in_words, moment_in_words, soon_in_words
from services.coordinator.presenters.opened import Happening, OpenedCase
from services.coordinator.presenters.proposal import Known
from services.coordinator.presenters.words import NEEDS_HUMAN_IN_WORDS, flag_in_words, plain

SAID_BY: Final = {"person": "they said so", "organiser": "the group said so", "coordinator": "a link worker said so"}
_SIMPLY: Final = {
    "ReferralReceived": "The referral arrived",
    "MatchesProposed": "Groups were proposed",
    "WellbeingMeasured": "They answered how lonely they feel",
    "ContactLost": "They have not answered for a while",
}
_BY_REASON: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "RedFlagRaised": ("A red flag was raised", flag_in_words),
    "NoMatchFound": ("No group was proposed", lambda code: NEEDS_HUMAN_IN_WORDS.get(code, plain(code))),
    "ReferralWithdrawn": ("The referral was taken back", plain),
    "ReferralClosed": ("The case was closed", why_closed),
    "ReferralReopened": ("The case was opened again", plain),
}
_OF_PLACES: Final = {
    "PlaceWaitlisted": "{group} put them on its waiting list",
    "PlaceConfirmed": "{group} said yes",
    "PlaceRefused": "{group} had no place for them",
    "PlaceReleased": "The place at {group} was given back",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history, and what was noted about it."""

    at: str
    at_iso: str
    words: str
    note: str


def entry(one: Happening, opened: OpenedCase, known: Known, zone: tzinfo) -> Entry:
    """One line of the history; a referral counts from when it was received."""
    arrived = one.fact.name == "ReferralReceived"
    at: datetime = opened.case.received_at if arrived else one.fact.time
    return Entry(moment_in_words(at, zone), at.isoformat(), _happened(one, known), one.note or "")


def _happened(one: Happening, known: Known) -> str:
    fact = one.fact
    listed = known(fact.clear.group_id) if fact.clear.group_id else None
    group = listed.name if listed else fact.clear.group_id or "A group"
    if fact.name in _BY_REASON:
        words, told = _BY_REASON[fact.name]
        return f"{words}: {told(one.reason)}" if one.reason else words
    if fact.name in _OF_PLACES:
        words = _OF_PLACES[fact.name].format(group=group)
        return f"{words}: {why_lost(one.reason)}" if one.reason else words
    return _SIMPLY.get(fact.name) or _decided(one, group, known)


def _decided(one: Happening, group: str, known: Known) -> str:
    fact = one.fact
    session = fact.clear.session
    match fact.name:
        case "GroupChosen":
            return f"{group} was agreed"
        case "MatchesDeclined":
            return _declined(one, known)
        case "RedFlagCleared":
            return f"The red flags were settled by {one.by}" if one.by else "The red flags were settled"
        case "PlaceHeld":
            return f"A place at {group} was held{f' for {soon_in_words(session.start)}' if session else ''}"
        case "PlaceMoved":
            return f"The place at {group} was moved{f' to {soon_in_words(session.start)}' if session else ''}"
        case "SessionAttended" | "SessionMissed":
            came = "They came" if fact.name == "SessionAttended" else "They did not come"
            on = f" on {day_in_words(fact.clear.on)}" if fact.clear.on else ""
            return f"{came} to {group}{on}: {SAID_BY.get(fact.clear.said_by or '', 'somebody said so')}"
        case _:
            return fact.name


def _declined(one: Happening, known: Known) -> str:
    names = [listed.name if (listed := known(group_id)) else group_id for group_id in one.declined]
    why = ", ".join(dict.fromkeys(map(why_declined, one.declined.values())))
    told = (
        f"They turned down {names[0]}"
        if len(names) == 1
        else f"They turned down {len(names)} groups"
        if names
        else "They turned down what was proposed"
    )
    return f"{told}: {why}" if why else told
