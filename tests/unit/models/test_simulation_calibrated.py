"""What was said and what came true in made-up towns: every group proposed once, with the ranker's own number."""

import numpy as np

from models.matching import propose
from models.ranker import packaged_prior
from models.simulation.calibrating import Said
from models.simulation.newcomers import OPENS
from tests.unit.models.made_up_town import lived, town


def test_every_group_proposed_counts_once_and_what_came_true_is_what_was_lived() -> None:
    stories = lived("ours")
    figures = Said.of(town(), stories, packaged_prior()).figures()
    assert figures["proposed"]["number"] == sum(len(story.shown) for story in stories)
    assert figures["agreed"]["number"] == sum(story.agreed is not None for story in stories)
    for among in ("proposed", "agreed"):
        back = sum(came * number for _, came, number in figures[among]["parts"])
        assert round(back) == sum(story.sessions > 1 for story in stories)


def test_what_was_said_is_the_score_of_the_proposal() -> None:
    first = [story for story in lived("ours") if story.week == 0 and story.shown]
    said = Said.of(town(), first, packaged_prior())
    answers = propose([town().seekers[story.person] for story in first], town().directory, packaged_prior(), top=3, today=OPENS.date())
    proposed = [match.score for answer in answers for match in answer.matches]
    assert np.allclose(said.probability, proposed, atol=1e-6)


def test_towns_are_put_together() -> None:
    one = Said.of(town(), lived("ours"), packaged_prior())
    assert Said.together([one, one]).figures()["proposed"]["number"] == 2 * len(one.second)


def test_where_nothing_was_proposed_nothing_is_said() -> None:
    figures = Said.of(town(), [], packaged_prior()).figures()
    assert figures["proposed"] == {"number": 0, "error": 0.0, "parts": []}
