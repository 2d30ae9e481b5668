"""A challenger: trained on what was before a cut in time, judged beside the model that serves on what came after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from models.directory import Directory
from models.evaluation.judging import judged
from models.learned.model import Learned
from models.prior import Prior
from models.ranker import Ranker
from models.registry import TOLERANCE, reasons_against
from models.seeker import Seeker
from models.training.plan import Plan
from models.training.train import train
from schemas.attendance import Attendance

LATER: Final = 0.25
"""The share of first attendances, the latest, that a challenger is judged on."""

People = Mapping[str, Sequence[Attendance]]


@dataclass(frozen=True)
class Challenge:
    """The challenger, how many people it was judged on, and what speaks against it; nothing where it may serve."""

    learned: Learned
    judged_on: int
    against: Sequence[str]


def cut_of(first_days: Sequence[date]) -> date | None:
    """The day from which on outcomes judge, by the days on which people first came to groups; None where nobody came."""
    in_order = sorted(first_days)
    return in_order[int(len(in_order) * (1 - LATER))] if in_order else None


def challenge(
    earlier: People,
    whole: People,
    known: Mapping[str, Seeker],
    directory: Directory,
    serving: Ranker,
    prior: Prior,
    today: date,
    cut: date,
    plan: Plan,
    tolerance: float = TOLERANCE,
) -> Challenge:
    """A ranker learned from `earlier`, which ends before `cut`, beside the serving one on what `whole` tells of the days from then on.

    Raises TooLittle where nothing can be learned.
    """
    learned = train(earlier, known, directory, prior, today, plan)
    mine, theirs = (_figures(ranker, whole, known, directory, today, cut) for ranker in (learned, serving))
    return Challenge(learned, mine["people"], reasons_against(mine, theirs, tolerance))


def _figures(ranker: Ranker, whole: People, known: Mapping[str, Seeker], directory: Directory, today: date, cut: date) -> dict[str, Any]:
    rows = [row for some in whole.values() for row in some]
    return judged(ranker, rows, known, directory, today, since=cut).figures()
