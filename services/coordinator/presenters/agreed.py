"""What was agreed with the person, and how the place stands: in one sentence each, so that a link worker can say it as it is."""

from dataclasses import dataclass
from typing import Final

from services.coordinator.places import Place
from services.coordinator.presenters.choices import why_declined, why_lost
from services.coordinator.presenters.moments import sessions_in_words, soon_in_words
from services.coordinator.presenters.opened import OpenedCase
from services.coordinator.presenters.proposal import NOT_KNOWN, Known, where
from services.coordinator.presenters.words import Tag
from services.coordinator.standing import Standing

ORDINALS: Final = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")
_TAGS: Final = {
    "requested": Tag("Place asked for", "blue"),
    "waitlisted": Tag("On the waiting list", "purple"),
    "held": Tag("Place held", "aqua-green"),
    "confirmed": Tag("The group said yes", "green"),
    "refused": Tag("No place", "orange"),
    "released": Tag("Place given back", "orange"),
}


@dataclass(frozen=True, slots=True)
class AgreedView:
    """The group of the newest decision, and how its place stands; `open` where it is still theirs to lose."""

    group_id: str
    group: str
    when: tuple[str, ...]
    where: str
    place: Tag
    sentence: str
    note: str
    open: bool


def agreed_view(opened: OpenedCase, known: Known, position: int | None) -> AgreedView | None:
    """What was decided last, where that was to choose a group; `position` is the place on its waiting list, from 1."""
    place = opened.standing.decided
    if place is None:
        return None
    group = known(place.group_id)
    chosen = [one for one in opened.history if one.fact.name == "GroupChosen" and one.fact.clear.version == place.version]
    return AgreedView(
        group_id=place.group_id,
        group=name_of(place.group_id, known),
        when=(sessions_in_words(group.sessions) if group else ()) or (NOT_KNOWN,),
        where=where(group, None) if group else NOT_KNOWN,
        place=_TAGS[place.state],
        sentence=place_in_words(place, position),
        note=next((one.note for one in chosen if one.note), ""),
        open=not place.lost,
    )


def place_in_words(place: Place, position: int | None = None) -> str:
    """How a place stands, as a sentence."""
    when = soon_in_words(place.session.start) if place.session else None
    match place.state:
        case "requested":
            return "A place is asked for. The answer takes a few seconds as a rule."
        case "held" | "confirmed" if when is None:
            return "A place is held. No date is known yet: ask the group when they can come."
        case "held":
            return f"A place is held for {when}. The group has not said yes yet."
        case "confirmed":
            return f"The group has said yes. They are expected on {when}."
        case "waitlisted":
            return f"{_ordinal(position)} on the waiting list." if position else "They are on the waiting list."
        case "refused":
            return f"The group had no place for them: {why_lost(place.reason)}."
        case "released":
            return f"The place is given back: {why_lost(place.reason)}."


def what_stands(standing: Standing, known: Known) -> str:
    """What was decided last, as it goes on after "Somebody else has decided in the meantime:"."""
    if standing.ended:
        return "the case is closed" if standing.status == "closed" else "the referral was taken back"
    if standing.version == 0:
        return "the case is open and nothing is agreed"
    if standing.decided is None:
        return "what was proposed is turned down"
    place = standing.decided
    sentence = place_in_words(place)
    return f"{name_of(place.group_id, known)} is agreed. {sentence}" if not place.lost else f"{name_of(place.group_id, known)} was agreed. {sentence}"


def declined_since(opened: OpenedCase) -> dict[str, str]:
    """The groups that were turned down and not agreed to since, each with why, as it goes on in a sentence."""
    declined: dict[str, str] = {}
    for one in opened.history:
        declined |= {group_id: why_declined(code) for group_id, code in one.declined.items()}
        if one.fact.name == "GroupChosen" and one.fact.clear.group_id:
            declined.pop(one.fact.clear.group_id, None)
    return declined


def name_of(group_id: str, known: Known) -> str:
    """A group's name, where it is known."""
    group = known(group_id)
    return group.name if group else group_id


def _ordinal(position: int) -> str:
    return ORDINALS[position - 1] if position <= len(ORDINALS) else f"Number {position}"
