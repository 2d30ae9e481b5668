"""The closed lists that a coordinator or an organiser chooses from, each code in plain words, and the words for why a place was lost."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, NamedTuple

from schemas.events.places import WhyRefused, WhyReleased
from services.coordinator.presenters.words import FLAGS, plain, sentence


class Choice(NamedTuple):
    """A code and what is said for it."""

    value: str
    text: str


def _choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, text) for code, text in words.items())


WHY_DECLINED: Final[Mapping[str, str]] = {
    "not_their_thing": "It is not their kind of thing",
    "time": "The day or the time does not suit them",
    "too_far": "It is too far, or hard to get to",
    "cost": "It costs too much",
    "access": "They could not get in, or not take part",
    "not_at_home": "They would not feel at home there",
    "not_ready": "They do not feel ready yet",
    "been_before": "They have been, and do not want to go again",
    "no_reason_given": "They would rather not say",
}
WHY_CLOSED: Final[Mapping[str, str]] = {
    "settled": "They go to a group and need nothing more from us",
    "found_something_else": "They have found something else",
    "not_wanted": "They do not want this now",
    "moved_away": "They have moved away",
    "not_reached": "Nobody could reach them, though we tried",
    "not_safe": "It would not be safe to go on",
    "died": "They have died",
    "other": "Something else",
}
WHY_FLAGGED: Final[Mapping[str, str]] = {code: sentence(words) for code, words in FLAGS.items()} | {
    "other": "Something else that a person should read first"
}
WHY_NOT_HERE: Final[Mapping[WhyRefused, str]] = {
    "not_suitable": "Our group would not suit them",
    "not_running": "We are not meeting at the moment",
    "no_reason_given": "I would rather not say",
}
"""Why an organiser says no; that the group is full has a button of its own."""

DECLINED, CLOSED, FLAGGED = _choices(WHY_DECLINED), _choices(WHY_CLOSED), _choices(WHY_FLAGGED)
NOT_HERE: Final = tuple(Choice(code, text) for code, text in WHY_NOT_HERE.items())

WHY_REFUSED: Final[Mapping[WhyRefused, str]] = {
    "full": "it is full",
    "not_running": "it is not meeting at the moment",
    "not_suitable": "it would not suit them there",
    "no_reason_given": "it gave no reason",
    "delisted": "it is no longer in the directory",
}
WHY_RELEASED: Final[Mapping[WhyReleased, str]] = {
    "withdrawn": "the referral was taken back",
    "closed": "the case was closed",
    "declined": "they did not want it after all",
    "erased": "their data was erased",
    "refused_by_organiser": "the group cannot take them",
    "changed": "another group was agreed",
    "delisted": "the group is no longer in the directory",
}


def why_declined(code: str) -> str:
    """A decline's reason, as it goes on in a sentence."""
    return _going_on(WHY_DECLINED.get(code, plain(code)))


def why_closed(code: str) -> str:
    """Why a case was closed, as it goes on in a sentence."""
    return _going_on(WHY_CLOSED.get(code, plain(code)))


def why_lost(code: str | None) -> str:
    """Why a place was refused or released, as it goes on in a sentence."""
    told: Iterator[tuple[str, str]] = chain(WHY_REFUSED.items(), WHY_RELEASED.items())
    return next((text for known, text in told if known == code), plain(code or "no reason is known"))


def _going_on(text: str) -> str:
    return text[:1].lower() + text[1:]
