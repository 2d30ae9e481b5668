"""The form as it is shown: what was typed, what is wrong and where, and what there is to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from schemas.referral import Referral
from services.chassis.web.bodies import Form
from services.chassis.web.faults import Fault
from services.intake.pages.answers import COLUMNS, FREE, MADE
from services.intake.pages.choices import Choice
from services.intake.reading.cells import NESTED

LABELS: Final = {
    "interests": "What matters to them",
    "person_id": "Their number",
    "contact.name": "Name",
    "age": "Age",
    "gender": "Gender",
    "languages": "Languages",
    "contact.phone": "Phone",
    "contact.email": "Email",
    "contact.preferred": "How they prefer to be reached",
    "contact.safe_to_contact": "Whether it is safe to contact them",
    "postcode": "Postcode",
    "travel.mode": "How they get about",
    "travel.max_km": "How far they can go",
    "access_needs": "What the place must have",
    "max_cost": "The most they can pay",
    "availability": "When they are free",
    "loneliness.ucla3": "How they feel",
    "loneliness.direct": "How often they feel lonely",
    "consent": "What they agree to",
    "flags": "Anything to look at first",
    "urgency": "How urgent it is",
    "referrer.organisation": "Your organisation",
    "referrer.practitioner": "Your name",
    "referrer.reply_to": "Your email",
    "referral_id": "Your reference",
}
"""The fields by name, in the order of the page, as a sentence about what is wrong with one begins."""

_FIRST_CONTROLS: Final = {"loneliness.ucla3": "loneliness-ucla3-1", FREE: f"{FREE}-mon-morning"}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in one sentence, with the field it is about and the control to put right; both empty where it is about the whole."""

    field: str
    control: str
    text: str

    @property
    def href(self) -> str | None:
        """Where the sentence leads."""
        return f"#{self.control}" if self.control else None


@dataclass(frozen=True, slots=True)
class FormView:
    """The form with its values."""

    form: Form
    mistakes: tuple[Mistake, ...]
    made_reference: str
    longest: dict[str, int]

    @property
    def summary(self) -> list[dict[str, Any]]:
        """Every mistake, with the link to its field."""
        return [{"text": mistake.text, "href": mistake.href} for mistake in self.mistakes]

    def value(self, name: str) -> str:
        """What was typed in a field."""
        return str(self.form.get(name, ""))

    def options(self, name: str, offered: Sequence[Choice]) -> list[dict[str, Any]]:
        """What a field offers, as the macros of nhsuk-frontend want it; where the form is new, what stands for no answer is chosen."""
        chosen = self.form.getlist(name) or ["routine" if name == "urgency" else ""]
        return [
            {"value": one.value, "text": one.text, "hint": {"text": one.hint} if one.hint else None, "checked": one.value in chosen}
            for one in offered
        ]

    def is_ticked(self, name: str, value: str) -> bool:
        """Whether a box was ticked."""
        return value in self.form.getlist(name)

    def ticked_among(self, name: str, offered: Sequence[Choice]) -> bool:
        """Whether one of these boxes was ticked."""
        return any(self.is_ticked(name, one.value) for one in offered)

    def mistake(self, name: str) -> str | None:
        """What is wrong with a field."""
        control = _control(name)
        return next((mistake.text for mistake in self.mistakes if mistake.control == control), None)


def form_view(form: Form, faults: Sequence[Fault]) -> FormView:
    """The form as it was sent, with a sentence for each field at fault, in the order of the page."""
    seen: dict[str, Mistake] = {}
    for mistake in map(_mistake, faults):
        seen.setdefault(mistake.field or mistake.text, mistake)
    places = list(LABELS)
    in_order = sorted(seen.values(), key=lambda mistake: places.index(mistake.field) if mistake.field else -1)
    return FormView(form, tuple(in_order), form.get(MADE, ""), _longest())


def _mistake(fault: Fault) -> Mistake:
    """A fault as a sentence: either it is one already, or it goes on from the field's name."""
    steps = fault.pointer.split("/")[1:]
    parent = steps[0] if steps else ""
    name = ".".join(steps[:2]) if parent in NESTED and parent not in LABELS else parent
    if name not in LABELS:
        return Mistake("", "", fault.detail[:1].upper() + fault.detail[1:])
    text = fault.detail if fault.detail[:1].isupper() else f"{LABELS[name]} {fault.detail}"
    return Mistake(name, _control(name), text)


def _control(name: str) -> str:
    return _FIRST_CONTROLS.get(name, name.replace(".", "-"))


@cache
def _longest() -> dict[str, int]:
    """How many characters the schema lets each field of text have."""
    found: dict[str, int] = {}
    for column in COLUMNS:
        parent, _, name = column.rpartition(".")
        schema = (NESTED[parent] if parent else Referral).model_json_schema()["properties"][name]
        bounds = [option["maxLength"] for option in schema.get("anyOf", [schema]) if "maxLength" in option]
        found |= {column: bounds[0]} if bounds else {}
    return found
