"""What each message says: the texts of texts.toml, with what this one is about put in.

The texts are data, in one file and by name, because whoever translates or softens them is no programmer, and because a test reads every one of
them for what must never be said. What people and feeds wrote (names of people and groups) is put in as one plain line, cut where it is long.
A text message stays within one SMS where it can: it takes the first version that fits, then shortens the group's name, and only then is two.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Final

from schemas.events.follow_ups import Step
from schemas.events.places import HeldSession
from schemas.group import Group
from services.followup.domain.touches import MessageChannel
from services.followup.wording.gsm7 import ONE_MESSAGE, TWO_MESSAGES, in_alphabet, septets

__all__ = ["SENDER", "About", "Words", "never_said", "words_for"]

SENDER: Final = "Better Together"
"""Who writes, where nobody has set another name."""

_LONGEST_FIRST_NAME, _LONGEST_NAME, _LONGEST_GROUP = 24, 60, 150
_LONGEST_NAME_READ = 1_000
_SHORTEST_GROUP = 16
_DIRECTIONS = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about, and to whom: `link` is the page of whoever is written to, `zone` where the group meets.

    `news` with a session says that it has moved to this one, and without one that the group cannot take them after all. `over` tells an
    organiser's second question (did they come?) from the first (may they come?).
    """

    first_name: str | None
    group: Group | None
    session: HeldSession | None
    zone: tzinfo
    link: str | None
    organiser: str | None = None
    sender: str = SENDER
    over: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A message's subject, for e-mail alone, and its text."""

    subject: str
    text: str


def words_for(step: Step, about: About, channel: MessageChannel) -> Words:
    """The words of this step.

    Raises:
        ValueError: the step has no words, or what they cannot do without is not known (a session, an organiser's link).
    """
    name, texts = _name_of(step, about), _texts()
    if name not in texts:
        raise ValueError(f"{step} is not said in words")
    written = texts[name]
    known = _known(about, to_organiser=step == "organiser_asked")
    if channel == "sms":
        return Words("", _short(written["sms"], _in_alphabet(known)))
    paragraphs = [paragraph for paragraph in written["email"] if _fields(paragraph) <= known.keys()]
    return Words(_first(written["subject"], known), "\n\n".join(paragraph.format_map(known) for paragraph in paragraphs) + "\n")


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "texts.toml").read_text(encoding="utf-8"))


def _name_of(step: Step, about: About) -> str:
    if step == "news":
        return "news_moved" if about.session else "news_lost"
    return "organiser_asked_after" if step == "organiser_asked" and about.over else step


@cache
def _fields(written: str) -> frozenset[str]:
    return frozenset(field for _, field, _, _ in Formatter().parse(written) if field)


def _first(versions: Iterable[str], known: Mapping[str, str]) -> str:
    """The first of them whose fields are all known, filled in."""
    return next(_usable(versions, known)).format_map(known)


def _usable(versions: Iterable[str], known: Mapping[str, str]) -> Iterator[str]:
    usable = [version for version in versions if _fields(version) <= known.keys()]
    if not usable:
        raise ValueError("there is no wording without what is not known here")
    return iter(usable)


def _known(about: About, *, to_organiser: bool) -> dict[str, str]:
    """Every field that has something to be said in it."""
    texts, group = _texts(), about.group
    first_name = _plain(about.first_name, _LONGEST_FIRST_NAME)
    greeted = _plain(about.organiser, _LONGEST_NAME) if to_organiser else first_name
    known = {
        "hello": texts["hello"].format(first_name=greeted) if greeted else texts["hello_unnamed"],
        "first_name": first_name or texts["someone"],
        "group": _spoken(group.name if group else None, _LONGEST_GROUP) or texts["a_group"],
        "organiser": _spoken(about.organiser, _LONGEST_NAME),
        "where": _where(group),
        "link": about.link or "",
        "sender": _plain(about.sender, _LONGEST_NAME) or SENDER,
        "stop": texts["stop"],
    }
    if about.session:
        starts = about.session.start.astimezone(about.zone)
        known |= {"day": _day(starts.date()), "when": _when(starts)}
    return {field: said for field, said in known.items() if said}


def _spoken(name: str | None, longest: int) -> str:
    """A name as it is said in a message; nothing where it tells what no message does."""
    return "" if never_said("unspoken").search(_plain(name, _LONGEST_NAME_READ)) else _plain(name, longest)


@cache
def never_said(*lists: str) -> re.Pattern[str]:
    """Finds what stands in these lists of texts.toml, in whatever case."""
    words = [re.escape(word).replace(r"\*", r"\w*") for name in lists for word in _texts()[name]]
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def _where(group: Group | None) -> str:
    if group is None:
        return ""
    return str(_texts()["online"]) if group.mode == "online" else _plain(group.postcode, _LONGEST_NAME)


def _day(on: date) -> str:
    texts = _texts()
    said = texts["day"].format(weekday=texts["weekdays"][on.weekday()], number=on.day, month=texts["months"][on.month - 1])
    return str(said)


def _when(starts: datetime) -> str:
    texts, clock = _texts(), starts.time()
    half = texts["morning"] if clock < time(12) else texts["afternoon"]
    said = half.format(hour=clock.hour % 12 or 12, minutes=f":{clock.minute:02}" if clock.minute else "")
    at_noon = (clock.hour, clock.minute) == (12, 0)
    return str(texts["when"].format(day=_day(starts.date()), time=texts["noon"] if at_noon else said))


def _plain(written: str | None, longest: int) -> str:
    """One line of what somebody wrote, without characters that show nothing or turn the line round, cut at a word where it is long."""
    shown = (" " if unicodedata.category(character) in ("Cc", "Cs", "Cn", "Zl", "Zp") else character for character in (written or "")[: longest * 4])
    return _cut(" ".join(_DIRECTIONS.sub("", "".join(shown)).split()), longest)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    short = text[: longest - 3]
    return (short.rsplit(" ", 1)[0] if " " in short[longest // 2 :] else short).rstrip(" ,;:-(&") + "..."


def _in_alphabet(known: Mapping[str, str]) -> dict[str, str]:
    """What is known, in the letters of a text message; a name that has none there is not said."""
    texts = _texts()
    instead = {"hello": texts["hello_unnamed"], "group": texts["a_group"], "first_name": texts["someone"], "sender": SENDER}
    brought = {field: in_alphabet(said) or instead.get(field) for field, said in known.items()}
    return {field: said for field, said in brought.items() if said}


def _short(versions: Iterable[str], known: Mapping[str, str]) -> str:
    """The first version that is one text message; else the last with the group's name shortened; else the first that two joined ones carry."""
    usable = list(_usable(versions, known))
    filled = [version.format_map(known) for version in usable]
    shortened = [_with_short_group(usable[-1], known, ONE_MESSAGE), *(_with_short_group(version, known, TWO_MESSAGES) for version in usable)]
    fitting = [text for text in filled if _fits(text, ONE_MESSAGE)]
    fitting += [text for text, limit in zip(shortened, (ONE_MESSAGE, *[TWO_MESSAGES] * len(usable)), strict=True) if _fits(text, limit)]
    return next(iter(fitting), filled[-1])


def _with_short_group(version: str, known: Mapping[str, str], limit: int) -> str:
    over = (septets(version.format_map(known)) or limit) - limit
    room = max(len(known["group"]) - max(over, 0), _SHORTEST_GROUP)
    return version.format_map({**known, "group": _cut(known["group"], room)})


def _fits(text: str, limit: int) -> bool:
    length = septets(text)
    return length is not None and length <= limit
