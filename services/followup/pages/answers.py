"""What was pressed on a person's own page."""

from dataclasses import dataclass
from typing import Final

from schemas.events.follow_ups import Meaning
from schemas.referral import Loneliness
from services.chassis.web.bodies import Form
from services.followup.pages.shown import ITEMS, Item, OwnPage

_PRESSED: Final[tuple[Meaning, ...]] = ("no", "came", "did_not_come", "stop", "start", "call_me")


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
    if (pressed in ("came", "did_not_come") and not view.asks_whether_they_came) or (pressed == "no" and not view.comes):
        return None
    return next((Answer(meaning) for meaning in _PRESSED if meaning == pressed), None)


def missing(form: Form, view: OwnPage) -> list[Item]:
    """The questions of week six that a form leaves open."""
    asked = ITEMS if view.measures and form.get("answer") == "measured" else ()
    return [item for item in asked if not item.has(form.get(item.name, ""))]


def _measured(form: Form) -> Answer | None:
    chosen = [form.get(item.name, "") for item in ITEMS]
    if not all(item.has(given) for given, item in zip(chosen, ITEMS, strict=True)):
        return None
    one, two, three, direct = map(int, chosen)
    return Answer("measured", Loneliness(ucla3=(one, two, three), direct=direct))
