"""A person's answer depends on that person and the groups alone, however they are ordered, repeated, batched or came to be listed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import directory as directory_module
from models import retrieval
from models.directory import Directory, Listed
from models.features import FEATURES
from models.matching import Ranked, propose
from models.ranker import packaged_prior
from models.seeker import Seeker
from tests.property.matching_cases import HOME, directories, listings, people

TODAY = date(2026, 1, 5)
FEWER = settings(max_examples=60)
"""Each example is a whole directory."""


def answers(seekers: Sequence[Seeker], directory: Directory) -> list[Ranked]:
    return propose(seekers, directory, packaged_prior(), today=TODAY)


@FEWER
@given(st.lists(people(), min_size=1, max_size=3), directories(), st.randoms(use_true_random=False))
def test_the_order_of_groups_and_repeats_among_them_change_nothing(seekers: list[Seeker], listed: list[Listed], chance: Random) -> None:
    shuffled = [*listed, chance.choice(listed)]
    chance.shuffle(shuffled)
    assert answers(seekers, Directory.of(shuffled)) == answers(seekers, Directory.of(listed))


@FEWER
@given(people(), listings("g00"), listings("g00"))
def test_two_contents_under_one_id_are_settled_alike_in_any_order(seeker: Seeker, one: Listed, other: Listed) -> None:
    assert answers([seeker], Directory.of([one, other])) == answers([seeker], Directory.of([other, one]))


@FEWER
@given(st.lists(people(), min_size=2, max_size=40), directories())
def test_the_others_in_a_batch_change_nothing(seekers: list[Seeker], listed: list[Listed]) -> None:
    directory = Directory.of(listed)
    together = answers(seekers, directory)
    assert together == [answers([seeker], directory)[0] for seeker in seekers]
    assert together == answers(seekers[::-1], directory)[::-1]


@FEWER
@given(st.lists(people(), min_size=2, max_size=9), directories(), st.integers(1, 40))
def test_the_size_of_a_block_changes_nothing(seekers: list[Seeker], listed: list[Listed], cells: int) -> None:
    directory = Directory.of(listed)
    whole = answers(seekers, directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "CELLS", cells)
        assert answers(seekers, directory) == whole


@FEWER
@given(st.data(), st.lists(people(), min_size=1, max_size=3), directories(), st.sampled_from((0, 2, 256)))
def test_a_directory_that_was_changed_answers_as_one_made_anew(data: st.DataObject, seekers: list[Seeker], listed: list[Listed], tail: int) -> None:
    wanted = {item.group.group_id: item for item in listed}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory_module, "TAIL", tail)
        changed = Directory.of(listed)
        for _ in range(data.draw(st.integers(1, 4))):
            ids = data.draw(st.lists(st.sampled_from(("g00", "g01", "g05", "n01", "n02")), max_size=3, unique=True))
            new = [data.draw(listings(group_id)) for group_id in ids]
            gone = data.draw(st.lists(st.sampled_from(("g00", "g02", "n01", "never")), max_size=2))
            changed = changed.changed(new, gone)
            wanted = {group_id: item for group_id, item in wanted.items() if group_id not in gone} | {item.group.group_id: item for item in new}
    anew = Directory.of(wanted.values())
    assert (len(changed), changed.version) == (len(anew), anew.version)
    assert answers(seekers, changed) == answers(seekers, anew)


@FEWER
@given(st.lists(people(), min_size=1, max_size=3), directories(), st.integers(1, 4))
def test_matches_come_by_falling_score_and_then_by_id(seekers: list[Seeker], listed: list[Listed], top: int) -> None:
    directory = Directory.of(listed)
    for whole, few in zip(answers(seekers, directory), propose(seekers, directory, packaged_prior(), top=top, today=TODAY), strict=True):
        assert [(-match.score, match.group_id) for match in whole.matches] == sorted((-match.score, match.group_id) for match in whole.matches)
        assert [match.rank for match in whole.matches] == list(range(1, len(whole.matches) + 1))
        assert all(0 < match.score < 1 and len(match.features) == len(FEATURES) for match in whole.matches)
        assert few.matches == whole.matches[:top]


@FEWER
@given(people(), listings("g00"), st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)), st.booleans())
def test_nearer_is_never_worse_all_else_equal(seeker: Seeker, listed: Listed, away: tuple[float, float], first_by_id: bool) -> None:
    unlimited = replace(seeker, needs=seeker.needs.model_copy(update={"travel": None, "latitude": HOME[0], "longitude": HOME[1], "attended": []}))
    near, far = (
        replace(listed, group=listed.group.model_copy(update={"group_id": group_id, "latitude": HOME[0] + north, "longitude": HOME[1]}))
        for group_id, north in zip(("a", "b") if first_by_id else ("b", "a"), sorted(away), strict=True)
    )
    score = {match.group_id: match.score for match in answers([unlimited], Directory.of([near, far]))[0].matches}
    if score:
        assert score[near.group.group_id] >= score[far.group.group_id]
