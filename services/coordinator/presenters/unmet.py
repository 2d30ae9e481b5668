"""The ledger of unmet need as a page: what was sought, where and when, why nothing was proposed, and how many hoped for it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.coordinator.presenters.moments import date_in_words, month_in_words
from services.coordinator.presenters.words import kind_in_words, reason_in_words, sentence

UnmetRow = tuple[str, str, str, str, int]
"""Kind, area, month, reason, and how many cases."""

EVERY_MONTH: Final = "Every month"
EVERY_AREA: Final = "Everywhere"


@dataclass(frozen=True, slots=True)
class UnmetLine:
    """One row of the ledger."""

    kind: str
    area: str
    month: str
    reason: str
    cases: str


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a filter."""

    value: str
    text: str
    selected: bool


@dataclass(frozen=True, slots=True)
class UnmetView:
    """The ledger, as far as the filters let it through."""

    lines: tuple[UnmetLine, ...]
    months: tuple[Option, ...]
    areas: tuple[Option, ...]
    filtered: bool
    empty: bool
    since: str = ""


def unmet_view(rows: Sequence[UnmetRow], month: str | None, area: str | None, since: datetime | None = None) -> UnmetView:
    """The rows of a month and an area, the most wanted first; `rows` come in that order. `since` is when they begin where some are left out."""
    wanted = [row for row in rows if month in (None, row[2]) and area in (None, row[1])]
    return UnmetView(
        lines=tuple(map(_line, wanted)),
        months=_options(EVERY_MONTH, sorted({row[2] for row in rows}, reverse=True), month, month_in_words),
        areas=_options(EVERY_AREA, sorted({row[1] for row in rows}), area, sentence),
        filtered=month is not None or area is not None,
        empty=not rows,
        since=date_in_words(since, since.tzinfo or UTC) if since else "",
    )


def _line(row: UnmetRow) -> UnmetLine:
    kind, area, month, reason, cases = row
    return UnmetLine(sentence(kind_in_words(kind)), sentence(area), month_in_words(month), sentence(reason_in_words(reason)), f"{cases:,}")


def _options(every: str, values: Iterable[str], chosen: str | None, words: Callable[[str], str]) -> tuple[Option, ...]:
    return (Option("", every, chosen is None), *(Option(value, words(value), value == chosen) for value in values))
