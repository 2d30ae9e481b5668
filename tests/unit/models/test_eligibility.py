"""Each hard rule by an example, at its edge, and what a missing fact does: nothing."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from geopy.distance import distance

from models.directory import Directory, Listed
from models.distance import arcs_km, geodesic_km, positions, uncertainty_km
from models.eligibility import first_broken_rule
from models.matching import Ranked, propose
from models.ranker import packaged_prior
from models.schedule import span, told
from models.seeker import Seeker
from schemas.group import Group
from schemas.proposal import Rule
from schemas.referral import Needs

TODAY = date(2026, 1, 5)
HOME = {"latitude": 51.5, "longitude": -0.1}
TUESDAY = {"weekday": "tue", "start": "10:00", "end": "12:00"}


def group(**facts: Any) -> Group:
    return Group.model_validate({"group_id": "g", "name": "Choir", **facts})


def answer(needs: dict[str, Any], *groups: Group, cooling_off: frozenset[str] = frozenset()) -> Ranked:
    seeker = Seeker(Needs.model_validate(needs), words=("choir",), consented=True, cooling_off=cooling_off)
    return propose([seeker], Directory.of([Listed(group, feed="council") for group in groups]), packaged_prior(), today=TODAY)[0]


def at(km: float, bearing: float = 70) -> dict[str, float]:
    point = distance(kilometers=km).destination((HOME["latitude"], HOME["longitude"]), bearing=bearing)
    return {"latitude": point.latitude, "longitude": point.longitude}


RULED_OUT: list[tuple[Rule, dict[str, Any], dict[str, Any]]] = [
    ("status", {}, {"status": "paused"}),
    ("age", {"age": 59}, {"minimum_age": 60}),
    ("age", {"age": 81}, {"maximum_age": 80}),
    ("gender", {"gender": "male"}, {"genders": ["female"]}),
    ("language", {"languages": ["ur", "pl"]}, {"languages": ["en-GB"]}),
    ("access", {"access_needs": ["step_free", "parking"]}, {"access": ["step_free"]}),
    ("access", {"access_needs": ["step_free"]}, {"access": []}),
    ("time", {"availability": [TUESDAY]}, {"sessions": [{"weekday": "tue", "start": "10:00", "end": "12:01"}]}),
    ("time", {"availability": [TUESDAY]}, {"sessions": [{"weekday": "wed", "start": "10:00", "end": "11:00"}]}),
    ("time", {"availability": [TUESDAY]}, {"sessions": [{"weekday": "tue", "start": "12:00"}]}),
    ("time", {"availability": [TUESDAY]}, {"sessions": [{"weekday": "tue", "start": "11:00", "end": "09:00"}]}),
    ("cost", {"max_cost": 3.5}, {"cost": 3.51}),
    ("reach", HOME | {"travel": {"max_km": 5}}, at(5.001)),
    ("reach", HOME | {"travel": {"mode": "walk"}}, {}),
    ("place", {}, {"capacity": {"maximum": 12, "available": 0}}),
    ("place", {}, {"capacity": {"maximum": 0}}),
    ("already_attended", {"attended": [{"group_id": "g", "sessions": 1}]}, {}),
]

ELIGIBLE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"age": 60}, {"minimum_age": 60, "maximum_age": 60}),
    ({}, {"minimum_age": 60}),
    ({"gender": "male"}, {"genders": []}),
    ({"gender": "male"}, {"genders": ["female", "male"]}),
    ({}, {"genders": ["female"]}),
    ({"languages": ["en"]}, {"languages": ["ur", "EN-gb"]}),
    ({"languages": ["ur"]}, {"languages": []}),
    ({}, {"languages": ["ur"]}),
    ({"access_needs": ["step_free"]}, {"access": None}),
    ({"access_needs": ["step_free"]}, {"access": ["parking", "step_free"]}),
    ({"availability": [TUESDAY]}, {"sessions": []}),
    ({"availability": [TUESDAY]}, {"sessions": [{"weekday": "sun", "start": "10:00"}, TUESDAY]}),
    ({"availability": [TUESDAY]}, {"sessions": [{"weekday": "tue", "start": "11:59"}]}),
    ({"availability": [TUESDAY]}, {"sessions": [{"weekday": "tue", "start": "10:00"}]}),
    ({"availability": [{"weekday": "sun", "start": "20:00", "end": "02:00"}]}, {"sessions": [{"weekday": "sun", "start": "23:00", "end": "01:30"}]}),
    ({"availability": [{"weekday": "sun", "start": "20:00", "end": "02:00"}]}, {"sessions": [{"weekday": "mon", "start": "00:30", "end": "01:30"}]}),
    ({"availability": [{"weekday": "sun", "start": "20:00", "end": "24:00"}]}, {"sessions": [{"weekday": "sun", "start": "22:00", "end": "24:00"}]}),
    ({"max_cost": 3.5}, {"cost": 3.5}),
    ({"max_cost": 0}, {"cost": None}),
    ({}, {"cost": 100}),
    (HOME | {"travel": {"max_km": 5}}, at(4.999)),
    (HOME | {"travel": {"mode": "walk", "max_km": 9}}, at(8.999)),
    (HOME | {"travel": {"mode": "walk"}}, at(3.999)),
    (HOME, at(900)),
    ({"travel": {"max_km": 1}}, at(900)),
    (HOME | {"travel": {"max_km": 1}}, {"mode": "online", **at(900)}),
    (HOME | {"travel": {"max_km": 1}}, {"mode": "hybrid", **at(900)}),
    ({}, {"capacity": None}),
    ({}, {"capacity": {"maximum": 12}}),
    ({}, {"capacity": {"maximum": 12, "available": 0, "waitlist": True}}),
    ({"attended": [{"group_id": "g", "sessions": 0}, {"group_id": "other", "sessions": 9}]}, {}),
]


@pytest.mark.parametrize(("rule", "needs", "facts"), RULED_OUT)
def test_a_group_that_breaks_a_rule_is_ruled_out_under_its_name(rule: Rule, needs: dict[str, Any], facts: dict[str, Any]) -> None:
    found = answer(needs, group(**facts))
    assert (found.ruled_out, found.matches, found.needs_human) == ({rule: 1}, (), "nobody_in_reach")
    assert [(near.group_id, near.rule) for near in found.nearest_ruled_out] == [("g", rule)]
    assert first_broken_rule(Needs.model_validate(needs), group(**facts), today=TODAY, limit_km=None if "max_km" in str(needs) else 4) == rule


def test_beyond_twice_the_reach_a_group_is_counted_but_no_near_miss() -> None:
    needs = HOME | {"travel": {"max_km": 5}}
    near, far = answer(needs, group(**at(9.99))), answer(needs, group(**at(10.01)))
    assert near.ruled_out == far.ruled_out == {"reach": 1}
    assert ([miss.rule for miss in near.nearest_ruled_out], far.nearest_ruled_out) == (["reach"], ())


def test_the_widest_reach_has_an_end() -> None:
    assert answer(HOME | {"travel": {"mode": "walk"}}, group(**at(4.001))).ruled_out == {"reach": 1}


@pytest.mark.parametrize(("needs", "facts"), ELIGIBLE)
def test_a_group_at_the_edge_of_a_rule_or_with_a_fact_missing_is_not_ruled_out(needs: dict[str, Any], facts: dict[str, Any]) -> None:
    found = answer(needs, group(**facts))
    assert [match.group_id for match in found.matches] == ["g"]
    assert first_broken_rule(Needs.model_validate(needs), group(**facts), today=TODAY, limit_km=None if "max_km" in str(needs) else 4) is None


def test_a_group_declined_lately_cools_off() -> None:
    found = answer({}, group(), group(group_id="h"), cooling_off=frozenset({"g"}))
    assert (found.ruled_out, [match.group_id for match in found.matches]) == ({"cooling_off": 1}, ["h"])


def test_a_group_that_breaks_several_rules_counts_under_the_first_and_is_no_near_miss() -> None:
    found = answer({"age": 20, "max_cost": 1}, group(cost=5, minimum_age=60))
    assert (found.ruled_out, found.nearest_ruled_out) == ({"age": 1}, ())


def test_what_nobody_can_change_is_told_last_among_the_near_misses() -> None:
    found = answer({"attended": [{"group_id": "a"}], "max_cost": 1}, group(group_id="a"), *(group(group_id=name, cost=9) for name in "bcd"))
    assert [near.group_id for near in found.nearest_ruled_out] == ["b", "c", "d"]


@pytest.mark.parametrize(("km", "in_reach"), [((1, 3, 30), True), ((1, 30, 30), False), ((), False)])
def test_a_group_without_position_is_in_reach_where_half_of_its_feed_is(km: tuple[float, ...], in_reach: bool) -> None:
    located = [group(group_id=f"h{number}", **at(away)) for number, away in enumerate(km)]
    found = answer(HOME | {"travel": {"max_km": 5}}, group(), *located)
    assert ("g" in {match.group_id for match in found.matches}) is in_reach
    assert all(match.distance_km is None for match in found.matches if match.group_id == "g")


def test_the_reach_of_a_way_of_travelling_widens_step_by_step_while_few_are_left() -> None:
    near = [group(group_id=f"n{number:02d}", **at(1)) for number in range(8)]
    some = [group(group_id=f"s{number:02d}", **at(2.9)) for number in range(2)]
    far = [group(group_id="z", **at(3.1))]
    found = answer(HOME | {"travel": {"mode": "walk"}}, *near, *some, *far)
    assert (len(found.matches), found.ruled_out) == (10, {"reach": 1})
    told_so = {match.group_id for match in found.matches if ("widened", 3.0) in match.reasons}
    assert told_so == {"s00", "s01"}


def test_a_session_online_is_read_on_the_persons_clock_where_both_name_a_time_zone() -> None:
    evening = {"availability": [{"weekday": "mon", "start": "18:00", "end": "20:00"}], "time_zone": "Europe/London"}
    new_york = {"sessions": [{"weekday": "mon", "start": "14:00", "end": "15:00"}], "time_zone": "America/New_York"}
    online = answer(evening, group(mode="online", **new_york))
    assert ("time", "mon 19:00-20:00") in online.matches[0].reasons
    assert answer(evening, group(mode="hybrid", **new_york)).ruled_out == {"time": 1}


def test_distances_are_geodesic_within_their_stated_uncertainty() -> None:
    rng = np.random.default_rng(7)
    south, west = rng.uniform((-89, -180), (89, 180), (60, 2)).T
    km = arcs_km(positions(south, west), positions(south, west))
    for one in range(60):
        for other in range(one):
            exact = geodesic_km((south[one], west[one]), (south[other], west[other]))
            assert abs(km[one, other] - exact) <= uncertainty_km(np.array(exact))


@pytest.mark.parametrize("bearing", range(0, 360, 45))
def test_short_distances_are_geodesic_to_the_decimetre(bearing: int) -> None:
    for km in (0.01, 1.0, 20.0, 199.0):
        there = at(km, bearing)
        found = arcs_km(positions(*(np.array([HOME[name]]) for name in HOME)), positions(*(np.array([there[name]]) for name in HOME)))
        assert found[0, 0] == pytest.approx(km, abs=1e-4)


@pytest.mark.parametrize("bearing", [0, 45, 90])
def test_at_the_edge_of_the_reach_the_geodesic_decides(bearing: int) -> None:
    there = at(150, bearing)
    km = geodesic_km((HOME["latitude"], HOME["longitude"]), (there["latitude"], there["longitude"]))
    found = {limit: answer(HOME | {"travel": {"max_km": limit}}, group(**there)) for limit in (km, km - 1e-9)}
    assert [len(ranked.matches) for ranked in found.values()] == [1, 0]


def test_times_are_told_as_they_were_stated() -> None:
    assert told(*span("tue", "10:00", "12:00")) == "tue 10:00-12:00"
    assert told(*span("sun", "22:30", "01:00")) == "sun 22:30-01:00"
    assert told(*span("mon", "09:05", None)) == "mon 09:05"
