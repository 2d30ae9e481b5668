"""One object of a directory (a service, a location, a schedule) with where it stands, whether it came as JSON or as the row of a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.directory.feeds.reading import Problem, Spot


@dataclass(frozen=True, slots=True)
class Entity:
    """The object's values; a value may be a JSON object, a list of such, or an `Entity` or list of `Entity` joined from another table.

    `path` leads from what stands at the spot to this object ("service_at_locations.location."), `problems` are what was met when it was read.
    """

    values: Mapping[str, object]
    spot: Spot
    path: str = ""
    problems: tuple[Problem, ...] = ()

    def field(self, name: str) -> str:
        """The name of a field as the report gives it."""
        return f"{self.path}{name}"

    def said(self, *names: str) -> tuple[str, str]:
        """The first of these fields that says something: its name and its text; the first name and "" where none does."""
        for name in names:
            if text := _text(self.values.get(name)):
                return name, text
        return names[0], ""

    def text(self, *names: str) -> str:
        """The text of the first of these fields that says something, or ""."""
        for name in names:
            if text := _text(self.values.get(name)):
                return text
        return ""

    def child(self, *names: str) -> "Entity | None":
        """The first object under one of these names."""
        return next(self.children(*names), None)

    def children(self, *names: str) -> Iterator["Entity"]:
        """The objects under these names."""
        for name in names:
            value = self.values.get(name)
            for item in value if isinstance(value, list | tuple) else [value]:
                if isinstance(item, Entity):
                    yield item
                elif isinstance(item, Mapping):
                    yield Entity(item, self.spot, f"{self.path}{name}.")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
