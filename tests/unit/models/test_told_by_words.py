"""What the words of a text tell of who would go there, and of who goes where else: beside its vector, for groups with a history and without."""

from functools import cache

import numpy as np

from models.directory import Directory, Listed
from models.learned.habits import Habits, Whole
from models.learned.signals import Placed
from models.training.habits import habits_of
from models.training.texts import Texts
from schemas.group import Group
from tests.unit.models.attended_town import text_of_kind

KINDS = ("ukulele", "ramble")
GROUPS = 6


def written(group_id: str, words: str) -> Listed:
    """A group of which the vector says nothing, because all have the same."""
    return Listed(Group(group_id=group_id, name=group_id, description=words), text_of_kind(0))


def town(*new: Listed) -> Directory:
    known = [written(f"{kind}-{number}", f"{kind} every{chr(97 + number)}") for kind in KINDS for number in range(GROUPS)]
    return Directory.of([*known, *new])


@cache
def habits() -> Habits:
    visits = {f"{kind} {person}": groups for kind in KINDS for person, groups in of_kind(kind).items()}
    return habits_of(visits, town(), 2)


def of_kind(kind: str) -> dict[str, dict[str, int]]:
    """People who go to two groups of a kind each."""
    return {f"p{person}": {f"{kind}-{number}": 1 for number in (person % GROUPS, (person + 1) % GROUPS)} for person in range(60)}


def tastes_of(directory: Directory, group_id: str) -> Whole:
    return np.asarray(Placed.of(directory, habits()).told_tastes[directory.rows[group_id]])


def likes(kind: str, told: Whole) -> float:
    """How much people who went to groups of this kind would like what is told."""
    rows = [habits().index[f"{kind}-{number}"] for number in range(GROUPS)]
    return float((habits().tastes[rows] @ told).mean())


def test_a_new_group_is_told_by_its_words_who_would_like_it() -> None:
    told = tastes_of(town(written("new", "an evening of ukulele")), "new")
    assert likes("ukulele", told) > likes("ramble", told) + 100


def test_words_that_no_group_with_a_history_has_tell_nothing() -> None:
    directory = town(written("new", "chess"), written("silent", "of at"))
    assert np.array_equal(tastes_of(directory, "new"), tastes_of(directory, "silent"))


def test_what_is_told_of_a_group_with_a_history_is_told_as_if_it_had_none() -> None:
    seen = likes("ukulele", tastes_of(town(), "ukulele-0"))
    assert seen > likes("ramble", tastes_of(town(), "ukulele-0"))


def test_a_group_that_came_since_is_told_what_it_is_told_where_all_is_worked_out_anew() -> None:
    before, new = town(), written("new", "an evening of ukulele")
    changed = before.changed([new])
    told = Placed.of(changed, habits(), Placed.of(before, habits())).told_tastes[changed.rows["new"]]
    assert np.array_equal(told, tastes_of(town(new), "new"))


def test_of_two_small_groups_with_as_many_people_in_common_the_one_of_the_same_words_follows_more() -> None:
    directory = Directory.of(
        [written("a", "ukulele tunes"), written("b", "ukulele tunes"), written("c", "ramble hills"), written("d", "ramble hills")]
    )
    visits = {f"{one}{other}{number}": {one: 1, other: 1} for number in range(3) for one, other in ("ab", "ac", "bd", "cd")}
    found = habits_of(visits, directory, 2)
    assert found.shared[found.index["a"], found.index["b"]] == found.shared[found.index["a"], found.index["c"]]
    assert found.linked[found.index["a"], found.index["b"]] > found.linked[found.index["a"], found.index["c"]]


def test_a_text_is_most_like_itself_and_words_of_all_or_of_one_alone_do_not_count() -> None:
    texts = Texts.of(["a", "b", "c", "gone"], Directory.of([written("a", "tea chess"), written("b", "tea chess"), written("c", "tea")]))
    assert list(texts.carried) == ["chess", "tea"]
    assert texts.alike[0, 1] > texts.alike[0, 2] > 0
    assert not texts.alike[3].any()
