"""Whoever reads the directory back from HSDS finds the groups that were shown, in everything that HSDS can carry."""

import json
from datetime import date
from string import ascii_letters, digits

from hypothesis import given
from hypothesis import strategies as st

from schemas.group import Capacity, Group, GroupContact, Session
from schemas.record import WEEKDAYS
from services.directory.feeds import read_feed
from services.directory.hsds import as_page, as_service

ADDRESS = "https://our.example/hsds/services"
ACCESS = ["step_free", "hearing_loop", "quiet_space", "parking", "dogs_welcome"]
UPDATED = "2026-02-01T10:00:00Z"

WORDS = st.text(alphabet=ascii_letters + digits + " ,.'’–éñ&<>/:;()£", min_size=1, max_size=60).map(str.strip).filter(lambda text: text[:1].isalnum())
CODES = st.text(alphabet="abcdefghijklmnop", min_size=1, max_size=12)
TIMES = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """A weekly session; as an end "00:00" is the same as "24:00"."""
    start, end = draw(TIMES), draw(TIMES | st.just("24:00") | st.none())
    known = None if end in (start, "00:00") or (start, end) == ("00:00", "24:00") else end
    return Session(weekday=draw(st.sampled_from(WEEKDAYS)), start=start, end=known, every_weeks=draw(st.integers(1, 52)))


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """A group with all that HSDS can carry, and a contact that it must not."""
    located = draw(st.booleans())
    youngest = draw(st.none() | st.integers(0, 60))
    return Group(
        group_id=draw(st.text(alphabet=ascii_letters + digits + "-_:/", min_size=1, max_size=40)),
        name=" ".join(draw(WORDS).split()),
        description=draw(WORDS | st.just("")),
        tags=draw(st.lists(CODES, max_size=5, unique=True)),
        organisation=draw(st.none() | WORDS.map(lambda name: " ".join(name.split()))),
        status=draw(st.sampled_from(["active", "inactive", "paused"])),
        mode=draw(st.sampled_from(["in_person", "online", "hybrid"])),
        latitude=draw(st.floats(-90, 90).filter(bool)) if located else None,
        longitude=draw(st.floats(-180, 180)) if located else None,
        postcode=draw(st.none() | st.just("N1 9GU")),
        sessions=draw(st.lists(sessions(), max_size=5, unique=True)),
        minimum_age=youngest,
        maximum_age=draw(st.none() | st.integers(max(youngest or 1, 1), 130)),
        genders=draw(st.none() | st.lists(st.sampled_from(["female", "male", "other"]), min_size=1, unique=True)),
        languages=draw(st.lists(st.sampled_from(["en", "cy", "es", "ur", "pt-BR", "ase", "zh-Hant"]), unique=True)),
        access=draw(st.none() | st.lists(st.sampled_from(ACCESS), unique=True).map(sorted)),
        cost=draw(st.none() | st.integers(0, 10_000).map(lambda pence: pence / 100)),
        capacity=draw(st.none() | st.builds(Capacity, maximum=st.integers(1, 50), available=st.integers(0, 1))),
        contact=GroupContact(name="Ann Persona", email="ann@harmony.example", phone="+44 20 7946 0000"),
        assured_on=draw(st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1))),
    )


def carried(group: Group) -> dict[str, object]:
    """What HSDS carries of a group."""
    values = group.model_dump(exclude={"contact", "capacity"})
    return values | {"capacity": group.capacity and (group.capacity.maximum, group.capacity.available)}


@given(st.lists(groups(), max_size=4, unique_by=lambda group: group.group_id))
def test_groups_come_back_from_our_own_pages_as_they_were(shown: list[Group]) -> None:
    pages = {}
    for number, group in enumerate(shown or [None], start=1):
        services = [as_service(group, updated=UPDATED)] if group else []
        page = as_page(services, page_number=number, size=1, total_items=len(shown))
        pages[f"{ADDRESS}?full=true" + (f"&page={number}" if number > 1 else "")] = json.dumps(page).encode()
    reading = read_feed(ADDRESS, fetch=pages.__getitem__)
    assert [carried(group) for group in reading.groups] == [carried(group) for group in shown]
    assert all(group.contact is None for group in reading.groups)
    assert reading.whole
    assert [problem for problem in reading.problems if not problem.reason.startswith("no coordinates")] == []
