"""What is proposed out of a neighbourhood is what is proposed out of the whole directory, counts and near misses included."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from geopy.distance import distance
from hypothesis import given, settings
from hypothesis import strategies as st

from models import first_look, retrieval
from models.directory import Directory, Listed
from models.distance import geodesic_km
from models.matching import Ranked, propose
from models.neighbourhood import Box, laid_out
from models.ranker import packaged_prior
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.spreading import EVENLY, Counts, Spread
from schemas.group import Group
from schemas.referral import Needs, Travel
from tests.property.matching_cases import HOME, directories, listings, people

TODAY = date(2026, 3, 2)
TOP = 3
REACH = ReachDefaults(enough=2 * TOP)
"""A reach widens while fewer are left, whatever is shown."""
parts_that_count = st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)).map(lambda both: Counts(*both))
SEVERAL = settings(max_examples=80, deadline=None)
pytestmark = pytest.mark.timeout(300)


def proposed(seekers: Sequence[Seeker], directory: Directory, large: int, spread: Spread = EVENLY) -> list[Ranked]:
    """The answers where so many groups are a large directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "LARGE", large)
        patch.setattr(first_look, "MISSES", first_look.NEAREST)
        return propose(seekers, directory, packaged_prior(), top=TOP, today=TODAY, reach=REACH, spread=spread)


def alike(seekers: Sequence[Seeker], directory: Directory, spread: Spread = EVENLY) -> None:
    assert proposed(seekers, directory, 0, spread) == proposed(seekers, directory, 10**9, spread)


def moved(listed: Listed, north: float, east: float) -> Listed:
    """The same group elsewhere, where its place is known."""
    group = listed.group
    if group.latitude is None or group.longitude is None:
        return listed
    return replace(listed, group=group.model_copy(update={"latitude": group.latitude + north, "longitude": group.longitude + east}))


@given(directories(12), st.lists(people(), min_size=1, max_size=5))
@SEVERAL
def test_a_neighbourhood_is_the_whole_directory_to_who_lives_in_it(listed: list[Listed], seekers: list[Seeker]) -> None:
    alike(seekers, Directory.of(listed))


@given(directories(10), st.data(), st.lists(people(), min_size=1, max_size=4))
@SEVERAL
def test_groups_far_and_wide_are_counted_as_if_they_were_looked_at(listed: list[Listed], data: st.DataObject, seekers: list[Seeker]) -> None:
    aside = st.sampled_from((0.0, 0.0, 0.2, -0.4, 1.5, -20.0))
    alike(seekers, Directory.of([moved(one, data.draw(aside), data.draw(aside)) for one in listed]))


@given(directories(8), st.lists(listings("g01") | listings("new") | listings("g20"), max_size=3), st.lists(people(), min_size=1, max_size=3))
@SEVERAL
def test_a_change_keeps_what_was_laid_out_and_the_answers_right(listed: list[Listed], later: list[Listed], seekers: list[Seeker]) -> None:
    directory = Directory.of(listed)
    proposed(seekers, directory, 0)
    changed = directory.changed(later, ["g02"]).with_places({"g00": 3, "g01": 1})
    laid_out = vars(directory).get("laid_out")
    alike(seekers, changed)
    assert vars(changed).get("laid_out") is laid_out or laid_out is None
    assert proposed(seekers, changed, 0) == proposed(seekers, Directory.of(listed).changed(later, ["g02"]).with_places({"g00": 3, "g01": 1}), 10**9)


@pytest.mark.parametrize("home", [(89.9, 10.0), (-89.99, 0.0), (0.0, 179.99), (0.0, -180.0), (66.0, 179.95), (84.0, 12.0)])
def test_near_a_pole_and_the_date_line_nothing_near_is_left_out(home: tuple[float, float]) -> None:
    here, degrees = Box(home[0], home[0], home[1], home[1]).grown(30), [-40.0, -0.27, -0.1, 0.0, 0.1, 0.26, 12.0]
    groups = [(min(90.0, max(-90.0, home[0] + north)), (home[1] + east + 180) % 360 - 180) for north in degrees for east in [*degrees, 90.0, 180.0]]
    listed = [listing(f"g{number:03d}", *place) for number, place in enumerate(groups)]
    directory = Directory.of(listed)
    around = laid_out(directory)
    near = {directory.columns.ids[row] for row in around.order[around.near(here)]}
    assert {f"g{number:03d}" for number, place in enumerate(groups) if geodesic_km(home, place) <= 30} <= near


@given(directories(12), st.data(), st.lists(people(), min_size=1, max_size=3))
@SEVERAL
def test_of_many_groups_in_everyone_s_reach_the_best_are_found(listed: list[Listed], data: st.DataObject, seekers: list[Seeker]) -> None:
    modes = st.sampled_from(("online", "online", "hybrid", "in_person"))
    alike(seekers, Directory.of([replace(one, group=one.group.model_copy(update={"mode": data.draw(modes)})) for one in listed]))


@given(
    directories(12), st.dictionaries(st.sampled_from([f"g{number:02d}" for number in range(12)]), parts_that_count), st.lists(people(), max_size=3)
)
@SEVERAL
def test_where_people_are_spread_the_same_groups_come_first(listed: list[Listed], counts: dict[str, Counts], seekers: list[Seeker]) -> None:
    alike(seekers, Directory.of(listed), Spread(counts))


@given(directories(12), st.lists(people(), min_size=2, max_size=4))
@SEVERAL
def test_company_changes_nothing_in_a_large_directory(listed: list[Listed], seekers: list[Seeker]) -> None:
    directory = Directory.of(listed)
    assert proposed(seekers, directory, 0) == [proposed([seeker], directory, 0)[0] for seeker in seekers]


def test_a_group_just_at_the_widened_limit_is_as_far_for_everybody() -> None:
    walks = Seeker(Needs(tags=["music"], latitude=HOME[0], longitude=HOME[1], travel=Travel(mode="walk")), consented=True)
    for bearing in range(0, 360, 5):
        for km in (3.0, 4.0):
            place = distance(kilometers=km).destination(HOME, bearing)
            alike([walks], Directory.of([listing("g00"), listing("g01", place.latitude, place.longitude)]))


def listing(group_id: str, latitude: float = HOME[0], longitude: float = HOME[1]) -> Listed:
    """A group somewhere."""
    return Listed(Group(group_id=group_id, name="Choir", latitude=latitude, longitude=longitude))
