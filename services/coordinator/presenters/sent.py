"""A form that was sent and refused, shown again: which one it was, all that was typed, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.chassis.web.bodies import Form
from services.chassis.web.faults import Fault
from services.coordinator.presenters.choices import Choice

WHICH, ABOUT = "which", "about"
"""The hidden fields that say which form of the page was sent, and what it is about: a group or a task."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The form that was refused; a page that was only looked at has none. A fault's pointer is its field, "" where it is none's."""

    form: Form = field(default_factory=Form)
    faults: tuple[Fault, ...] = ()
    conflict: str | None = None

    def is_for(self, key: str, about: str = "") -> bool:
        """Whether it was this form of the page."""
        return self.form.get(WHICH) == key and self.form.get(ABOUT, "") == about

    def value(self, key: str, about: str, name: str) -> str:
        """What was typed in a field of this form."""
        return self.form.get(name, "") if self.is_for(key, about) else ""

    def mistake(self, key: str, about: str, name: str) -> str | None:
        """What is wrong with a field of this form."""
        return next((fault.detail for fault in self.faults if fault.pointer == name), None) if self.is_for(key, about) else None

    def options(self, key: str, about: str, name: str, offered: Sequence[Choice]) -> list[dict[str, Any]]:
        """A closed list as the macros of nhsuk-frontend want it, with what was chosen."""
        chosen = self.value(key, about, name)
        return [{"value": one.value, "text": one.text, "checked": one.value == chosen} for one in offered]

    @property
    def summary(self) -> list[dict[str, Any]]:
        """Every mistake, with the link to its field."""
        key = self.form.get(WHICH, "")
        return [{"text": fault.detail, "href": f"#{key}-{fault.pointer}"} if fault.pointer else {"text": fault.detail} for fault in self.faults]

    @property
    def written(self) -> tuple[str, ...]:
        """What was typed in words, so that it can be shown again where its form is gone."""
        return tuple(text for name in ("note", "text", "what") if (text := self.form.get(name, "").strip()))


NOTHING_SENT = Sent()
