"""Puts the single fields of a group right: each function takes the loose values, mends its own fields in place and notes what it changed.

What cannot be mended is taken out, and so is *not known*, which rules nobody out. A status that is not understood is the exception: it counts as
inactive, because sending somebody to a group that may have closed is worse than not proposing it.
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.group import Group
from schemas.record import WEEKDAYS
from services.directory.feeds.clocks import clock, moment, start_of
from services.directory.feeds.costs import CURRENCIES, cost_in
from services.directory.feeds.eligibility import EVERYBODY, genders_of_cell
from services.directory.feeds.languages import tag_of
from services.directory.feeds.text import one_line, plain
from services.directory.feeds.times import parse_days, parse_times

Values = dict[str, Any]
Note = Callable[[str, str], None]

UNKNOWN: Final = "left unknown"
LISTS: Final = {"tags": 100, "sessions": 200, "genders": 20, "languages": 100, "access": 50}
_LINES: Final = ("name", "organisation", "postcode")
LONGEST_LINE, LONGEST_TEXT, LONGEST_ITEM = 500, 10_000, 100
HIGHEST_AGE = 130

_STATUSES: Final = {
    **{status: status for status in ("active", "inactive", "paused")},
    **{"defunct": "inactive", "closed": "inactive", "temporarily closed": "paused", "temporarily_closed": "paused"},
}
_MODES: Final = {
    **{mode: mode for mode in ("in_person", "online", "hybrid")},
    **{"in-person": "in_person", "in person": "in_person", "physical": "in_person", "virtual": "online"},
}


def drop_blank(values: Values, _: Note) -> None:
    """An empty text says what an absent field says."""
    for field in [field for field, value in values.items() if value is None or (isinstance(value, str) and not value.strip())]:
        del values[field]


def mend_texts(values: Values, note: Note) -> None:
    """Make plain text of every text, on one line but for the description and fields of the sender's own; numbers keep their sign."""
    for field, value in list(values.items()):
        is_own = field not in Group.model_fields
        if isinstance(value, str) and (is_own or field == "description" or field in _LINES):
            made = one_line(value, LONGEST_LINE) if field in _LINES else plain(value, LONGEST_TEXT)
            values[field] = made.text
            for reason in made.reasons:
                note(field, reason)
        elif is_own:
            values[field] = _plain_within(value)


def mend_status(values: Values, note: Note) -> None:
    """Status and mode in the record's words."""
    for field, words, fallback in (("status", _STATUSES, "inactive"), ("mode", _MODES, None)):
        if (said := values.pop(field, None)) is None:
            continue
        if known := words.get(said.lower()) if isinstance(said, str) else None:
            values[field] = known
        elif fallback:
            values[field] = fallback
            note(field, f"not understood, taken as {fallback}: {_short(said)}")
        else:
            note(field, f"not understood, {UNKNOWN}: {_short(said)}")


def mend_sessions(values: Values, note: Note) -> None:
    """Sessions from text ("Mon 10:00-12:00; Wed 14:00-15:30"), or with their day and times in the record's words."""
    said = values.get("sessions")
    if isinstance(said, str):
        times = parse_times(said)
        values["sessions"] = [session.model_dump() for session in times.sessions]
        for reason in [f"time not understood, {UNKNOWN}: {piece}" for piece in times.unread] + list(times.notes):
            note("sessions", reason)
    elif isinstance(said, list):
        values["sessions"] = [_session(item) if isinstance(item, dict) else item for item in said]


def mend_lists(values: Values, note: Note) -> None:
    """Lists of bounded length without blanks and repetitions; a text is split at its semicolons, and the words in it for genders are understood."""
    for field, most in LISTS.items():
        value, is_cell = values.get(field), isinstance(values.get(field), str)
        if isinstance(value, str):
            value = value.split(";")
        if not isinstance(value, list | tuple):
            continue
        items = list(value) if field == "sessions" else _words(field, value, note)
        if field == "genders":
            items = [] if EVERYBODY.intersection(items) else genders_of_cell(items) if is_cell else items
        if len(items) > most:
            note(field, f"more than {most}, the rest left out")
        # No gender named means everybody; no access code named means that there is none.
        values[field] = items[:most] or (None if field == "genders" else [])


def mend_position(values: Values, note: Note) -> None:
    """Both coordinates on the Earth, or neither."""
    given = [field for field in ("latitude", "longitude") if values.get(field) is not None]
    latitude, longitude = (_number(values.pop(field, None)) for field in ("latitude", "longitude"))
    if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude or longitude):
        values["latitude"], values["longitude"] = latitude, longitude
    elif given:
        note(given[0], f"{_wrong_position(latitude, longitude)}, position {UNKNOWN}")


def mend_ages(values: Values, note: Note) -> None:
    """Whole years within a human life, the lower one below; a maximum of 0 is how some feeds say that there is none."""
    for field in ("minimum_age", "maximum_age"):
        if (said := values.pop(field, None)) is None:
            continue
        number = _number(said)
        if number is None or not 0 <= number <= HIGHEST_AGE or (field == "maximum_age" and number == 0):
            note(field, f"not an age, {UNKNOWN}: {_short(said)}")
        else:
            values[field] = math.floor(number)
    if values.get("minimum_age", 0) > values.get("maximum_age", HIGHEST_AGE):
        note("minimum_age", f"above the maximum age, both {UNKNOWN}")
        del values["minimum_age"], values["maximum_age"]


def mend_cost(values: Values, note: Note) -> None:
    """A cost that is written as a price ("£2.50", "free") as a number, and the currency as its code."""
    cost = values.get("cost")
    if isinstance(cost, str) and _number(cost) is None and (read := cost_in(cost)):
        values["cost"] = read.amount
        values.setdefault("currency", read.currency or "GBP")
    if (said := values.pop("currency", None)) is not None:
        code = CURRENCIES.get(said, said.upper()) if isinstance(said, str) else ""
        if re.fullmatch(r"[A-Z]{3}", code):
            values["currency"] = code
        else:
            note("currency", f"not a currency, taken as GBP: {_short(said)}")


def mend_capacity(values: Values, _: Note) -> None:
    """A bare number is the maximum."""
    if isinstance(values.get("capacity"), int | str):
        values["capacity"] = {"maximum": values["capacity"]}


def mend_contact(values: Values, _: Note) -> None:
    """Name, email and phone as plain text; the sign before an international number stays."""
    contact = values.get("contact")
    if isinstance(contact, Mapping):
        plus = {key: "+" for key in ("phone",) if str(contact.get(key, "")).strip().startswith("+")}
        said = {key: plus.get(key, "") + one_line(_as_text(value), LONGEST_LINE - 1).text for key, value in contact.items()}
        values["contact"] = {key: text for key, text in said.items() if text} or None


MENDERS: tuple[Callable[[Values, Note], None], ...] = (
    drop_blank,
    mend_texts,
    mend_status,
    mend_sessions,
    mend_lists,
    mend_position,
    mend_ages,
    mend_cost,
    mend_capacity,
    mend_contact,
)


def _words(field: str, items: list[Any] | tuple[Any, ...], note: Note) -> list[Any]:
    words: dict[Any, None] = {}
    for item in items:
        if not isinstance(item, str):
            note(field, f"not a text, left out: {_short(item)}")
            continue
        made = one_line(item, LONGEST_ITEM)
        for reason in made.reasons:
            note(field, reason)
        word = tag_of(made.text) if field == "languages" else made.text.lower()
        if word:
            words[word] = None
        elif made.text:
            note(field, f"not a language, left out: {_short(item)}")
    return list(words)


def _session(session: Values) -> Values:
    """A session in the record's words, where it is only written differently ("Monday", "1:50pm")."""
    mended = {key: value for key, value in session.items() if value not in (None, "")}
    day = session.get("weekday")
    if isinstance(day, str) and day not in WEEKDAYS and len(days := parse_days(day)) == 1:
        mended["weekday"] = days[0]
    for field in ("start", "end"):
        said = session.get(field)
        if isinstance(said, str) and said != "24:00" and (read := moment(said.lower())) and (minutes := start_of(read)) is not None:
            mended[field] = clock(minutes)
    return mended


def _number(value: Any) -> float | None:
    """A finite number, from a number or its text; "51,5" is none, because it may also be two."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _wrong_position(latitude: float | None, longitude: float | None) -> str:
    if latitude is None or longitude is None:
        return "not a pair of numbers"
    if latitude == longitude == 0:
        return "0, 0 is in the sea"
    swapped = abs(latitude) <= 180 and abs(longitude) <= 90
    return "off the Earth" + (" (latitude and longitude may be swapped)" if swapped else "")


def _plain_within(value: Any) -> Any:
    """The same value with every text in it made plain; its depth was bounded when it was read."""
    if isinstance(value, str):
        return plain(value, LONGEST_TEXT).text
    if isinstance(value, list):
        return [_plain_within(item) for item in value]
    if isinstance(value, dict):
        return {plain(str(key), LONGEST_ITEM).text: _plain_within(item) for key, item in value.items()}
    return value


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _short(value: Any) -> str:
    return one_line(str(value)[:200], 40).text
