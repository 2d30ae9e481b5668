"""What a person refuses, and groups for people in one situation of life: neither is suggested where there is anything else."""

from datetime import date

import pytest

from models.directory import Directory, Listed
from models.explain import render
from models.matching import Ranked, propose
from models.ranker import packaged_prior
from models.seeker import Seeker
from models.text.words import hear
from schemas.group import Group
from schemas.referral import Needs

TODAY = date(2026, 3, 2)


def listed(group_id: str, name: str, *tags: str) -> Listed:
    group = Group(group_id=group_id, name=name, tags=list(tags))
    return Listed(group, None, hear("\n".join([name, *tags])).wanted)


def proposed(said: str, *groups: Listed) -> Ranked:
    heard = hear(said)
    seeker = Seeker(Needs(), None, heard.wanted, heard.refused, consented=True)
    [ranked] = propose([seeker], Directory.of(groups), packaged_prior(), today=TODAY)
    return ranked


def order(ranked: Ranked) -> list[str]:
    return [match.group_id for match in ranked.matches]


def test_what_is_refused_comes_last() -> None:
    ranked = proposed(
        "I like a bit of company and cooking. I hate bingo.", listed("a-bingo", "Eyes Down", "bingo"), listed("b-chess", "Library Chess", "chess")
    )
    assert order(ranked) == ["b-chess", "a-bingo"]


def test_a_mention_in_passing_is_no_refusal_of_the_group() -> None:
    ranked = proposed("I like cooking. No dancing for me.", listed("a-lunch", "Community Supper", "lunch-club"))
    assert ranked.matches[0].features[3] == 1.0


@pytest.mark.parametrize(
    ("name", "tag", "asked"),
    [("Grief Walk", "bereavement", "I lost my wife and I am grieving"), ("Carers' Cuppa", "carers", "I would like to meet other carers")],
)
def test_a_group_for_one_situation_of_life_is_for_those_who_ask(name: str, tag: str, asked: str) -> None:
    special, chess = listed("a-special", name, tag), listed("b-chess", "Library Chess", "chess")
    assert order(proposed("I would like some company and a quiz", special, chess)) == ["b-chess", "a-special"]
    assert order(proposed(asked, special, chess)) == ["a-special", "b-chess"]


def test_it_is_said_that_a_group_is_for_people_with_a_situation_of_their_own() -> None:
    ranked = proposed("I would like some company and a quiz", listed("a-special", "Memory Lane", "memory-cafe"))
    told = [render(reason) for reason in ranked.matches[0].reasons]
    assert "meant for people with a situation of their own (a memory café): ask whether it is theirs" in told


def test_of_a_match_for_which_no_wish_speaks_it_is_said_that_it_is_a_guess() -> None:
    ranked = proposed("I would like to play chess", listed("a-chess", "Library Chess", "chess"), listed("b-quiz", "Quiz Night", "quiz"))
    guesses = [match.group_id for match in ranked.matches if "a_guess" in {reason.code for reason in match.reasons}]
    assert guesses == ["b-quiz"]


def test_to_ask_for_peer_support_is_not_to_be_in_the_situation_that_a_group_is_for() -> None:
    caution = "meant for people with a situation of their own"
    cafe, support = listed("a-cafe", "Memory Lane", "memory-cafe", "peer-support"), listed("b-support", "In the Same Boat", "peer-support")
    for match in proposed("I would like some peer support", cafe, support).matches:
        assert any(render(reason).startswith(caution) for reason in match.reasons)
    [asked] = proposed("I would like a memory café and peer support", cafe).matches
    assert not any(render(reason).startswith(caution) for reason in asked.reasons)
