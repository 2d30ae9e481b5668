"""People spread over groups: nothing but the order changes, by what counts of the scores, and every word of it is true."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from models.columns import free_places
from models.directory import Directory, Listed
from models.matching import Ranked, propose
from models.ranker import packaged_prior
from models.seeker import Seeker
from models.spreading import Spread, counted
from tests.property.matching_cases import directories, easily_pleased, people
from tests.property.test_matching_reasons import mended, place_of

TODAY = date(2026, 1, 5)
FEWER = settings(max_examples=60)
"""Each example is a whole directory."""

somebody = people() | easily_pleased()
strengths = st.sampled_from((0.0, 0.3, 0.5, 1.0))
given_lately = st.dictionaries(st.sampled_from([f"g{number:02d}" for number in range(8)]), st.sampled_from((0.5, 1.0, 3.0, 40.0)))


def spread_over(listed: Sequence[Listed], given: Mapping[str, float], strength: float) -> Spread:
    """By these places given, and those free as far as the records say."""
    free = {item.group.group_id: None if item.group.capacity is None else free_places(item.group.capacity) for item in listed}
    counts = {group_id: counted(strength, given.get(group_id, 0.0), places) for group_id, places in free.items()}
    return Spread(counts)


def answer(seeker: Seeker, listed: Sequence[Listed], spread: Spread, top: int = 10) -> Ranked:
    return propose([seeker], Directory.of(listed), packaged_prior(), top=top, today=TODAY, spread=spread)[0]


@FEWER
@given(somebody, directories(), strengths)
def test_where_no_place_was_given_and_no_group_is_full_the_answer_is_the_same_as_without(
    seeker: Seeker, listed: list[Listed], strength: float
) -> None:
    free = [item for item in listed if item.group.capacity is None or free_places(item.group.capacity) > 0]
    assert answer(seeker, free, spread_over(free, {}, strength)) == answer(seeker, free, Spread())


@FEWER
@given(somebody, directories(), given_lately, strengths)
def test_no_group_appears_and_none_is_left_out_and_no_score_changes(
    seeker: Seeker, listed: list[Listed], given_: dict[str, float], strength: float
) -> None:
    spread, plain = answer(seeker, listed, spread_over(listed, given_, strength)), answer(seeker, listed, Spread())
    assert {match.group_id: match.score for match in spread.matches} == {match.group_id: match.score for match in plain.matches}
    assert replace(spread, matches=()) == replace(plain, matches=())


@FEWER
@given(somebody, directories(), given_lately, strengths, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(seeker: Seeker, listed: list[Listed], given_: dict[str, float], strength: float, chance: Random) -> None:
    spread, shuffled = spread_over(listed, given_, strength), list(listed)
    chance.shuffle(shuffled)
    assert answer(seeker, shuffled, spread) == answer(seeker, listed, spread)


@FEWER
@given(somebody, directories(), given_lately, strengths, st.integers(1, 8))
def test_matches_come_by_what_counts_and_what_is_said_of_that_is_true(
    seeker: Seeker, listed: list[Listed], given_: dict[str, float], strength: float, top: int
) -> None:
    spread = spread_over(listed, given_, strength)
    everything, matches = answer(seeker, listed, Spread()).matches, answer(seeker, listed, spread, top).matches
    assert [(-match.worth, match.group_id) for match in matches] == sorted((-match.worth, match.group_id) for match in matches)
    for match in matches:
        said = {reason.code for reason in match.reasons} & {"spread_first", "spread_later"}
        better = [other for other in everything if other.score > match.score]
        if match.rank == 1:
            assert said == ({"spread_first"} if better else set())
            assert all(spread.counts[other.group_id].now < 1 for other in better)
        else:
            assert said == ({"spread_later"} if match.score > matches[0].score else set())
            assert not said or spread.counts[match.group_id].now < 1


@FEWER
@given(somebody, directories(), given_lately, strengths, st.data())
def test_a_place_more_given_never_puts_a_group_before_another(
    seeker: Seeker, listed: list[Listed], given_: dict[str, float], strength: float, data: st.DataObject
) -> None:
    before = answer(seeker, listed, spread_over(listed, given_, strength))
    if before.matches:
        one = data.draw(st.sampled_from(before.matches)).group_id
        after = answer(seeker, listed, spread_over(listed, given_ | {one: given_.get(one, 0.0) + 1}, strength))
        assert place_of(one, after) >= place_of(one, before)


@FEWER
@given(easily_pleased(), directories(), given_lately, strengths)
def test_every_contrast_comes_true_when_the_record_is_changed(
    seeker: Seeker, listed: list[Listed], given_: dict[str, float], strength: float
) -> None:
    before = answer(seeker, listed, spread_over(listed, given_, strength))
    by_id = {item.group.group_id: item for item in listed}
    for match in before.matches:
        for change in match.would_improve:
            item = by_id[match.group_id]
            changed = [*(other for other in listed if other is not item), replace(item, group=mended(change, seeker, item.group))]
            after = answer(seeker, changed, spread_over(changed, given_, strength))
            assert place_of(match.group_id, after) < place_of(before.matches[0].group_id, after), change
