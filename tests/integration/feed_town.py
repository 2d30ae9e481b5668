"""A data folder with a feed's file beside it, and `together groups` run on it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from services.cli.groups import app

ORGANISER = {"name": "Zebedee Quillfeather", "email": "zebedee@knitting.example", "phone": "01632 960471"}
KNIT: dict[str, Any] = {
    "group_id": "knit",
    "name": "Library Knitters",
    "tags": ["crafts"],
    "postcode": "LS6 3AA",
    "sessions": [{"weekday": "tue", "start": "14:00", "end": "16:00"}],
    "contact": ORGANISER,
    "website": "https://knit.example",
}
CHESS: dict[str, Any] = {"group_id": "chess", "name": "Chess for All", "latitude": 53.8, "longitude": -1.55, "access": []}
BOWLS: dict[str, Any] = {"group_id": "bowls", "name": "Park Bowls", "status": "paused"}


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str
    error: BaseException | None

    @property
    def counts(self) -> dict[str, int]:
        """The one JSON object on stdout."""
        counts: dict[str, int] = json.loads(self.out)
        return counts

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON Lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


class Town:
    """A data folder and a feed's file beside it."""

    def __init__(self, path: Path) -> None:
        self.path, self.feed = path, path / "feed.jsonl"

    def together(self, *words: str, data: str = "data") -> Said:
        """Run `together groups …` on the folder."""
        result = CliRunner().invoke(app, [*words, "--data", str(self.path / data)])
        return Said(result.exit_code, result.stdout, result.stderr, result.exception)

    def has(self, *groups: dict[str, Any]) -> None:
        """Let the feed hold these groups."""
        self.feed.write_text("".join(json.dumps(group) + "\n" for group in groups), encoding="utf-8")

    def imported(self, *groups: dict[str, Any], options: tuple[str, ...] = ()) -> Said:
        """Import the feed with these groups in it."""
        self.has(*groups)
        return self.together("import", str(self.feed), *options)

    def listed(self) -> list[str]:
        """The ids of what is listed."""
        return [group["group_id"] for group in self.together("list", "--format", "jsonl").lines]


def counts(read: int, **others: int) -> dict[str, int]:
    """The counts of an import, those that are not given 0."""
    fates = dict.fromkeys(("usable", "rejected", "repaired", "added", "changed", "unchanged", "delisted"), 0)
    return {"read": read, **fates, **others}
