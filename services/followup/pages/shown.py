"""A person's own page as it is shown: warm and short, and with nothing about health on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from models.explain import DAYS, MONTHS
from schemas.events.places import OWN_WISH
from schemas.group import Group
from services.followup.domain.people import GroupStanding, Recipient
from services.followup.domain.touches import Place, Touch

_OFTEN: Final = (("1", "Hardly ever or never"), ("2", "Some of the time"), ("3", "Often"))
_THANKS: Final[Mapping[str, str]] = {
    "came": "Thank you for telling us. It is good to hear that you went.",
    "no": "Thank you for telling us. That is quite all right. Your link worker will be in touch.",
    "did_not_come": "Thank you for telling us. That is quite all right. Your link worker will be in touch.",
    "measured": "Thank you for your answers.",
    "stop": "We will not send you any more messages. You are still welcome at the group.",
    "start": "Thank you. You will hear from us again.",
    "call_me": "Thank you. Your link worker will ring you.",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One question with the answers there are."""

    name: str
    text: str
    choices: tuple[tuple[str, str], ...]

    def options(self, chosen: str) -> list[dict[str, str | bool]]:
        """The answers as radio buttons, the chosen one pressed."""
        return [{"value": value, "text": text, "checked": value == chosen} for value, text in self.choices]

    def has(self, given: str) -> bool:
        """Whether this is one of its answers."""
        return any(given == value for value, _ in self.choices)


ITEMS: Final = (
    Item("companionship", "How often do you feel that you lack companionship?", _OFTEN),
    Item("left_out", "How often do you feel left out?", _OFTEN),
    Item("isolated", "How often do you feel isolated from others?", _OFTEN),
    Item(
        "direct",
        "How often do you feel lonely?",
        (("1", "Often or always"), ("2", "Some of the time"), ("3", "Occasionally"), ("4", "Hardly ever"), ("5", "Never")),
    ),
)
"""UCLA three items and the direct question (STANDARDS.md)."""


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Everything that the page says; `when` and `where` are None where no session lies ahead, and then nobody is expected (`comes`).

    `lost` says that the group cannot take them after all: not of a place that was given up with them, nor once their case is over.
    """

    greeting: str
    group: str | None
    when: str | None
    where: str | None
    lost: bool
    comes: bool
    asks_whether_they_came: bool
    measures: bool
    gets_messages: bool

    def thanks(self, done: str) -> str | None:
        """What is said after something was pressed."""
        return _THANKS.get(done)


def own_page(touch: Touch, person: Recipient, group: GroupStanding | None, place: Place | None, now: datetime) -> OwnPage:
    """The page of a person about the place that a message was about."""
    listed = group.group if group else None
    held = place is not None and place.state == "held" and touch.case_id not in person.ended
    session = place.session if held and place is not None else None
    ahead = session is not None and session.start > now
    started = session is not None and (touch.asks_about or session.date) <= now.astimezone(person.zone).date() and not ahead
    return OwnPage(
        greeting=f"Hello {person.first_name}" if person.first_name else "Hello",
        group=listed.name if listed else None,
        when=in_words(session.start, group.zone if group else person.zone) if session and ahead else None,
        where=_where(listed) if listed and ahead else None,
        lost=place is not None and place.state == "lost" and place.reason not in OWN_WISH and touch.case_id not in person.ended,
        comes=ahead,
        asks_whether_they_came=started and touch.step != "week_6",
        measures=touch.step == "week_6",
        gets_messages=person.consent.sms or person.consent.email,
    )


def in_words(moment: datetime, zone: tzinfo) -> str:
    """A moment as "Tuesday 10 March, 10am"."""
    there = moment.astimezone(zone)
    minute = f":{there.minute:02}" if there.minute else ""
    clock = "midday" if (there.hour, there.minute) == (12, 0) else f"{(there.hour - 1) % 12 + 1}{minute}{'am' if there.hour < 12 else 'pm'}"
    return f"{DAYS[there.weekday()]} {there.day} {MONTHS[there.month - 1]}, {clock}"


def _where(group: Group) -> str:
    if group.mode == "online":
        return "Online or by telephone"
    return ", ".join(part for part in (group.organisation, group.postcode) if part) or "Ask your link worker for the address"
