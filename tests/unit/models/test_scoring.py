"""The two loneliness questions come to the sums and words of the published scales."""

from itertools import product

import pytest

from models.scoring import score_direct, score_loneliness, score_ucla3


@pytest.mark.parametrize("items", list(product((1, 2, 3), repeat=3)))
def test_ucla_items_are_kept_and_summed_from_three_to_nine(items: tuple[int, int, int]) -> None:
    scored = score_ucla3(items)
    assert scored.items == items
    assert scored.total == sum(items)
    assert 3 <= scored.total <= 9


@pytest.mark.parametrize(
    ("items", "convention"), [((2, 2, 1), "not lonely by convention"), ((2, 2, 2), "lonely by convention"), ((3, 3, 3), "lonely by convention")]
)
def test_six_and_more_is_lonely_by_convention_and_says_that_it_is_one(items: tuple[int, int, int], convention: str) -> None:
    assert score_ucla3(items).convention == convention


@pytest.mark.parametrize(
    ("answer", "words"), [(1, "often or always"), (2, "some of the time"), (3, "occasionally"), (4, "hardly ever"), (5, "never")]
)
def test_the_direct_answer_gets_its_words(answer: int, words: str) -> None:
    assert score_direct(answer).words == words


@pytest.mark.parametrize("items", [(0, 1, 1), (1, 4, 1), (1, 1, -3)])
def test_an_item_off_the_scale_is_refused(items: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="1, 2 or 3"):
        score_ucla3(items)


@pytest.mark.parametrize("answer", [0, 6, -1])
def test_a_direct_answer_off_the_scale_is_refused(answer: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        score_direct(answer)


def test_a_question_that_was_not_asked_has_no_score() -> None:
    assert score_loneliness(None, None).ucla3 is None
    only_direct = score_loneliness(None, 2)
    assert (only_direct.ucla3, only_direct.direct) == (None, score_direct(2))
    assert score_loneliness((1, 2, 3), None).ucla3 == score_ucla3((1, 2, 3))
