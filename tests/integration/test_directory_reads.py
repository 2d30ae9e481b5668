"""What is read out of the directory: pages, filters as the UK profile of HSDS 3 means them, and groups around a point."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.distance import geodesic_km
from services.directory.domain import DelistMissing
from services.directory.store import Near, Wanted
from services.directory.store.reads import AT_ONCE
from tests.integration.directory_folder import Folder, folder, group

HERE = (53.8, -1.55)
PLACED = {"here": HERE, "near": (53.81, -1.55), "far": (53.9, -1.55), "abroad": (48.8, 2.3)}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    with folder(tmp_path_factory.mktemp("town")) as opened:
        opened.list(
            [
                group("adults", minimum_age=18, tags=["Chess", "tea"], sessions=[{"weekday": "mon", "start": "19:00", "end": "21:00"}]),
                group("all", tags=["tea"], sessions=[{"weekday": "mon", "start": "10:00", "end": "12:00"}, {"weekday": "fri", "start": "19:00"}]),
                group("gone", minimum_age=18, tags=["tea"], latitude=HERE[0], longitude=HERE[1]),
                group("older", minimum_age=60, maximum_age=90),
                group("young", minimum_age=11, maximum_age=17),
                *(group(name, latitude=latitude, longitude=longitude) for name, (latitude, longitude) in PLACED.items()),
            ]
        )
        opened.embedded.decide("directory", [DelistMissing("town", frozenset(opened.listed()) - {"gone"})])
        yield opened


def ids(town: Folder, wanted: Wanted) -> list[str]:
    """The ids that are wanted, which are as many as are counted."""
    with town.reading() as store:
        found = [listed.group.group_id for listed in store.page(wanted, 100)]
        assert store.count(wanted) == len(found)
    return found


def test_pages_follow_one_another_by_id_and_leave_out_what_is_delisted(town: Folder) -> None:
    with town.reading() as store:
        first = [listed.group.group_id for listed in store.page(Wanted(), 5)]
        rest = [listed.group.group_id for listed in store.page(Wanted(), 5, after=first[-1])]
        third = [listed.group.group_id for listed in store.page(Wanted(), 2, offset=2)]

    assert first == ["abroad", "adults", "all", "far", "here"]
    assert rest == ["near", "older", "young"]
    assert third == ["all", "far"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(search="group ADULTS"), ["adults"]),
        (Wanted(search="chess tea"), ["adults"]),
        (Wanted(search="100%"), []),
        (Wanted(search="name"), []),
        (Wanted(tag="tea"), ["adults", "all"]),
        (Wanted(tag=" CHESS"), ["adults"]),
        (Wanted(minimum_age=18), ["adults", "older"]),
        (Wanted(maximum_age=20), ["young"]),
        (Wanted(minimum_age=11, maximum_age=90), ["older", "young"]),
        (Wanted(weekday="mon"), ["adults", "all"]),
        (Wanted(weekday="mon", starts_from="12:00"), ["adults"]),
        (Wanted(weekday="fri", starts_from="12:00"), ["all"]),
        (Wanted(weekday="fri", ends_by="24:00"), []),
        (Wanted(ends_by="12:00"), ["all"]),
        (Wanted(tag="tea", minimum_age=18, weekday="mon", starts_from="19:00", ends_by="21:00"), ["adults"]),
    ],
)
def test_all_that_is_asked_for_must_hold_and_times_of_one_session(town: Folder, wanted: Wanted, found: list[str]) -> None:
    assert ids(town, wanted) == found


def test_groups_around_a_point_come_nearest_first_with_the_geodesic(town: Folder) -> None:
    with town.reading() as store:
        found = store.around(Near(*HERE, 20), Wanted())

    assert [group_id for _, group_id in found] == ["here", "near", "far"]
    assert [km for km, _ in found] == pytest.approx([geodesic_km(HERE, PLACED[group_id]) for _, group_id in found], abs=1e-3)


def test_what_is_asked_around_a_point_is_still_filtered(town: Folder) -> None:
    with town.reading() as store:
        assert store.around(Near(*HERE, 20), Wanted(tag="tea")) == []
        assert [group_id for _, group_id in store.around(Near(*HERE, 1.0), Wanted())] == ["here"]


@pytest.mark.parametrize(
    ("here", "there", "km", "found"),
    [
        ((0, 179.9), (0, -179.9), 30, True),
        ((0, -179.9), (0, 179.9), 30, True),
        ((0, 179.9), (0, -179.9), 20, False),
        ((89.95, 0), (89.95, 180), 30, True),
        ((-89.95, 90), (-89.95, -90), 30, True),
        ((70, 20), (70, 25), 200, True),
        ((53.8, -1.55), (53.8 + 199.9 / 111.3, -1.55), 200, True),
    ],
)
def test_reach_goes_across_the_180th_meridian_and_over_the_poles(
    tmp_path: Path, here: tuple[float, float], there: tuple[float, float], km: float, found: bool
) -> None:
    with folder(tmp_path) as edge:
        edge.list([group("there", latitude=there[0], longitude=there[1]), group("nowhere")])
        with edge.reading() as store:
            assert [group_id for _, group_id in store.around(Near(*here, km), Wanted())] == (["there"] if found else [])


def test_all_groups_are_read_page_by_page(tmp_path: Path) -> None:
    with folder(tmp_path) as large:
        large.list([group(f"g{number:04}") for number in range(AT_ONCE + 1)])
        assert list(large.listed()) == [f"g{number:04}" for number in range(AT_ONCE + 1)]
