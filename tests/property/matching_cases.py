"""People and groups drawn so that the edges of every rule are met often: few places, few hours, few codes, and much that is missing."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.directory import Listed
from models.seeker import Seeker
from schemas.group import Group
from schemas.referral import Needs

WEEKDAYS = ("mon", "tue", "sat", "sun")
CLOCKS = ("00:00", "01:30", "09:00", "10:00", "10:30", "12:00", "22:00", "24:00")
ACCESS = ("step_free", "hearing_loop", "parking")
LANGUAGES = ("en", "en-GB", "UR", "pl")
TAGS = ("music", "walking", "craft")
WORDS = ("choir", "garden", "chess", "music")
ZONES = ("Europe/London", "Europe/Paris", "America/New_York")
HOME = (51.5, -0.1)


@cache
def unit_vector(seed: int) -> NDArray[np.float32]:
    """One of a few directions, some of them close to one another."""
    rng = np.random.default_rng(seed)
    vector = rng.standard_normal(384) + 24 * np.eye(384)[seed // 3]
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def some(codes: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    """A list of different codes, empty more often than not."""
    return st.just([]) | st.just([]) | st.lists(st.sampled_from(codes), max_size=3, unique=True)


# All of it is put together once, and not for each group and person that is drawn: that would take longer than what is tested.
clocks = st.sampled_from(CLOCKS)
degrees = st.sampled_from((-0.3, -0.02, 0.0, 0.0, 0.0005, 0.01, 0.018, 0.022, 0.07, 0.14))
positions = st.none() | st.tuples(degrees, degrees) | st.tuples(degrees, degrees)
vectors = st.none() | st.integers(0, 6).map(unit_vector)
words = some(WORDS).map(tuple)
zones = st.none() | st.sampled_from(ZONES)
feeds = st.sampled_from(("council", "charity"))
sessions = st.fixed_dictionaries(
    {"weekday": st.sampled_from(WEEKDAYS), "start": clocks, "end": st.none() | clocks, "every_weeks": st.sampled_from((1, 1, 2, 4))}
)
capacities = st.fixed_dictionaries(
    {"maximum": st.sampled_from((0, 12, 12, 12)), "available": st.sampled_from((None, 0, 3, 3, 3)), "waitlist": st.booleans()}
)
facts = st.fixed_dictionaries(
    {
        "tags": some(TAGS),
        "status": st.sampled_from(("active",) * 9 + ("paused",)),
        "mode": st.sampled_from(("in_person", "in_person", "in_person", "online", "hybrid")),
        "sessions": st.just([]) | st.lists(sessions, max_size=3),
        "minimum_age": st.sampled_from((None, None, None, 18, 60)),
        "maximum_age": st.sampled_from((None, None, None, 59, 80)),
        "genders": st.sampled_from((None, None, None, [], ["female"], ["female", "male"])),
        "languages": some(LANGUAGES),
        "access": st.none() | st.just(list(ACCESS)) | st.lists(st.sampled_from(ACCESS), unique=True),
        "cost": st.sampled_from((None, 0.0, 0.0, 2.0, 3.5, 12.0)),
        "capacity": st.none() | capacities,
        "newcomers_per_week": st.sampled_from((None, 0, 2, 9)),
        "size": st.sampled_from((None, 4, 30)),
        "assured_on": st.sampled_from((None, "2023-02-03", "2025-12-24", "2027-01-01")),
    }
)
homes = st.sampled_from((HOME, HOME, HOME, (HOME[0] + 0.018, HOME[1]), (None, None)))
windows = st.fixed_dictionaries({"weekday": st.sampled_from(WEEKDAYS), "start": clocks, "end": clocks})
travel = st.fixed_dictionaries({"mode": st.sampled_from(("walk", "bus", "car", "any")), "max_km": st.sampled_from((None, None, 2.0, 8.0, 40.0))})
attended = st.fixed_dictionaries({"group_id": st.sampled_from(("g00", "g01", "elsewhere")), "sessions": st.integers(0, 2)})
needs = st.fixed_dictionaries(
    {
        "tags": some(TAGS).map(lambda tags: ["walking", *tags]),
        "age": st.sampled_from((None, 17, 18, 59, 60, 60, 81)),
        "gender": st.sampled_from((None, "female", "male", "other")),
        "languages": some(LANGUAGES),
        "access_needs": some(ACCESS) | some((*ACCESS, "unheard_of")),
        "travel": st.none() | travel | travel,
        "availability": st.just([]) | st.lists(windows | st.just({"weekday": "sat", "start": "09:00", "end": "24:00"}), max_size=4),
        "max_cost": st.sampled_from((None, None, 0.0, 3.5, 12.0)),
        "attended": st.just([]) | st.lists(attended, max_size=2),
        "loneliness": st.sampled_from((None, {"ucla3": [3, 3, 2], "direct": 1}, {"ucla3": [1, 1, 1]}, {"direct": 2})),
    }
)
cooling_off = (st.just([]) | st.lists(st.sampled_from(("g02", "g03")))).map(frozenset)


@cache
@st.composite
def listings(draw: st.DrawFn, group_id: str) -> Listed:
    """A group in which any fact may be missing, with its text's vector and words, in one of two feeds."""
    north, east = draw(positions) or (None, None)
    place = {"latitude": None if north is None else HOME[0] + north, "longitude": None if east is None else HOME[1] + east}
    group = Group.model_validate({"group_id": group_id, "name": f"Group {group_id}", **place, **draw(facts)})
    return Listed(group.model_copy(update={"time_zone": draw(zones)}), draw(vectors), draw(words), draw(feeds))


@st.composite
def directories(draw: st.DrawFn, most: int = 8) -> list[Listed]:
    """Up to `most` groups, g00 onwards."""
    return [draw(listings(f"g{number:02d}")) for number in range(draw(st.integers(1, most) | st.just(most)))]


@cache
@st.composite
def people(draw: st.DrawFn) -> Seeker:
    """Somebody of whom something is known, who agreed to be matched and has no flag."""
    latitude, longitude = draw(homes)
    known = Needs.model_validate({"latitude": latitude, "longitude": longitude, **draw(needs)})
    known = known.model_copy(update={"time_zone": draw(zones)})
    return Seeker(known, draw(vectors), draw(words), cooling_off=draw(cooling_off), consented=True)


def easily_pleased() -> st.SearchStrategy[Seeker]:
    """People whom few rules keep from a group, so that there is something to rank, to give reasons for and to contrast."""
    anything: dict[str, Any] = {"age": None, "gender": None, "travel": None, "max_cost": None, "attended": []}
    return people().map(lambda seeker: replace(seeker, needs=seeker.needs.model_copy(update=anything), cooling_off=frozenset()))
