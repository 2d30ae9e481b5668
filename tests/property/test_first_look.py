"""What a first look adds up out of tables is what the prior says of the same pairs, as near as it promises, compiled or not."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import compiled
from models.block import Block
from models.directory import Directory, Listed
from models.features import FEATURES, Features
from models.neighbourhood import grounds
from models.pairs import Pairs
from models.prior import added
from models.ranker import packaged_prior
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.view import View
from tests.property.matching_cases import directories, listings, people

TODAY = date(2026, 3, 2)
SEVERAL = settings(max_examples=60, deadline=None)
PRIOR = packaged_prior()
pytestmark = pytest.mark.timeout(300)


def log_odds(block: Block, whole: Directory) -> NDArray[np.float64]:
    """What the prior makes of every pair, by the features."""
    features = Features.of(block, whole, Pairs(block, whole, TODAY), TODAY)
    total = np.asarray(PRIOR.base)
    for name, term in zip(FEATURES, PRIOR.terms, strict=True):
        total = total + added(features, name, term)
    return np.broadcast_to(total, (len(block.people), len(whole.gone)))


def looked_at(block: Block, whole: Directory) -> list[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Of each person and ground: rows, sums, how far off they may be, and what is read of the rules and seen of features."""
    found = []
    for person in range(len(block.people)):
        for ground in grounds(whole):
            view = View(ground, block, person, None, TODAY)
            everything = np.arange(len(view.rows))
            found.append(
                (
                    ground.globally(view.rows),
                    *view.sums(everything, PRIOR),
                    np.concatenate([[view.open, view.one_broken, view.final], view.seen(everything, {}).rows[0].T]),
                )
            )
    return found


@given(directories(10), st.lists(listings("g01") | listings("new"), max_size=2), st.lists(people(), min_size=1, max_size=3))
@SEVERAL
def test_the_sum_out_of_tables_is_the_prior_s(listed: list[Listed], later: list[Listed], seekers: list[Seeker]) -> None:
    first = Directory.of(listed)
    grounds(first)
    block, whole = Block.of(seekers, ReachDefaults()), first.changed(later)
    expected = log_odds(block, whole)
    found = looked_at(block, whole)
    for person, _ in enumerate(seekers):
        for rows, sums, off, _ in found[person * len(grounds(whole)) : (person + 1) * len(grounds(whole))]:
            exact = expected[person, rows]
            assert np.all(np.abs(sums - exact) <= off)
            assert np.array_equal(sums[off == 0], exact[off == 0])


@given(directories(10), st.lists(people(), min_size=1, max_size=3))
@SEVERAL
def test_compiled_loops_give_every_bit_of_the_plain_ones(listed: list[Listed], seekers: list[Seeker]) -> None:
    block, whole = Block.of(seekers, ReachDefaults()), Directory.of(listed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "_SWITCHED_ON", [])
        plain = looked_at(block, whole)
        assert compiled.switch_on()
        for one, other in zip(looked_at(block, whole), plain, strict=True):
            assert [part.tobytes() for part in one] == [part.tobytes() for part in other]
