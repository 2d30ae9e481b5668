"""Which model serves: of a folder that stands for itself, or of an installation; listed, promoted by later outcomes, rolled back."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from models.learned.model import Learned
from models.ranker import ModelUnreadable, Ranker
from models.registry import PRIOR, NotPromoted, Promotion, Registry, reasons_against
from services.chassis.clock import SystemClock
from services.chassis.errors import UserError
from services.cli.judging import figures_of
from services.cli.training_files import read_outcomes


@dataclass(frozen=True)
class Later:
    """The files of outcomes that a model is judged on, and by how much it may lose on a slice."""

    groups: str
    attendance: Path
    people: Path | None
    tolerance: float


def listed_models(folder: Path) -> list[dict[str, Any]]:
    """The prior and every model of the folder, with which of them serves.

    Raises:
        UserError: the history of promotions cannot be read.
    """
    registry = Registry(folder)
    with told_plainly():
        return listed(registry, registry.history())


def listed(registry: Registry, history: Sequence[Promotion]) -> list[dict[str, Any]]:
    """The prior and every model, the one serving that was promoted last; of one that cannot be read, why."""
    serving, promoted = history[-1].name if history else PRIOR, {one.name: one for one in history}
    names = dict.fromkeys((PRIOR, *registry.names(), *promoted))  # whose files are gone, too: it may be the one that is to serve
    return [_row(registry, name, serving, promoted.get(name)) for name in names]


def _row(registry: Registry, name: str, serving: str, promoted: Promotion | None) -> dict[str, Any]:
    when = {"promoted_at": promoted.at, "because": promoted.because} if promoted else {"promoted_at": None, "because": None}
    try:
        ranker = registry.ranker(name)
    except ModelUnreadable as fault:
        unread = {"trained_on": None, "people": None, "joins": None, **when, "because": f"cannot be read: {fault}"}
        return {"name": name, "model": promoted.model if promoted else None, "serving": name == serving, **unread}
    told = ranker.told if isinstance(ranker, Learned) else {}
    made = {"trained_on": told.get("trained_on"), "people": told.get("people"), "joins": told.get("joins")}
    return {"name": name, "model": ranker.model, "serving": name == serving, **made, **when}


def promote_if_better(folder: Path, name: str, later: Later) -> dict[str, Any]:
    """Judge the model and the one that serves on the same outcomes, and promote it where it may be.

    Raises:
        UserError: it does not win, loses on a slice, serves already, nothing came later than its training, or something cannot be read.
    """
    registry = Registry(folder)
    with told_plainly():
        because = wins(registry, name, registry.serving(), later)
        return asdict(registry.promote(name, _now(), because))


def wins(registry: Registry, name: str, serving: str, later: Later) -> str:
    """Why the model may serve instead of the one that does; raises UserError where it may not, ModelUnreadable where it cannot be read."""
    if serving == name:
        raise UserError(f"{name} serves already")
    challenger, (in_effect, champion) = registry.ranker(name), registry.in_effect(serving)
    until = [day for day in (_learned_until(name, challenger), _learned_until(in_effect, champion)) if day]
    outcomes = read_outcomes(later.groups, later.attendance, later.people, max(until, default=None))
    mine, theirs = figures_of(challenger, outcomes), figures_of(champion, outcomes)
    if against := reasons_against(mine, theirs, later.tolerance):
        raise UserError(f"{name} is not promoted over {in_effect}: {'; '.join(against)}")
    return f"wins over {in_effect} on {mine['people']} people of {later.attendance.name}"


def _learned_until(name: str, ranker: Ranker) -> date | None:
    """The last day that a model learned from, None of the prior and where no date was told; raises UserError where it does not say."""
    if not isinstance(ranker, Learned):
        return None
    try:
        until = ranker.told["learned_until"]
        if until is not None:
            return date.fromisoformat(until)
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{name} does not say what it learned from, so it cannot be told which outcomes came later: train it again") from None
    print(f"{name} learned from attendance without dates, so whether these outcomes came later is not checked", file=sys.stderr)
    return None


def roll_back(folder: Path) -> dict[str, Any]:
    """The model before the one that serves, serving again.

    Raises:
        UserError: nothing was promoted, or something cannot be read.
    """
    with told_plainly():
        return asdict(Registry(folder).roll_back(_now()))


def _now() -> str:
    return SystemClock().now().isoformat(timespec="seconds")


@contextmanager
def told_plainly() -> Iterator[None]:
    """A user's error where a model cannot be read or nothing was promoted."""
    try:
        yield
    except (ModelUnreadable, NotPromoted) as error:
        raise UserError(str(error)) from error
