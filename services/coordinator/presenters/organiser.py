"""An organiser's page: who would like to come, who is expected, who came. A first name and a session's date, and nothing else about anybody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from models.names import first_name
from schemas.group import Group
from services.chassis.vault import Vault
from services.coordinator.domain import CaseFact
from services.coordinator.places import Place
from services.coordinator.presenters.moments import day_in_words, soon_in_words
from services.coordinator.presenters.opened import details_of
from services.coordinator.presenters.words import counted
from services.coordinator.presenters.work import sessions_over

SOMEBODY: Final = "Somebody new"
ASKED_FOR: Final = timedelta(days=28)
"""How long after a session its organiser is asked who came."""


@dataclass(frozen=True, slots=True)
class Guest:
    """One place in the group: whose it is by first name, how it stands, and what the organiser said about it and about its sessions."""

    place: Place
    case_id: str
    first_name: str
    accepted: bool | None
    came: Mapping[date, bool]


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody who would like to come, or who is expected."""

    place_id: str
    name: str
    when: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A session that is over: whether the person came, where the organiser has said so."""

    place_id: str
    name: str
    on: str
    day: str
    came: bool | None


@dataclass(frozen=True, slots=True)
class OrganiserView:
    """The page of one group."""

    group: str
    wishes: tuple[Wish, ...]
    expected: tuple[Wish, ...]
    visits: tuple[Visit, ...]
    waiting: str

    def asks(self, place_id: str) -> bool:
        """Whether the page asks about this place, or lets its answer be changed."""
        return any(one.place_id == place_id for one in (*self.wishes, *self.expected))

    def asks_about(self, place_id: str, on: str) -> bool:
        """Whether the page asks who came on this date."""
        return any(one.place_id == place_id and one.on == on for one in self.visits)


def guest(place: Place, case_id: str, facts: Sequence[CaseFact], received: CaseFact | None, vault: Vault) -> Guest:
    """A place as its organiser may see it, by the facts about its person."""
    details = details_of(received, vault) if received else None
    called = first_name(details.contact.name) if details and details.contact else None
    answers = sorted((fact for fact in facts if fact.name == "OrganiserAnswered" and fact.clear.place_id == place.place_id), key=_at)
    said = [fact for fact in facts if fact.clear.said_by == "organiser" and fact.clear.group_id == place.group_id and fact.clear.on]
    came = {fact.clear.on: fact.name == "SessionAttended" for fact in sorted(said, key=lambda fact: fact.clear.revision or 0) if fact.clear.on}
    return Guest(place, case_id, called or SOMEBODY, answers[-1].clear.accepted if answers else None, came)


def organiser_view(group: Group, guests: Sequence[Guest], now: datetime) -> OrganiserView:
    """The page: open questions by the session that comes first."""
    held = [one for one in guests if one.place.state in ("held", "confirmed") and one.accepted is not False]
    ahead = sorted((one for one in held if not _begun(one, now)), key=_when)
    waiting = sum(one.place.state == "waitlisted" for one in guests)
    return OrganiserView(
        group=group.name,
        wishes=tuple(_wish(one) for one in ahead if not _said_yes(one)),
        expected=tuple(_wish(one) for one in ahead if _said_yes(one)),
        visits=tuple(visit for one in sorted(held, key=_when, reverse=True) for visit in _visits(one, now)),
        waiting=f"{counted(waiting, 'person is', 'people are')} on your waiting list." if waiting else "",
    )


def _said_yes(one: Guest) -> bool:
    return one.place.state == "confirmed" or one.accepted is True


def _begun(one: Guest, now: datetime) -> bool:
    return one.place.session is not None and one.place.session.start <= now


def _when(one: Guest) -> tuple[bool, float, str]:
    session = one.place.session
    return session is None, session.start.timestamp() if session else 0, one.place.place_id


def _wish(one: Guest) -> Wish:
    session = one.place.session
    return Wish(one.place.place_id, one.first_name, soon_in_words(session.start) if session else "No date is agreed yet")


def _visits(one: Guest, now: datetime) -> Iterator[Visit]:
    session = one.place.session
    for on in sessions_over(session.start, now) if session else ():
        if now.date() - on <= ASKED_FOR:
            yield Visit(one.place.place_id, one.first_name, on.isoformat(), day_in_words(on), one.came.get(on))


def _at(fact: CaseFact) -> tuple[datetime, str]:
    return fact.time, fact.event_id
