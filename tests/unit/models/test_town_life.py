"""How the town's people live with a referral: seeded, each decision for itself, in shares that lose some at every step."""

from collections import Counter

import pytest

from models.screening import screen
from models.town.life import Answer, Life
from models.town.written import read

LIFE = Life(1)
MANY = 2_000


def test_the_same_question_has_the_same_answer_whenever_it_is_asked() -> None:
    assert [LIFE.choice(f"case-{n}", 1) for n in range(50)] == [LIFE.choice(f"case-{n}", 1) for n in range(50)]
    assert LIFE.comes("ada", "choir", 1, 0.3) == Life(1).comes("ada", "choir", 1, 0.3)


def test_another_seed_is_another_town() -> None:
    assert [LIFE.choice(f"case-{n}", 1) for n in range(50)] != [Life(2).choice(f"case-{n}", 1) for n in range(50)]


def test_most_agree_on_the_first_group_and_some_on_none() -> None:
    choices = Counter(LIFE.choice(f"case-{n}", 1) for n in range(MANY))
    assert choices["first"] > MANY / 2 > choices["second"] > choices["third"] > 0
    assert 0.05 < choices["decline"] / MANY < 0.15


def test_who_is_likely_to_come_back_comes_more_often() -> None:
    for visit in (1, 2):
        likely, unlikely = (sum(LIFE.comes(f"p{n}", "choir", visit, estimate) for n in range(MANY)) for estimate in (0.5, 0.1))
        assert likely > unlikely + MANY / 20


def test_fewer_come_a_second_time_than_a_first() -> None:
    first, second = (sum(LIFE.comes(f"p{n}", "choir", visit, 0.25) for n in range(MANY)) for visit in (1, 2))
    assert second < 0.9 * first


def test_some_are_silent_some_stop_and_most_who_answer_say_what_is_so() -> None:
    answers = Counter(LIFE.answer(f"p{n}", f"touch-{n}", came=True) for n in range(MANY))
    assert 0.1 < answers[None] / MANY < 0.4
    assert answers["came"] > MANY / 2
    assert {"stop", "help", "unclear", "red_flag"} < answers.keys()
    assert "did_not_come" not in answers


@pytest.mark.parametrize("answer", ["came", "did_not_come", "unclear", "stop", "help"])
def test_what_is_written_raises_no_flag(answer: Answer) -> None:
    assert [text for text in read("replies.toml")[answer] if screen(text)] == []


def test_a_worrying_answer_is_noticed() -> None:
    assert all(screen(LIFE.words("red_flag", f"touch-{n}")) for n in range(20))


def test_nobody_feels_lonelier_by_the_questions_than_the_scale_allows() -> None:
    for n in range(200):
        *items, direct = LIFE.feels(f"p{n}", (1, 3, 2))
        assert all(1 <= item <= 3 for item in items)
        assert 1 <= direct <= 5
