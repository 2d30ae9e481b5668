"""How much of a score counts, and that of two groups that fit alike the one comes first whose places fewer others took."""

from datetime import date

import numpy as np
import pytest

from models.directory import Directory, Listed
from models.explain import render
from models.matching import Ranked, propose
from models.ranker import packaged_prior
from models.seeker import Seeker
from models.sharing import Waiting, share_places
from models.spreading import HALF_LIFE_DAYS, WAITING, Counts, Spread, counted, faded
from schemas.group import Capacity, Group
from schemas.referral import Needs

SEEKER = Seeker(Needs(tags=["music"]), consented=True)
CHOIR = Group(group_id="choir", name="Choir", tags=["music"], cost=0, capacity=Capacity(maximum=9, available=4, waitlist=True))
BAND = CHOIR.model_copy(update={"group_id": "band", "name": "Band", "cost": 5.0})


def proposed(spread: Spread, *groups: Group, top: int = 10) -> Ranked:
    directory = Directory.of([Listed(group, None, (), "town") for group in groups])
    return propose([SEEKER], directory, packaged_prior(), top=top, today=date(2026, 1, 5), spread=spread)[0]


def first_reasons(ranked: Ranked) -> list[tuple[str, str]]:
    return [(match.group_id, match.reasons[0].code) for match in ranked.matches]


def test_the_more_of_its_places_were_given_lately_the_less_of_a_score_counts() -> None:
    assert [counted(0.5, given, 4).now for given in (0, 1, 4, 12)] == [1, 0.9, 0.75, 0.625]
    assert counted(0.5, 100, None).now == 1
    assert counted(0.5, 0, 0).now == counted(1.0, 7, 0).now == WAITING


def test_with_a_place_free_no_less_counts_than_with_one() -> None:
    assert {counted(0.5, 3, free).with_a_place for free in (None, 0, 1, 9)} == {counted(0.5, 3, 1).now}


def test_what_was_given_counts_half_after_a_quarter_and_a_clock_set_back_adds_nothing() -> None:
    assert (faded(4, 0), faded(4, HALF_LIFE_DAYS), faded(4, 2 * HALF_LIFE_DAYS), faded(4, -9)) == (4, 2, 1, 4)


@pytest.mark.parametrize("strength", [-0.1, 1.1])
def test_a_strength_is_a_share(strength: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        counted(strength, 1, 1)


def test_what_fits_a_little_better_gives_way_while_its_places_go_and_both_say_so() -> None:
    assert [match.group_id for match in proposed(Spread(), CHOIR, BAND).matches] == ["choir", "band"]
    spread = proposed(Spread({"choir": counted(0.5, 12, 4)}), CHOIR, BAND)
    assert first_reasons(spread) == [("band", "spread_first"), ("choir", "spread_later")]
    assert spread.matches[0].score < spread.matches[1].score
    assert render(spread.matches[0].reasons[0]) == "comes first because what fits even better is full or has already taken others"


def test_what_fits_better_and_is_not_shown_is_told_of_too() -> None:
    assert first_reasons(proposed(Spread({"choir": Counts(WAITING)}), CHOIR, BAND, top=1)) == [("band", "spread_first")]


def test_what_would_make_a_group_first_is_measured_by_what_counts() -> None:
    """Free, the band would score as high as the choir, and come before it by its id: but not where others were given its places."""
    codes = [reason.code for reason in proposed(Spread(), CHOIR, BAND).matches[1].would_improve]
    assert "if_free" in codes
    given = proposed(Spread({"band": Counts(0.6)}), CHOIR, BAND)
    assert "if_free" not in [reason.code for reason in given.matches[1].would_improve]


def test_a_full_group_would_be_first_with_a_place_only_if_so_few_were_given_lately() -> None:
    full = CHOIR.model_copy(update={"capacity": Capacity(maximum=9, available=0, waitlist=True)})
    few, many = (proposed(Spread({"choir": counted(0.9, given, 0)}), full, BAND).matches[1] for given in (0.1, 9))
    assert "if_place" in [reason.code for reason in few.would_improve]
    assert "if_place" not in [reason.code for reason in many.would_improve]


def shared(spread: Spread, free: dict[str, int], *keys: str) -> list[Ranked]:
    answer = proposed(spread, CHOIR, BAND)
    return share_places([Waiting(answer, key, float(number)) for number, key in enumerate(keys)], free, top=10).answers


def test_who_is_spread_is_spread_when_places_are_shared_too() -> None:
    spread = Spread({"choir": counted(0.5, 12, 4)})
    assert first_reasons(shared(spread, {"choir": 4, "band": 4}, "ada")[0]) == [("band", "spread_first"), ("choir", "spread_later")]


def test_where_sharing_gives_what_fits_best_nothing_is_said_of_something_better() -> None:
    spread = Spread({"choir": counted(0.5, 12, 4)})
    [ada, ben] = shared(spread, {"choir": 4, "band": 1}, "ada", "ben")
    by_first = {answer.matches[0].group_id: answer for answer in (ada, ben)}
    assert first_reasons(by_first["band"])[0] == ("band", "spread_first")
    codes = {reason.code for match in by_first["choir"].matches for reason in match.reasons}
    assert not codes & {"shared_out", "first_when_shared", "spread_first", "spread_later"}
    assert "likely_full" in codes


def test_what_is_expected_of_sharing_is_told_by_the_whole_score() -> None:
    answer = proposed(Spread({"band": Counts(0.6)}), BAND)
    assert share_places([Waiting(answer, "ada", 0.0)], {"band": 1}, top=1).jointly.total == answer.matches[0].score


def test_of_no_groups_nothing_counts() -> None:
    assert Spread({"choir": Counts(0.5, 0.5)}).of(np.array([], np.object_)).shape == (0, 2)
