"""Publishes what the classes say: a JSON Schema per event and per file format, and the AsyncAPI document.

`python -m schemas.publish` writes them; `--check` changes nothing and fails where they are out of date. A frozen schema is never overwritten by
one that breaks it: a breaking change is a new event type.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.asyncapi import asyncapi
from schemas.compatibility import breaks
from schemas.events import ALL
from schemas.events.base import Data
from schemas.wire import FILES, event_schema, examples, file_schema

PUBLISHED = Path(__file__).with_name("published")
ASYNCAPI = "asyncapi.json"
BREAKING_ADVICE = "A breaking change is a new event type (its name with .v2); the frozen schema stays as it is."
STALE_ADVICE = "`python -m schemas.publish` brings the published schemas up to date."

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a published file and what the classes say now."""

    file: str
    what: str
    breaking: bool = False

    def __str__(self) -> str:
        return f"{self.file}: {'BREAKING: ' if self.breaking else ''}{self.what}"


def documents(events: Mapping[str, type[Data]] = ALL) -> dict[str, Document]:
    """Everything that is published, by file name."""
    opened = examples()
    schemas = {name: event_schema(event, opened[name]) for name, event in events.items()}
    files = {name: file_schema(name, opened[name]) for name in FILES}
    return {**{f"{name}.json": schema for name, schema in (schemas | files).items()}, ASYNCAPI: asyncapi(schemas)}


def differences(folder: Path, wanted: Mapping[str, Document]) -> list[Difference]:
    """What stands in `folder` otherwise than `wanted`, file by file; of a file that breaks only what breaks."""
    found: list[Difference] = []
    for name in sorted({path.name for path in folder.glob("*.json")} | wanted.keys()):
        found += _of_file(folder / name, wanted.get(name))
    return found


def publish(folder: Path, wanted: Mapping[str, Document]) -> list[Difference]:
    """Bring `folder` up to date and return what differed; where anything breaks, nothing is written."""
    found = differences(folder, wanted)
    if any(difference.breaking for difference in found):
        return found
    folder.mkdir(parents=True, exist_ok=True)
    for name in {difference.file for difference in found}:
        if name in wanted:
            (folder / name).write_text(_text(wanted[name]), encoding="utf-8")
        else:
            (folder / name).unlink()
    return found


def _of_file(path: Path, wanted: Document | None) -> list[Difference]:
    if not path.exists():
        return [Difference(path.name, "not published yet")]
    text = path.read_text(encoding="utf-8")
    try:
        published = json.loads(text)
    except ValueError as error:
        return [Difference(path.name, f"is not JSON: {error}")]
    broken = [Difference(path.name, fault, breaking=True) for fault in breaks(published, wanted)]
    if broken or (wanted is not None and text == _text(wanted)):
        return broken
    if wanted is None:
        return [Difference(path.name, "no event or file format has this name any more")]
    if path.name == ASYNCAPI:
        return [Difference(path.name, "out of date")]
    return [Difference(path.name, change) for change in _changes(published, wanted, "")] or [Difference(path.name, "laid out otherwise")]


def _changes(old: Any, new: Any, pointer: str) -> Iterator[str]:
    """One line, with a JSON Pointer, for each place where two documents part."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*new, *(name for name in old if name not in new)]:
            below = f"{pointer}/{name}"
            if name not in old:
                yield f"{below} is new"
            elif name not in new:
                yield f"{below} is gone"
            else:
                yield from _changes(old[name], new[name], below)
    elif old != new:
        yield f"{pointer} changed"


def _text(document: Document) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 when the published schemas are up to date (or were brought so), 1 with a line per difference."""
    parser = argparse.ArgumentParser(prog="python -m schemas.publish", description="Publish the schemas of all events and file formats.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where the published files are out of date")
    parser.add_argument("--folder", type=Path, default=PUBLISHED, help="where the published files stand (default: inside the package)")
    chosen = parser.parse_args(arguments)
    found = (differences if chosen.check else publish)(chosen.folder, documents())
    breaking = [difference for difference in found if difference.breaking]
    if not (chosen.check or breaking):
        print(f"{chosen.folder}: {len({difference.file for difference in found})} files written")
        return 0
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    if breaking:
        print(BREAKING_ADVICE, file=sys.stderr)
    if len(found) > len(breaking):
        print(STALE_ADVICE, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
