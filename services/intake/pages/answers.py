"""The form's answers as the referral that a record system would have sent: a field has its column's name, and an empty one is not sent.

What cannot be read stays the text it is, so that the schema's own validation names the field.
"""

from collections.abc import Iterator
from typing import Any, Final

from schemas.record import WEEKDAYS, Weekday
from services.chassis.web.bodies import Form
from services.chassis.web.faults import Fault
from services.intake.pages.choices import CONSENTS, HOURS, PARTS, PartOfDay
from services.intake.reading.cells import cell_value

MADE: Final = "made_reference"
FREE: Final = "availability"
UCLA: Final = tuple(f"loneliness.ucla3.{number}" for number in (1, 2, 3))
COLUMNS: Final = (
    "referral_id", "person_id", "interests", "age", "gender", "postcode", "urgency", "max_cost",
    "contact.name", "contact.phone", "contact.email", "contact.preferred", "contact.safe_to_contact",
    "travel.mode", "travel.max_km", "loneliness.direct",
    "referrer.organisation", "referrer.practitioner", "referrer.reply_to",
)  # fmt: skip
LISTS: Final = ("languages", "access_needs", "flags")
CONSENT: Final = "consent"
NO_NUMBER: Final = "Enter their NHS number, or your own number for them"

_UNITS: Final = {"max_cost": "£", "travel.max_km": "km"}


def read_answers(form: Form) -> tuple[dict[str, Any], list[Fault]]:
    """What the form says as a referral, and what is wrong with answers that only the form has."""
    sent: dict[str, Any] = {}
    for column in COLUMNS:
        if text := _text(form, column):
            _put(sent, column, cell_value(column, text))
    sent.setdefault("referral_id", _text(form, MADE) or None)
    sent |= {name: chosen for name in LISTS if (chosen := [value for value in form.getlist(name) if value])}
    agreed = form.getlist(CONSENT)
    sent[CONSENT] = {choice.value: choice.value in agreed for choice in CONSENTS}
    unnamed = [] if "person_id" in sent else [Fault("/person_id", NO_NUMBER)]
    return sent, [*unnamed, *_put_free_time(sent, form.getlist(FREE)), *_put_ucla(sent, form)]


def _text(form: Form, column: str) -> str:
    text = form.get(column, "").replace("\r\n", "\n").strip()
    unit = _UNITS.get(column)
    return text.removeprefix(unit).removesuffix(unit).strip() if unit else text


def _put(sent: dict[str, Any], column: str, value: Any) -> None:
    parent, _, name = column.rpartition(".")
    (sent.setdefault(parent, {}) if parent else sent)[name] = value


def _put_free_time(sent: dict[str, Any], ticked: list[str]) -> Iterator[Fault]:
    known = {f"{day}-{part}" for day in WEEKDAYS for part in PARTS}
    if not known.issuperset(ticked):
        yield Fault(f"/{FREE}", "must be parts of days that the form has")
    windows = [window for day in WEEKDAYS for window in _windows(day, [part for part in PARTS if f"{day}-{part}" in ticked])]
    if windows:
        sent[FREE] = windows


def _windows(day: Weekday, parts: list[PartOfDay]) -> Iterator[dict[str, str]]:
    """The stretches of a day; parts that meet are one, so that a session may run from the one into the other."""
    start, end = "", ""
    for part in parts:
        begins, ends = HOURS[part]
        if end and begins > end:
            yield {"weekday": day, "start": start, "end": end}
            start = ""
        start, end = start or begins, ends
    if end:
        yield {"weekday": day, "start": start, "end": end}


def _put_ucla(sent: dict[str, Any], form: Form) -> Iterator[Fault]:
    answers = [_text(form, column) for column in UCLA]
    if all(answers):
        _put(sent, "loneliness.ucla3", [cell_value("loneliness.direct", answer) for answer in answers])
    elif any(answers):
        yield Fault("/loneliness/ucla3", "Answer all of the first three questions, or none of them")
