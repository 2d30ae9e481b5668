"""The directory as arrays: what identifies its content, and changes without a rebuild."""

from dataclasses import replace

import numpy as np
import pytest

from models.closeness import DIMENSIONS, cosines, on_grid
from models.columns import FREE, FULL, UNKNOWN, WAITING
from models.directory import TAIL, Directory, Listed
from models.listed import content_digest
from schemas.group import Group


def listed(group_id: str, name: str = "Choir") -> Listed:
    return Listed(Group(group_id=group_id, name=name))


def test_the_version_follows_the_content_and_nothing_else() -> None:
    one = Directory.of([listed("a"), listed("b")])
    assert one.version == Directory.of([listed("b"), listed("a"), listed("a")]).version
    assert one.version != Directory.of([listed("a"), listed("b", "Band")]).version
    assert one.version != Directory.of([listed("a")]).version
    assert one.version == one.changed([listed("b", "Band")]).changed([listed("b")]).version


def test_contact_unknown_fields_and_the_order_of_lists_do_not_change_a_groups_content() -> None:
    plain = Group.model_validate({"group_id": "a", "name": "Choir", "tags": ["music", "walking"], "sessions": [{"weekday": "mon", "start": "10:00"}]})
    richer = {
        "contact": {"name": "Ann"},
        "colour": "red",
        "tags": ["walking", "music"],
        "sessions": [{"weekday": "mon", "start": "10:00", "room": 2}],
    }
    assert content_digest(plain) == content_digest(Group.model_validate(plain.model_dump() | richer))
    assert content_digest(plain) != content_digest(plain.model_copy(update={"cost": 0.0}))


def test_a_change_keeps_what_is_laid_out_until_the_tail_outgrows_its_bound() -> None:
    directory = Directory.of(listed(f"g{number:04d}") for number in range(1000))
    changed = directory.changed([listed("g0500", "Band"), listed("new")], ["g0001", "never listed"])
    assert changed.vectors[0] is directory.vectors[0]
    assert len(changed) == 1000
    assert set(changed.rows) ^ set(directory.rows) == {"new", "g0001"}
    outgrown = changed.changed([listed(f"h{number:04d}") for number in range(TAIL)])
    assert len(outgrown.vectors) == 1
    assert not outgrown.gone.any()
    assert len(outgrown) == 1000 + TAIL


@pytest.mark.parametrize("came", [[], ["m"], ["b", "a", "zz", "g3"], ["g1"]])
@pytest.mark.parametrize("left", [[], ["g0", "g4"]])
def test_what_was_worked_out_before_a_change_is_as_if_worked_out_after_it(came: list[str], left: list[str]) -> None:
    directory = Directory.of(listed(f"g{number}") for number in range(5)).changed([listed("c")], ["g2"])
    asked_before = (directory.rank, directory.has_vector, directory.columns.position)
    along, anew = (one.changed(map(listed, came), left) for one in (directory, replace(directory, columns=replace(directory.columns))))
    assert along.rows == anew.rows
    assert along.rank.tolist() == anew.rank.tolist()
    assert along.has_vector.tolist() == anew.has_vector.tolist()
    assert along.columns.position.tobytes() == anew.columns.position.tobytes()
    assert len(along.rank) == len(asked_before[0]) + len(came)


def test_a_directory_may_lose_all_its_groups_and_gain_some_again() -> None:
    empty = Directory.of([listed("a")]).changed([], ["a"])
    assert (len(empty), empty.version) == (0, Directory.of([]).version)
    assert empty.changed([listed("a")]).version == Directory.of([listed("a")]).version


def test_a_texts_closeness_does_not_depend_on_its_neighbours() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((700, DIMENSIONS))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    vectors[350:] = vectors[:350]
    grid = on_grid(list(vectors))
    whole = grid[:300] @ grid[300:].T
    assert np.array_equal(whole, np.concatenate([grid[row : row + 1] @ grid[300:].T for row in range(300)]))
    assert np.array_equal(whole, np.stack([grid[:300] @ grid[row] for row in range(300, 700)], axis=1))
    assert np.allclose(cosines(whole), vectors[:300].astype(np.float64) @ vectors[300:].T.astype(np.float64), atol=6e-4)
    assert np.abs(whole).max() < 2**24


@pytest.mark.parametrize("vector", [np.ones(DIMENSIONS), np.full(DIMENSIONS, np.nan), np.ones(3) / 2])
def test_what_is_no_unit_vector_is_refused(vector: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    with pytest.raises(ValueError, match="a text's vector has"):
        Directory.of([Listed(Group(group_id="a", name="Choir"), vector.astype(np.float32))])


def test_places_are_told_anew_without_laying_anything_out_again() -> None:
    directory = Directory.of([listed("a"), listed("b")])
    assert directory.rank is not None
    assert directory.columns.position is not None
    full = directory.with_places({"a": FULL, "not listed": FREE})
    assert (full.columns.place[full.rows["a"]], directory.columns.place[directory.rows["a"]]) == (FULL, UNKNOWN)
    assert all(getattr(full, name) is getattr(directory, name) for name in ("rank", "rows", "codes", "sessions", "vectors"))
    assert full.columns.position is directory.columns.position
    assert full.with_places({"a": FULL, "b": UNKNOWN}) is full


def test_the_version_follows_the_places_and_not_their_history() -> None:
    directory = Directory.of([listed("a"), listed("b")])
    versions = [directory.with_places({group: state}).version for group in ("a", "b") for state in (FREE, WAITING, FULL)]
    assert len({directory.version, *versions}) == 7
    assert directory.with_places({"a": FULL}).with_places({"a": UNKNOWN}).version == directory.version
    both = directory.with_places({"a": FULL}).changed([listed("c")]).with_places({"b": FREE})
    assert both.version == Directory.of([listed(name) for name in "cba"]).with_places({"b": FREE, "a": FULL}).version
    assert both.changed([listed("a")]).version == Directory.of([listed(name) for name in "abc"]).with_places({"b": FREE}).version
