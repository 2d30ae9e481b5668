"""A model judged on files: its figures, and its card in a folder."""

import sys
from pathlib import Path
from typing import Any

from models.evaluation.card import write_card
from models.evaluation.judging import judged
from models.learned.model import Learned
from models.ranker import Ranker
from services.chassis.clock import SystemClock
from services.chassis.errors import UserError
from services.cli.matching import ranker_of
from services.cli.output import progress
from services.cli.training_files import Outcomes, read_outcomes


def evaluate_from_files(model: Path, groups: str, attendance: Path, people: Path | None, out: Path) -> tuple[dict[str, Any], bool]:
    """Judge the model and write its card into `out`; the figures, and whether every line could be read.

    Raises:
        UserError: the model or a file cannot be read at all, or nobody went to a group that is listed.
    """
    ranker = ranker_of(model)
    outcomes = read_outcomes(groups, attendance, people)
    figures = figures_of(ranker, outcomes)
    if not figures["people"]:
        raise UserError(f"{attendance}: nobody went to one of these groups, so there is nothing to judge by")
    for path in write_card(figures, ranker.told if isinstance(ranker, Learned) else {}, out):
        print(f"together: wrote {path}", file=sys.stderr)
    return figures, outcomes.well


def figures_of(ranker: Ranker, outcomes: Outcomes) -> dict[str, Any]:
    """The ranker's figures on these outcomes, as today's directory would have it."""
    rows = [row for some in outcomes.people.values() for row in some]
    with progress("Ranking for each person", len(outcomes.people)) as bar:
        return judged(ranker, rows, outcomes.known, outcomes.directory, SystemClock().now().date(), bar.advance).figures()
