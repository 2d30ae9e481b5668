"""The learned ranker, whoever asks about whichever groups: the same answer in any company and order, and nearer is never worse."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import retrieval
from models.directory import Directory, Listed
from models.explain import Reason
from models.matching import Ranked, propose
from models.seeker import Seeker
from schemas.referral import Attended, Travel
from tests.property.matching_cases import HOME, directories, listings, people
from tests.unit.models.attended_town import GROUPS, KINDS, TODAY, attendance, group_id, groups, learned, somebody

FEWER = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TOWN = groups(new=1)
WENT: dict[str, set[str]] = defaultdict(set)
for row in attendance():
    WENT[row.group_id].add(row.person_id)
histories = st.dictionaries(
    st.sampled_from([group_id(kind, number) for kind in range(len(KINDS)) for number in range(GROUPS)]), st.integers(1, 9), max_size=3
)


@st.composite
def experienced(draw: st.DrawFn) -> Seeker:
    """Somebody who has been to some groups of the town."""
    seeker, been = draw(people()), draw(histories)
    attended = [Attended(group_id=group, sessions=sessions) for group, sessions in been.items()]
    return replace(seeker, needs=seeker.needs.model_copy(update={"attended": attended, "travel": None, "availability": []}))


def answers(seekers: list[Seeker], listed: list[Listed]) -> list[Ranked]:
    return propose(seekers, Directory.of(listed), learned(), today=TODAY)


@FEWER
@given(st.lists(experienced(), min_size=2, max_size=4), directories(), st.randoms(use_true_random=False))
def test_an_answer_depends_neither_on_company_nor_on_order(seekers: list[Seeker], listed: list[Listed], chance: object) -> None:
    everything = [*TOWN, *listed]
    alone = [answers([seeker], everything)[0] for seeker in seekers]
    shuffled = sorted(everything, key=lambda item: hash((item.group.group_id, str(chance))))
    assert answers(seekers, everything) == alone
    assert answers(seekers[::-1], shuffled)[::-1] == alone


@FEWER
@given(experienced(), listings("g00"), st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)), st.booleans())
def test_nearer_is_never_worse_all_else_equal(seeker: Seeker, listed: Listed, away: tuple[float, float], first_by_id: bool) -> None:
    unlimited = replace(seeker, needs=seeker.needs.model_copy(update={"latitude": HOME[0], "longitude": HOME[1]}))
    near, far = (
        replace(listed, group=listed.group.model_copy(update={"group_id": name, "latitude": HOME[0] + north, "longitude": HOME[1]}))
        for name, north in zip(("a", "b") if first_by_id else ("b", "a"), sorted(away), strict=True)
    )
    score = {match.group_id: match.score for match in answers([unlimited], [near, far])[0].matches}
    if score:
        assert score[near.group.group_id] >= score[far.group.group_id]


@FEWER
@given(st.lists(experienced(), min_size=1, max_size=3), directories(), st.sampled_from((None, 1.0, 3.0)))
def test_out_of_a_part_of_the_directory_come_the_answers_of_the_whole(seekers: list[Seeker], listed: list[Listed], km: float | None) -> None:
    travel = None if km is None else Travel.model_validate({"mode": "walk", "max_km": km})
    seekers = [replace(one, needs=one.needs.model_copy(update={"travel": travel})) for one in seekers]
    whole = answers(seekers, [*TOWN, *listed])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "LARGE", 0)
        assert answers(seekers, [*TOWN, *listed]) == whole


@FEWER
@given(experienced())
def test_scores_are_probabilities_that_fall(seeker: Seeker) -> None:
    scores = [match.score for match in answers([seeker], TOWN)[0].matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_the_town_is_one_that_something_can_be_learned_from() -> None:
    assert learned().mix.joins > 0.5
    assert learned().mix.prior_share["nearness"] == pytest.approx(0.5, abs=0.45)


@FEWER
@given(experienced())
def test_the_same_people_are_spoken_of_where_five_or_more_went_to_both(seeker: Seeker) -> None:
    been = {group.group_id for group in seeker.needs.attended}
    for match in answers([seeker], TOWN)[0].matches:
        if "same_people" in [reason.code for reason in match.reasons]:
            assert sum(len(WENT[group] & WENT[match.group_id]) for group in been) >= 5


def test_the_same_people_are_spoken_of_at_all() -> None:
    matches = answers([somebody({"music-0": 5, "music-1": 3})], TOWN)[0].matches
    said = {match.group_id for match in matches if Reason("same_people") in match.reasons}
    assert said
    assert all(group.startswith("music") for group in said)
