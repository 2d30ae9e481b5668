"""Proposals from end to end: who gets one, what abstaining looks like, and the record that leaves."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from models.directory import Directory, Listed
from models.matching import NeedsHuman, Ranked, propose, to_proposal
from models.ranker import packaged_prior
from models.seeker import Seeker, refuses_in_file
from schemas.group import Group
from schemas.referral import Needs

TODAY = date(2026, 1, 5)
SINGING = np.eye(384, dtype=np.float32)[0]


def seeker(needs: dict[str, Any] | None = None, **known: Any) -> Seeker:
    return Seeker(Needs.model_validate({"tags": ["music"], "consent": {"match": True}, **(needs or {})}), **known)


def listed(group_id: str, vector: Any = None, **facts: Any) -> Listed:
    return Listed(Group.model_validate({"group_id": group_id, "name": group_id, **facts}), vector)


def propose_one(one: Seeker, *groups: Listed, top: int = 10) -> Ranked:
    return propose([one], Directory.of(groups), packaged_prior(), top=top, today=TODAY)[0]


WITHHELD: list[tuple[NeedsHuman, Seeker]] = [
    ("red_flag", seeker({"flags": ["self_harm"]})),
    ("red_flag", seeker(open_flags=True)),
    ("red_flag", seeker({"flags": ["abuse"], "consent": None})),
    ("no_consent", seeker({"consent": None})),
    ("no_consent", seeker({"consent": {"sms": True}})),
    ("no_consent", seeker(consented=False)),
    ("too_little_known", seeker({"tags": [], "age": 80, "gender": "female"})),
    ("too_little_known", seeker({"tags": [], "attended": [{"group_id": "a", "sessions": 0}]})),
]


@pytest.mark.parametrize(("why", "one"), WITHHELD)
def test_nothing_is_proposed_where_a_human_must_look_first(why: NeedsHuman, one: Seeker) -> None:
    answer = propose_one(one, listed("a"))
    assert (answer.needs_human, answer.matches, answer.nearest_ruled_out) == (why, (), ())


ENOUGH: list[Seeker] = [
    seeker({"tags": [], "consent": None}, vector=SINGING, consented=True),
    seeker({"tags": []}, words=("choir",)),
    seeker({"tags": [], "attended": [{"group_id": "b"}]}),
    seeker({"tags": [], "max_cost": 0}),
    seeker({"tags": [], "travel": {"mode": "bus"}}),
]


@pytest.mark.parametrize("one", ENOUGH)
def test_any_one_preference_is_enough_to_propose_on(one: Seeker) -> None:
    assert [match.group_id for match in propose_one(one, listed("a")).matches] == ["a"]


def test_in_a_file_only_an_outright_no_is_a_refusal() -> None:
    silent, partial, refused = (Needs.model_validate({"consent": consent}) for consent in (None, {"sms": True}, {"match": False}))
    assert [refuses_in_file(needs) for needs in (silent, partial, refused)] == [False, False, True]


def test_an_empty_directory_has_nobody_in_reach() -> None:
    assert propose_one(seeker()).needs_human == "nobody_in_reach"


def test_the_group_that_does_what_matters_to_the_person_comes_first() -> None:
    other = np.eye(384, dtype=np.float32)[1]
    answer = propose_one(seeker(vector=SINGING), listed("a", other), listed("b", SINGING), listed("c"))
    assert [match.group_id for match in answer.matches] == ["b", "c", "a"]
    assert ("interests", None) in answer.matches[0].reasons


def test_a_group_like_those_attended_comes_before_one_that_is_not() -> None:
    near = np.asarray(0.8 * SINGING + 0.6 * np.eye(384)[5], np.float32)
    been = {"tags": [], "attended": [{"group_id": "was", "sessions": 4}]}
    answer = propose_one(seeker(been), listed("a", np.eye(384, dtype=np.float32)[9]), listed("b", near), listed("was", SINGING))
    assert [match.group_id for match in answer.matches] == ["b", "a"]
    assert ("taste", None) in answer.matches[0].reasons


def test_a_group_that_was_offered_but_never_attended_says_nothing_of_taste() -> None:
    offered = {"attended": [{"group_id": "was", "sessions": 0}]}
    answer = propose_one(seeker(offered), listed("a", SINGING), listed("was", SINGING))
    assert "taste" not in {reason.code for match in answer.matches for reason in match.reasons}


@pytest.mark.parametrize(("cosine", "is_close"), [(0.45, True), (0.35, False)])
def test_a_weak_likeness_of_texts_ranks_but_is_not_called_close(cosine: float, is_close: bool) -> None:
    alike = np.asarray(cosine * SINGING + np.sqrt(1 - cosine**2) * np.eye(384)[5], np.float32)
    first = propose_one(seeker(vector=SINGING), listed("a"), listed("b", alike)).matches[0]
    assert first.group_id == "b"
    assert (("interests", None) in first.reasons) is is_close


def test_what_is_said_as_a_tag_is_not_said_again_as_a_word() -> None:
    choir = Listed(Group(group_id="a", name="Choir", tags=["singing"]), words=("dogs", "singing"))
    reasons = propose_one(seeker({"tags": ["singing"]}, words=("dogs", "singing")), choir).matches[0].reasons
    assert [reason for reason in reasons if reason.code in ("tags", "words")] == [("tags", "singing"), ("words", "dogs")]


def test_a_hybrid_group_further_than_people_usually_go_is_joined_from_home() -> None:
    home = {"latitude": 51.5, "longitude": -0.1, "travel": {"mode": "walk"}}
    answer = propose_one(seeker(home), *(listed(f"a{degrees}", mode="hybrid", latitude=degrees, longitude=-0.1) for degrees in (51.6, 55)))
    assert len({match.score for match in answer.matches}) == 1
    assert [match.distance_km for match in answer.matches] == [11.126, 389.518]


def test_equal_scores_come_in_the_order_of_their_ids_and_top_cuts_there() -> None:
    groups = [listed(group_id) for group_id in ("m", "b", "z", "a", "k")]
    answer = propose_one(seeker(), *groups, top=3)
    assert [(match.group_id, match.rank) for match in answer.matches] == [("a", 1), ("b", 2), ("k", 3)]


def test_a_contrast_names_the_one_change_that_would_put_a_match_first() -> None:
    answer = propose_one(seeker(), listed("a", cost=0), listed("b", cost=6))
    assert [match.group_id for match in answer.matches] == ["a", "b"]
    assert answer.matches[0].would_improve == ()
    assert "if_free" not in {change.code for change in answer.matches[1].would_improve}
    assert "if_free" in {change.code for change in propose_one(seeker(), listed("b", cost=0), listed("a", cost=6)).matches[1].would_improve}


def test_asking_for_no_group_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one group"):
        propose_one(seeker(), listed("a"), top=0)


def test_a_proposal_carries_everything_in_words() -> None:
    home = {"latitude": 51.5, "longitude": -0.1, "max_cost": 1, "access_needs": ["step_free"]}
    answer = propose_one(seeker(home), listed("a", latitude=51.51, longitude=-0.1, tags=["music"], cost=0), listed("b", cost=5))
    proposal = to_proposal(answer, "R1", "P1")
    assert (proposal.referral_id, proposal.person_id, proposal.needs_human) == ("R1", "P1", None)
    assert (proposal.model, proposal.directory_version) == (answer.model, answer.directory_version)
    [match] = proposal.matches
    assert (match.group_id, match.rank, match.distance_km, match.propensity) == ("a", 1, 1.113, 1.0)
    assert match.reasons[0] == "it shares your interest in music"
    assert {"1.1 km away", "free of charge", "no access information: ask before the visit"} <= set(match.reasons)
    assert proposal.ruled_out == {"cost": 1}
    assert [(near.group_id, near.rule) for near in proposal.nearest_ruled_out] == [("b", "cost")]


def test_what_is_not_known_is_none_among_the_recorded_features() -> None:
    [match] = propose_one(seeker(), listed("a", tags=["music"])).matches
    assert [value for value in match.features if value is not None] == [1.0]
