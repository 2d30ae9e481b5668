"""What a learned ranker sees in a first look is what it sees in its second, but for what texts have between them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import first_look, retrieval
from models.block import Block
from models.closeness import DIMENSIONS
from models.directory import Directory, Listed
from models.features import FEATURES, SIGNALS, Features
from models.learned import signals
from models.matching import propose
from models.neighbourhood import grounds, laid_out
from models.pairs import Pairs
from models.ranker import seen_by
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.spreading import Spread
from models.view import View
from tests.property.matching_cases import directories
from tests.property.test_learned_ranking import TOWN, experienced
from tests.property.test_matching_neighbourhoods import parts_that_count
from tests.unit.models.attended_town import TODAY, learned

FEWER = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HALF_A_STEP = 1 / 127 / 2
"""No number of a vector is off by more, and two decimals are rounded."""

COMPARE_TEXTS = ("taste_mean", "wording", "familiar")


def looked_at(seeker: Seeker, listed: list[Listed]) -> tuple[Directory, View, Features]:
    """A directory of the town and these groups, what somebody sees of it, and what is seen near of the groups in view."""
    block, directory = Block.of([seeker], ReachDefaults()), Directory.of([*TOWN, *listed])
    view = View(grounds(directory)[0], block, 0, None, TODAY)
    near = seen_by(learned(), block, directory, Pairs(block, directory, TODAY), TODAY)
    return directory, view, near.at(np.zeros(len(view.rows), np.intp), view.rows)


@FEWER
@given(experienced(), directories())
def test_features_and_signals_from_afar_are_those_seen_near(seeker: Seeker, listed: list[Listed]) -> None:
    directory, view, near = looked_at(seeker, listed)
    everything = np.arange(len(view.rows))
    afar = view.seen(everything, learned().told_from_afar(seeker, directory)(view.rows))
    assert tuple(afar.values) == (*FEATURES, *SIGNALS)
    exact = near.values
    for name, value in afar.values.items():
        if name in ("text", "taste"):
            assert np.array_equal(np.isnan(value), np.isnan(exact[name]))
            assert np.nanmax(np.abs(value - exact[name]), initial=0.0) < HALF_A_STEP * np.sqrt(DIMENSIONS) + 1e-4
        elif name not in COMPARE_TEXTS:
            assert np.array_equal(value, exact[name], equal_nan=True)


@FEWER
@given(experienced(), directories())
def test_of_the_few_that_are_left_everything_is_what_is_seen_near(seeker: Seeker, listed: list[Listed]) -> None:
    directory, view, near = looked_at(seeker, listed)
    everything, rows = np.arange(len(view.rows)), view.rows
    compared = learned().compared(seeker, directory, rows, lambda: laid_out(directory).codes(directory, rows))
    afar = learned().told_from_afar(seeker, directory)(rows)
    assert view.seen(everything, afar | view.compared(everything) | compared).rows[0].tobytes() == np.ascontiguousarray(near.rows[0]).tobytes()


@FEWER
@given(experienced(), directories(), st.data())
def test_the_ten_are_found_among_few_where_nobody_has_been_anywhere(seeker: Seeker, listed: list[Listed], data: st.DataObject) -> None:
    stranger = replace(seeker, vector=None, needs=seeker.needs.model_copy(update={"attended": []}))
    directory = Directory.of([*TOWN, *listed])
    spread = Spread(data.draw(st.dictionaries(st.sampled_from(sorted(directory.rows)), parts_that_count)))
    top = data.draw(st.sampled_from((3, 7)))
    whole = propose([stranger], directory, learned(), top=top, today=TODAY, spread=spread)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "LARGE", 0)
        patch.setattr(first_look, "FOREMOST", 3)
        patch.setattr(first_look, "MISSES", 1_000)
        assert propose([stranger], directory, learned(), top=top, today=TODAY, spread=spread) == whole


@FEWER
@given(experienced(), directories())
def test_what_hangs_on_the_person_alone_is_worked_out_once_however_many_groups_there_are(seeker: Seeker, listed: list[Listed]) -> None:
    directory = Directory.of([*TOWN, *listed])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "LARGE", 0)
        whole = propose([seeker], directory, learned(), top=3, today=TODAY)
        asked: list[Seeker] = []

        def counted(seeker: Seeker, *others: Any) -> Any:
            asked.append(seeker)
            return signals.told_from_afar(seeker, *others)

        patch.setattr("models.learned.model.told_from_afar", counted)
        patch.setattr(first_look, "AT_ONCE", 1)
        assert propose([seeker], directory, learned(), top=3, today=TODAY) == whole
    assert len(asked) == len(grounds(directory))


@FEWER
@given(experienced(), directories(), directories(), st.data())
def test_what_was_changed_before_is_no_matter_of_an_answer(seeker: Seeker, listed: list[Listed], others: list[Listed], data: st.DataObject) -> None:
    left = data.draw(st.sets(st.sampled_from([item.group.group_id for item in TOWN]), max_size=3))
    changed = Directory.of([*TOWN, *listed]).changed(others, left)
    now = {item.group.group_id: item for item in (*TOWN, *listed, *others)}
    anew = Directory.of([item for group_id, item in now.items() if group_id not in left - {other.group.group_id for other in others}])
    assert propose([seeker], changed, learned(), top=7, today=TODAY) == propose([seeker], anew, learned(), top=7, today=TODAY)
