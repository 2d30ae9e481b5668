"""What every event's data has in common: its stream, its subject, and which parts of it are sealed under which key.

A sealed part is, in memory, either the opened record, or the `Sealed` ciphertext for a reader without the key, or None where there is
nothing or the key was destroyed.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict

StreamName = Literal["referrals", "groups", "matches", "place-requests", "places", "follow-ups", "outcomes", "cases", "models"]
Purpose = Literal["details", "matching", "group"]
"""What a key is for: a person's `details` or `matching`, or a group's organiser."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext of one part of one event; it opens only with the owner's key and the same event id, type and owner."""

    purpose: Purpose
    owner: str
    event_id: str
    event_type: str
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class SealedUnder:
    """Marks a field of an event's data as sealed."""

    purpose: Purpose


DETAILS = SealedUnder("details")
MATCHING = SealedUnder("matching")
GROUP = SealedUnder("group")


class Part(BaseModel):
    """What is inside a sealed part, or inside a clear one; fields of a newer minor version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Data(BaseModel):
    """The data of one event. Versions are additive, so fields of a newer minor version are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    stream: ClassVar[StreamName]
    key: ClassVar[str]
    draft: ClassVar[bool] = False
    sealed_parts: ClassVar[dict[str, tuple[Purpose, type[BaseModel]]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.sealed_parts = {
            name: (mark.purpose, _part_class(field.annotation))
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, SealedUnder)
        }

    @property
    def subject(self) -> str:
        """Whom or what this event is about; the key of its stream."""
        return str(getattr(self, self.key))


def _part_class(annotation: Any) -> type[BaseModel]:
    return next(choice for choice in get_args(annotation) if isinstance(choice, type) and issubclass(choice, BaseModel))


class AboutPerson(Data):
    """An event about a person, keyed by our own id of them."""

    key = "person"

    person: str


class AboutCase(AboutPerson):
    """An event about one case of a person."""

    case_id: str


class AboutGroup(Data):
    """An event about a group, keyed by the group."""

    key = "group_id"

    group_id: str
