"""Each reason is true of its person and its group, and each contrast comes true when that one fact is changed in the group's record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from geopy.distance import distance, geodesic
from hypothesis import given, settings
from numpy.typing import NDArray

from models.directory import Directory, Listed
from models.eligibility import first_broken_rule
from models.explain import Reason, ReasonCode, render
from models.matching import Ranked, propose
from models.ranker import Ranker, packaged_prior
from models.seeker import Seeker
from schemas.group import Group, Session
from schemas.referral import Needs
from tests.property.matching_cases import directories, easily_pleased, people
from tests.unit.models.attended_town import learned

TODAY = date(2026, 1, 5)
FEWER = settings(max_examples=60)
"""Each example is a whole directory."""
DEFAULTS = {"walk": 2, "bus": 8, "car": 25, "any": 15}
SENSITIVE = ("age", "years old", "young", "old people", "man", "men", "woman", "women", "female", "male", "gender", "lonel", "health", "faith")


Rank = Callable[[], Ranker]
by_either = pytest.mark.parametrize("ranker", [packaged_prior, learned], ids=["prior", "learned"])


def answer(seeker: Seeker, listed: list[Listed], ranker: Rank) -> Ranked:
    return propose([seeker], Directory.of(listed), ranker(), today=TODAY)[0]


def geodesic_km(needs: Needs, group: Group) -> float | None:
    if None in (needs.latitude, group.latitude) or group.mode == "online":
        return None
    return float(geodesic((needs.latitude, needs.longitude), (group.latitude, group.longitude)).km)


def cosine(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None) -> float:
    assert one is not None
    assert other is not None
    return float(np.dot(one.astype(np.float64), other.astype(np.float64)))


def default_km(needs: Needs) -> float:
    assert needs.travel is not None
    assert needs.travel.max_km is None
    return DEFAULTS[needs.travel.mode]


def is_true(reason: Reason, seeker: Seeker, item: Listed, listed: list[Listed]) -> bool:
    """What a careful reader of both records would say."""
    needs, group, value = seeker.needs, item.group, reason.value
    km = geodesic_km(needs, group)
    codes = set(value.split(", ")) if isinstance(value, str) else set()
    known_place = group.capacity is not None and group.capacity.available is not None
    been = {been.group_id for been in needs.attended if been.sessions}
    truths: dict[ReasonCode, Callable[[], object]] = {
        "interests": lambda: cosine(seeker.vector, item.vector) > 0.399,
        "taste": lambda: any(
            other.group.group_id in been and cosine(other.vector, item.vector) > 0.399 for other in listed if other.vector is not None
        ),
        "words": lambda: codes and codes <= set(seeker.words) & set(item.words),
        "tags": lambda: codes and codes <= set(needs.tags) & set(group.tags),
        "distance": lambda: km is not None and isinstance(value, float) and abs(value - km) <= 0.0501,
        "online": lambda: group.mode == "online",
        "also_online": lambda: group.mode == "hybrid",
        "time": lambda: needs.availability and session_fits(seeker, group, str(value)),
        "weekly": lambda: any(session.every_weeks == 1 for session in group.sessions),
        "free": lambda: group.cost == 0,
        "cost": lambda: group.cost and value == f"{group.currency} {group.cost:.2f}",
        "within_budget": lambda: group.cost and needs.max_cost and group.cost <= needs.max_cost and value == f"{group.currency} {group.cost:.2f}",
        "access": lambda: codes == set(needs.access_needs) and codes <= set(group.access or ()),
        "language": lambda: all(value in {tag.lower().split("-")[0] for tag in tags} for tags in (needs.languages, group.languages)),
        "newcomers": lambda: value == group.newcomers_per_week,
        "small": lambda: value == group.size,
        "checked": lambda: group.assured_on is not None and value == group.assured_on.isoformat() and group.assured_on <= TODAY,
        "place": lambda: known_place and group.capacity and group.capacity.available,
        "waiting_list": lambda: group.capacity and group.capacity.waitlist and 0 in (group.capacity.available, group.capacity.maximum),
        "widened": lambda: isinstance(value, float) and value > default_km(needs) and (km is None or default_km(needs) < km <= value),
        "a_guess": lambda: not (set(needs.tags) & set(group.tags) or set(seeker.words) & set(item.words) or alike(seeker, item, listed)),
        **missing(needs, group, km, value),
    }
    return bool(truths[reason.code]())


def missing(needs: Needs, group: Group, km: float | None, value: float | str | None) -> dict[ReasonCode, Callable[[], object]]:
    """When it is said that something is not known of the group, or not ideal."""
    return {
        "no_access_information": lambda: needs.access_needs and group.access is None,
        "no_times": lambda: needs.availability and not group.sessions,
        "not_weekly": lambda: group.sessions and value == min(session.every_weeks for session in group.sessions) > 1,
        "no_cost": lambda: needs.max_cost is not None and group.cost is None,
        "no_distance": lambda: needs.travel is not None and km is None and group.mode == "in_person",
        "no_language": lambda: needs.languages and not group.languages,
        "no_place_information": lambda: group.capacity is None or (group.capacity.available is None and group.capacity.maximum > 0),
        "conditions": lambda: (needs.age is None and any((group.minimum_age, group.maximum_age))) or (needs.gender is None and group.genders),
    }


def alike(seeker: Seeker, item: Listed, listed: list[Listed]) -> bool:
    """Whether the group's text is close to what the person says, or to that of a group they have been to."""
    been = {been.group_id for been in seeker.needs.attended if been.sessions}
    texts = [seeker.vector, *(other.vector for other in listed if other.group.group_id in been)]
    return item.vector is not None and any(cosine(text, item.vector) > 0.401 for text in texts if text is not None)


def session_fits(seeker: Seeker, group: Group, told: str) -> bool:
    """Whether a session that is told so exists and, alone, would keep the `time` rule."""
    both_zones = group.mode == "online" and seeker.needs.time_zone and group.time_zone and seeker.needs.time_zone != group.time_zone
    for session in group.sessions:
        alone = Group(group_id="alone", name="Alone", mode=group.mode, time_zone=group.time_zone, sessions=[session])
        if first_broken_rule(Needs(availability=seeker.needs.availability, time_zone=seeker.needs.time_zone), alone, today=TODAY) is None:
            text = f"{session.weekday} {session.start}" + (f"-{session.end}" if session.end else "")
            if both_zones or text.replace("24:00", "00:00")[4:] == told[4:].replace("24:00", "00:00"):
                return True
    return False


@FEWER
@by_either
@given(people() | easily_pleased(), directories())
def test_every_reason_is_true_of_its_person_and_its_group(ranker: Rank, seeker: Seeker, listed: list[Listed]) -> None:
    by_id = {item.group.group_id: item for item in listed}
    for match in answer(seeker, listed, ranker).matches:
        codes = [reason.code for reason in match.reasons]
        assert len(codes) == len(set(codes))
        for reason in match.reasons:
            assert is_true(reason, seeker, by_id[match.group_id], listed), reason


@FEWER
@by_either
@given(people() | easily_pleased(), directories())
def test_what_is_missing_is_always_said(ranker: Rank, seeker: Seeker, listed: list[Listed]) -> None:
    by_id = {item.group.group_id: item for item in listed}
    for match in answer(seeker, listed, ranker).matches:
        said = {reason.code for reason in match.reasons}
        for code in (
            "no_access_information",
            "no_times",
            "no_cost",
            "no_distance",
            "no_language",
            "no_place_information",
            "conditions",
            "waiting_list",
        ):
            item = by_id[match.group_id]
            assert (code in said) == is_true(Reason(code), seeker, item, listed), code


@FEWER
@by_either
@given(people() | easily_pleased(), directories())
def test_every_reason_has_words_and_none_names_what_is_sensitive(ranker: Rank, seeker: Seeker, listed: list[Listed]) -> None:
    for match in answer(seeker, listed, ranker).matches:
        for sentence in map(render, (*match.reasons, *match.would_improve)):
            assert sentence
            assert "{" not in sentence
            assert not set(sentence.split()) & set(SENSITIVE)


def mended(change: Reason, seeker: Seeker, group: Group) -> Group:
    """The group with that one fact at its best."""
    needs = seeker.needs
    if change.code == "if_nearer":
        point = distance(kilometers=float(change.value or 0) * 0.9999).destination((needs.latitude, needs.longitude), bearing=70)
        return group.model_copy(update={"latitude": point.latitude, "longitude": point.longitude})
    free = needs.availability[0] if needs.availability else None
    session = free and Session(weekday=free.weekday, start=free.start, end=free.end)
    best: dict[ReasonCode, dict[str, object]] = {
        "if_place": {"capacity": {"maximum": 20, "available": 3}},
        "if_time": {"sessions": [session], "time_zone": None},
        "if_access": {"access": needs.access_needs},
        "if_language": {"languages": needs.languages},
        "if_free": {"cost": 0.0},
        "if_newcomers": {"newcomers_per_week": change.value},
        "if_weekly": {"sessions": [one.model_copy(update={"every_weeks": 1}) for one in group.sessions]},
    }
    return Group.model_validate(group.model_dump() | best[change.code])


@FEWER
@by_either
@given(easily_pleased(), directories())
def test_every_contrast_comes_true_when_the_record_is_changed(ranker: Rank, seeker: Seeker, listed: list[Listed]) -> None:
    before = answer(seeker, listed, ranker)
    by_id = {item.group.group_id: item for item in listed}
    for match in before.matches:
        if match.rank == 1:
            assert match.would_improve == ()
        for change in match.would_improve:
            item = by_id[match.group_id]
            others = [other for other in listed if other is not item]
            after = answer(seeker, [*others, replace(item, group=mended(change, seeker, item.group))], ranker)
            assert place_of(match.group_id, after) < place_of(before.matches[0].group_id, after), change


def place_of(group_id: str, ranked: Ranked) -> float:
    return next((match.rank for match in ranked.matches if match.group_id == group_id), np.inf)
