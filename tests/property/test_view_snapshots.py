"""A view that was frozen in the middle of its streams and taken up again knows what a view knows that was told everything."""

from dataclasses import fields
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.columns import ROW
from models.directory import Directory, Listed
from models.frozen import frozen, thawed
from models.ranker import packaged_prior
from models.seeker import Seeker
from models.text.encoder import pack
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.places import PlaceHeld
from services.chassis.clock import HandSetClock
from services.matcher.directory_view import DirectoryView
from tests.property.matching_cases import directories, easily_pleased, listings
from tests.unit.matcher.matcher_cases import NOW, ranking_by

GROUPS = [f"g{number:02d}" for number in range(6)]


@st.composite
def facts(draw: st.DrawFn) -> Data:
    """A group listed or delisted, or a place of one held."""
    group_id = draw(st.sampled_from(GROUPS))
    kind = draw(st.sampled_from(("listed", "listed", "listed", "held", "delisted")))
    if kind == "delisted":
        return GroupDelisted(group_id=group_id, feed="town")
    if kind == "held":
        free, count = draw(st.none() | st.integers(0, 2)), draw(st.integers(1, 9))
        return PlaceHeld(group_id=group_id, place_id="p", person="ada", case_id="c", free=free, count=count)
    one: Listed = draw(listings(group_id))
    vector = None if one.vector is None else pack(one.vector)
    return GroupListed(group_id=group_id, feed=one.feed, content="", group=one.group, vector=vector, words=list(one.words))


def view_of(strength: float) -> DirectoryView:
    return DirectoryView(ranking_by(packaged_prior(), clock := HandSetClock(NOW)), clock, strength)


@given(st.lists(facts(), min_size=4, max_size=16), st.data(), st.lists(easily_pleased(), min_size=1, max_size=3))
@settings(max_examples=20)
def test_a_snapshot_and_what_came_behind_it_are_the_whole_stream(told: list[Data], data: st.DataObject, people: list[Seeker]) -> None:
    events: list[Event[Data]] = [Event(f"e{place}", "/test", NOW + timedelta(minutes=place), one, "e") for place, one in enumerate(told)]
    cut = data.draw(st.integers(0, len(events)))
    strength = data.draw(st.sampled_from((0.0, 0.5)))
    whole, before, after = view_of(strength), view_of(strength), view_of(strength)
    for event in events:
        whole.apply([event])
    before.apply(events[:cut])
    before.propose(people)
    after.take_up(read_only(before.frozen()))
    after.apply(events[cut:])
    assert after.propose(people) == whole.propose(people)
    again = view_of(strength)
    again.take_up(after.frozen())
    assert {name: array.tobytes() for name, array in again.frozen().items()} == {name: array.tobytes() for name, array in after.frozen().items()}


def read_only(arrays: "dict[str, NDArray[np.generic]] | object") -> dict[str, NDArray[np.generic]]:
    """The arrays as a file that is mapped into memory gives them."""
    assert isinstance(arrays, dict)
    for array in arrays.values():
        array.setflags(write=False)
    return arrays


@given(directories(), directories(3))
@settings(max_examples=30)
def test_a_directory_with_a_tail_thaws_to_itself(listed: list[Listed], later: list[Listed]) -> None:
    directory = Directory.of(listed).changed(later, ["g05"])
    found = thawed(frozen(directory))
    assert (found.version, found.settled, found.rows) == (directory.version, directory.settled, directory.rows)
    assert [vectors.tolist() for vectors in found.vectors] == [vectors.tolist() for vectors in directory.vectors]
    for name in ROW:
        assert np.array_equal(getattr(found.columns, name), getattr(directory.columns, name), equal_nan=ROW[name] is np.float64)
    for field in fields(directory.codes):
        mine, theirs = getattr(found.codes, field.name), getattr(directory.codes, field.name)
        assert {code: rows.tolist() for code, rows in mine.rows.items()} == {code: rows.tolist() for code, rows in theirs.rows.items()}
