"""What replies are understood to mean: the labelled ones, the ones held out, and what no reply may do."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

import pytest

from schemas.events.follow_ups import Meaning, Step
from services.followup.understanding import understand

HERE = Path(__file__).parent


class Reply(NamedTuple):
    """One labelled reply."""

    asked: Step | None
    meaning: Meaning
    text: str


def labelled(name: str) -> list[Reply]:
    return list(_read(tomllib.loads((HERE / name).read_text(encoding="utf-8"))))


def _read(written: dict[str, dict[str, list[str]]]) -> Iterator[Reply]:
    for asked, by_meaning in written.items():
        for meaning, texts in by_meaning.items():
            yield from (Reply(None if asked == "none" else cast(Step, asked), cast(Meaning, meaning), text) for text in texts)


TUNED_ON = labelled("replies_labelled.toml")
HELD_OUT = labelled("replies_held_out.toml")


def mistakes(replies: list[Reply]) -> list[tuple[Reply, Meaning]]:
    taken = ((reply, understand(reply.text, reply.asked).meaning) for reply in replies)
    return [(reply, meaning) for reply, meaning in taken if meaning != reply.meaning]


def confusion(replies: list[Reply]) -> str:
    """Who was taken for what, a line each, the labelled meaning first."""
    counted = Counter((reply.meaning, understand(reply.text, reply.asked).meaning) for reply in replies)
    rows = [f"{meant:>15} as {taken:<15} {count}" for (meant, taken), count in sorted(counted.items())]
    wrong = [f"{reply.asked}: {reply.text!r}: {reply.meaning} as {taken}" for reply, taken in mistakes(replies)]
    return "\n".join(["", *rows, *wrong])
