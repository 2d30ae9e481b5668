"""From files to a model in a folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from models.compiled import switch_on
from models.ranker import packaged_prior
from models.training.plan import Plan
from services.chassis.clock import SystemClock
from services.chassis.errors import UserError
from services.cli.finding import LEARNING_INSTALLED_BY
from services.cli.output import progress
from services.cli.training_files import read_outcomes
from services.learning.domain import LEARNING_BROUGHT_BY

Begin = Callable[[str, int], Callable[[int], None]]


def train_from_files(groups: str, attendance: Path, people: Path | None, out: Path, seed: int) -> tuple[dict[str, Any], bool]:
    """Train a ranker and save it in `out`; what came of it, and whether every line could be read.

    Raises:
        UserError: scikit-learn is not installed, a file cannot be read at all, or there is nothing to learn from.
    """
    try:
        from models.training.train import TooLittle, train
    except ImportError as error:
        raise UserError(f"training needs scikit-learn; {LEARNING_BROUGHT_BY}; {LEARNING_INSTALLED_BY}") from error
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file, not a folder for a model")
    outcomes = read_outcomes(groups, attendance, people)
    switch_on()
    with bars() as begin:
        try:
            learned = train(outcomes.people, outcomes.known, outcomes.directory, packaged_prior(), SystemClock().now().date(), Plan(seed=seed), begin)
        except TooLittle as error:
            raise UserError(f"{attendance}: {error}") from error
    learned.save(out)
    return {"model": learned.model, "out": str(out), "people": learned.told["people"], "joins": learned.told["joins"]}, outcomes.well


@contextmanager
def bars() -> Iterator[Begin]:
    """A progress bar for one part of the work after another."""
    with ExitStack() as stack:

        def begin(what: str, parts: int) -> Callable[[int], None]:
            stack.close()
            return stack.enter_context(progress(what, parts)).advance

        yield begin
