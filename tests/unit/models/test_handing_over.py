"""From the prior to what was learned there is no step: the fewer outcomes, the nearer to the prior."""

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Directory
from models.pairs import Pairs
from models.ranker import Ranker, packaged_prior, seen_by
from models.reach import ReachDefaults
from models.training.questions import by_person
from models.training.train import train
from tests.unit.models.attended_town import PLAN, TODAY, attendance, groups, known, somebody


def log_odds(ranker: Ranker) -> NDArray[np.float64]:
    """What the ranker says of every group for somebody new."""
    directory = Directory.of(groups())
    block = Block.of([somebody(tags=["music"])], ReachDefaults())
    score = ranker.score(seen_by(ranker, block, directory, Pairs(block, directory, TODAY), TODAY))
    return np.asarray(np.log(score / (1 - score)))


def moved(outcomes: int) -> float:
    """How far, in log-odds beside the mean, the ranking moves from the prior's when so many outcomes are known."""
    learned = train(by_person(attendance()[:outcomes]), known(), Directory.of(groups()), packaged_prior(), TODAY, PLAN)
    apart = log_odds(learned) - log_odds(packaged_prior())
    return float(np.abs(apart - apart.mean()).max())


def test_the_ranking_moves_smoothly_from_the_prior_with_what_is_known() -> None:
    few, some, many = (moved(outcomes) for outcomes in (10, 50, 200))
    assert 0 < few < some < many
    assert few < 0.1 * float(np.ptp(log_odds(packaged_prior())))
