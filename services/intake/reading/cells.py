"""The columns of a referral table and what their cells mean: the referral's field names, flattened with dots, each cell text.

A cell that cannot be understood stays the text it is, so that the schema's own validation names the field. Nothing is evaluated: a formula is
text.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from schemas.record import WEEKDAYS, Record
from schemas.referral import Consent, Loneliness, PersonContact, Referral, Referrer, Travel

NESTED: Final[dict[str, type[Record]]] = {
    "travel": Travel,
    "loneliness": Loneliness,
    "consent": Consent,
    "contact": PersonContact,
    "referrer": Referrer,
}
COLUMNS: Final = frozenset(Referral.model_fields) - NESTED.keys() | {
    f"{name}.{field}" for name, record in NESTED.items() for field in record.model_fields
}

_BOOLEANS: Final = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_HOUR = r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?"
_WINDOW = re.compile(rf"([a-z]{{3,9}})\.?\s+{_HOUR}\s*(?:-|–|to)\s*{_HOUR}", re.IGNORECASE)
_ATTENDED = re.compile(r"(.+?)\s*=\s*([0-9]{1,6})")


def cell_value(column: str, text: str) -> Any:
    """What a cell of a known column holds, as JSON would have it; the text itself where it is not understood or the column is text."""
    return _READERS.get(column, str)(text)


def is_understood(column: str, text: str) -> bool:
    """Whether `text` is what a column of numbers, yes or no, or fixed words has; False for every column of free text."""
    value = _CHECKABLE[column](text) if column in _CHECKABLE else None
    return value in _WORDS if isinstance(value, str) else value is not None


def how_to_write(column: str) -> str | None:
    """What to tell a sender whose cell was not understood, where the schema's own words would not help; None elsewhere."""
    return _HOW_TO_WRITE.get(column)


def parts_of(text: str) -> list[str]:
    """A list cell's items: split at semicolons, blank ones left out."""
    return [part for part in (piece.strip() for piece in text.split(";")) if part]


def _boolean(text: str) -> bool | str:
    return _BOOLEANS.get(text.casefold(), text)


def _whole(text: str) -> int | str:
    return int(text) if _WHOLE.fullmatch(text) else text


def _decimal(text: str) -> float | str:
    return float(text) if _DECIMAL.fullmatch(text) else text


def _word(text: str) -> str:
    return text.casefold()


def _answers(text: str) -> list[int | str]:
    return [_whole(part) for part in parts_of(text)]


def _windows(text: str) -> list[Any] | str:
    """The weekly windows of "Mon 10:00-12:00; Wed 2pm-4pm"; the whole text where one part is not understood: half a week is another answer."""
    windows = [_window(part) for part in parts_of(text)]
    return text if None in windows else windows


def _window(part: str) -> dict[str, str] | None:
    found = _WINDOW.fullmatch(part)
    weekday = found[1].lower() if found else ""
    if not found or not any(weekday == short or _LONG_NAMES[short].startswith(weekday) for short in WEEKDAYS):
        return None
    start, end = _clock(found[2], found[3], found[4] or found[7]), _clock(found[5], found[6], found[7])
    return {"weekday": weekday[:3], "start": start, "end": end} if start and end else None


def _clock(hour: str, minute: str | None, half: str | None) -> str | None:
    """The time as "HH:MM", or None for one that does not exist."""
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return f"{hours:02}:{minutes:02}" if hours * 60 + minutes <= 24 * 60 and minutes < 60 else None


def _attended(text: str) -> list[dict[str, Any]]:
    """What "choir; walks=3" says: once to the choir, three times to the walks."""
    found = [(part, _ATTENDED.fullmatch(part)) for part in parts_of(text)]
    return [{"group_id": match[1], "sessions": int(match[2])} if match else {"group_id": part} for part, match in found]


_LONG_NAMES: Final = dict(zip(WEEKDAYS, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True))
_WORDS: Final = frozenset({"routine", "urgent", "walk", "bus", "car", "any"})
_CHECKABLE: Final[dict[str, Callable[[str], Any]]] = {
    "urgency": _word,
    "travel.mode": _word,
    "age": _whole,
    "loneliness.direct": _whole,
    "latitude": _decimal,
    "longitude": _decimal,
    "max_cost": _decimal,
    "travel.max_km": _decimal,
    "availability": _windows,
    "contact.safe_to_contact": _boolean,
    **{f"consent.{field}": _boolean for field in Consent.model_fields},
}
_HOW_TO_WRITE: Final = {"availability": 'must be written as "Mon 10:00-12:00; Wed 14:00-16:00"'}
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    **_CHECKABLE,
    "loneliness.ucla3": _answers,
    "attended": _attended,
    **dict.fromkeys(("reason", "tags", "languages", "access_needs", "flags"), parts_of),
}
