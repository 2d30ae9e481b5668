"""The models of an installation: listed with what each night found, promoted and rolled back through the log, so that every matcher hears of it."""

from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from models.registry import PRIOR, Promotion, Registry, before
from schemas.events.models import ModelPromoted
from services.chassis.codec import decode
from services.chassis.errors import Rejected, UserError
from services.chassis.running import Running
from services.cli.installation import Installation, installation, learning_night
from services.cli.promoting import Later, listed, told_plainly, wins
from services.learning.domain import Kept, Promote, RollBack, Run


def models_of(data: Path | None) -> list[dict[str, Any]]:
    """The prior and every model, then what the nights found that made no model serve, the newest last; where there was no night yet, that too."""
    with installation(data) as running:
        with running.services.reading("learning") as store:
            history, runs, outcomes = store.history(), store.runs(), store.outcomes()
        models, enough = listed(_registry(running), history), learning_night(running.settings).enough
    return [*models, *_nights(runs)] if history or runs else [{**models[0], "because": _nothing_yet(outcomes, enough)}, *models[1:]]


def _nothing_yet(outcomes: int, enough: int) -> str:
    known = "no outcome is known" if outcomes == 0 else f"{outcomes} {'outcome is' if outcomes == 1 else 'outcomes are'} known"
    return f"nothing was learned yet: {known}, and the first night on which there are {enough} learns from them"


def promoted_last(running: Installation[Running]) -> ModelPromoted | None:
    """The promotion that counts, as every copy of the matcher hears of it; None where there was none."""
    told = [decode(one.record).data for one in running.services.all_of(ModelPromoted.stream)]
    return max((one for one in told if isinstance(one, ModelPromoted)), key=attrgetter("promotion"), default=None)


def _nights(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Challengers that were judged and do not serve, and the last night whatever it found."""
    told = [run for run in runs if run.found != "promoted" and (run.model is not None or run is runs[-1])]
    return [_night(run) for run in told]


def _night(run: Run) -> dict[str, Any]:
    row: dict[str, Any] = {"name": f"night of {run.at.date()}", "model": run.model, "serving": False, "trained_on": run.at.date().isoformat()}
    return {**row, "people": run.people, "joins": None, "promoted_at": None, "because": f"{run.found.replace('_', ' ')}: {run.because}"}


def promote_in(data: Path | None, name: str, later: Later) -> dict[str, Any]:
    """Judge a model of the installation beside the one that serves, and have it serve where it may.

    Raises:
        UserError: it does not win, loses on a slice, serves already, or something cannot be read.
    """
    with installation(data) as running, told_plainly():
        registry, now = _registry(running), running.services.clocks.domain.now()
        because = wins(registry, name, _serving(_history(running)), later)
        return _done(running, Promote(_kept(registry, name), because, now), name)


def roll_back_in(data: Path | None) -> dict[str, Any]:
    """Have the model serve again that served before, here and in every copy of the matcher.

    Raises:
        UserError: nothing was promoted, or the model before cannot be read.
    """
    with installation(data) as running, told_plainly():
        history, now = _history(running), running.services.clocks.domain.now()
        name = before(history)
        return _done(running, RollBack(_serving(history), _kept(_registry(running), name), now), name)


def _done(running: Installation[Running], command: Promote | RollBack, name: str) -> dict[str, Any]:
    [answer] = running.decide("learning", [command])
    if isinstance(answer, Rejected):
        raise UserError(str(answer))
    running.finish()
    [promoted] = [event.data for event in answer if isinstance(event.data, ModelPromoted)]
    return {"name": name, "model": promoted.model, "at": command.at.isoformat(timespec="seconds"), "because": promoted.because}


def _kept(registry: Registry, name: str) -> Kept:
    return Kept(name, registry.ranker(name).model, None if name == PRIOR else registry.digest(name))


def _registry(running: Installation[Running]) -> Registry:
    return Registry(running.settings.models_folder)


def _history(running: Installation[Running]) -> list[Promotion]:
    with running.services.reading("learning") as store:
        history: list[Promotion] = store.history()
    return history


def _serving(history: Sequence[Promotion]) -> str:
    return history[-1].name if history else PRIOR
