"""Which model of a folder serves: listed, promoted by later outcomes, rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.learned.model import Learned
from models.ranker import ModelUnreadable
from models.registry import PRIOR, NotPromoted, Registry, reasons_against
from services.chassis.clock import SystemClock
from services.chassis.errors import UserError
from services.cli.judging import figures_of
from services.cli.training_files import read_outcomes


def listed_models(folder: Path) -> list[dict[str, Any]]:
    """The prior and every model of the folder, with which of them serves.

    Raises:
        UserError: a model or the history of promotions cannot be read.
    """
    registry = Registry(folder)
    with _told_plainly():
        serving, promoted = registry.serving(), {one.name: one.at for one in registry.history()}
        return [_row(registry, name, serving, promoted.get(name)) for name in (PRIOR, *registry.names())]


def _row(registry: Registry, name: str, serving: str, promoted_at: str | None) -> dict[str, Any]:
    ranker = registry.ranker(name)
    told = ranker.told if isinstance(ranker, Learned) else {}
    made = {"trained_on": told.get("trained_on"), "people": told.get("people"), "joins": told.get("joins")}
    return {"name": name, "model": ranker.model, "serving": name == serving, **made, "promoted_at": promoted_at}


def promote_if_better(folder: Path, name: str, groups: str, attendance: Path, people: Path | None, tolerance: float) -> dict[str, Any]:
    """Judge the model and the one that serves on the same outcomes, and promote it where it may be.

    Raises:
        UserError: it does not win, loses on a slice, serves already, or something cannot be read.
    """
    registry = Registry(folder)
    with _told_plainly():
        serving = registry.serving()
        if serving == name:
            raise UserError(f"{name} serves already")
        challenger, champion = registry.ranker(name), registry.ranker(serving)
        outcomes = read_outcomes(groups, attendance, people)
        mine, theirs = figures_of(challenger, outcomes), figures_of(champion, outcomes)
        if against := reasons_against(mine, theirs, tolerance):
            raise UserError(f"{name} is not promoted over {serving}: {'; '.join(against)}")
        because = f"wins over {serving} on {mine['people']} people of {attendance.name}"
        return asdict(registry.promote(name, _now(), because))


def roll_back(folder: Path) -> dict[str, Any]:
    """The model before the one that serves, serving again.

    Raises:
        UserError: nothing was promoted, or something cannot be read.
    """
    with _told_plainly():
        return asdict(Registry(folder).roll_back(_now()))


def _now() -> str:
    return SystemClock().now().isoformat(timespec="seconds")


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except (ModelUnreadable, NotPromoted) as error:
        raise UserError(str(error)) from error
