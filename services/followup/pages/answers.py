"""What was pressed on a person's own page."""

from dataclasses import dataclass
from typing import Final

from schemas.events.follow_ups import Meaning
from schemas.referral import Loneliness
from services.chassis.web.bodies import Form
from services.followup.pages.shown import ITEMS, OwnPage

_PLAIN: Final[dict[str, Meaning]] = {"came": "came", "did_not_come": "did_not_come", "stop": "stop", "start": "start", "call_me": "call_me"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer means, and the measure where it is one."""

    meaning: Meaning
    loneliness: Loneliness | None = None


def read_answer(form: Form, view: OwnPage) -> Answer | None:
    """The answer in a form, or None where something is missing or was not asked."""
    pressed = form.get("answer", "")
    if pressed == "measured" and view.measures:
        return _measured(form)
    if pressed in ("came", "did_not_come") and not view.asks_whether_they_came:
        return None
    return Answer(_PLAIN[pressed]) if pressed in _PLAIN else None


def _measured(form: Form) -> Answer | None:
    chosen = [form.get(item.name, "") for item in ITEMS]
    if any(given not in {value for value, _ in item.choices} for given, item in zip(chosen, ITEMS, strict=True)):
        return None
    one, two, three, direct = map(int, chosen)
    return Answer("measured", Loneliness(ucla3=(one, two, three), direct=direct))
