"""The rules for whole blocks say of every pair what the plain rules say of it alone, and no proposal breaks one."""

from datetime import date

from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from models.block import Block
from models.directory import Directory, Listed
from models.eligibility import Verdict, first_broken_rule, judge
from models.matching import propose
from models.pairs import Pairs
from models.ranker import packaged_prior
from models.reach import ReachDefaults
from models.seeker import Seeker
from schemas.proposal import RULES, Rule
from schemas.referral import Needs
from tests.property.matching_cases import directories, people

TODAY = date(2026, 1, 5)
FEWER = settings(max_examples=60)
"""Each example is a whole directory."""
UNWIDENED = ReachDefaults(widened=())


def verdict(seekers: list[Seeker], listed: list[Listed], reach: ReachDefaults) -> Verdict:
    block, directory = Block.of(seekers, reach), Directory.of(listed)
    return judge(block, directory, Pairs(block, directory, TODAY), reach)


def limit(needs: Needs, factor: float) -> float | None:
    """The reach as a person would work it out."""
    if needs.travel is None:
        return None
    return needs.travel.max_km or factor * {"walk": 2, "bus": 8, "car": 25, "any": 15}[needs.travel.mode]


def feed_around_home(needs: Needs, listed: list[Listed], feed: str, km: float | None) -> bool:
    """Whether at least half of a feed's located groups are within `km` of the home."""
    members = [item.group for item in listed if item.feed == feed and item.group.mode != "online" and item.group.latitude is not None]
    home = (needs.latitude, needs.longitude)
    near = [group for group in members if None not in home and km is not None and geodesic(home, (group.latitude, group.longitude)).km <= km]
    return bool(members) and 2 * len(near) >= len(members)


def expected(seeker: Seeker, listed: list[Listed], factor: float) -> list[Rule | None]:
    """The plain rules, one group at a time."""
    km = limit(seeker.needs, factor)
    return [
        first_broken_rule(
            seeker.needs,
            item.group,
            today=TODAY,
            limit_km=km,
            feed_around_home=feed_around_home(seeker.needs, listed, item.feed, km),
            cooling_off=seeker.cooling_off,
        )
        for item in listed
    ]


def widening(seeker: Seeker, listed: list[Listed], enough: int) -> float:
    """The first factor at which enough groups are left, else the last."""
    travel = seeker.needs.travel
    if travel is None or travel.max_km is not None or seeker.needs.latitude is None:
        return 1.0
    factors = (1.0, 1.5, 2.0)
    return next((factor for factor in factors if expected(seeker, listed, factor).count(None) >= enough), factors[-1])


@FEWER
@given(st.lists(people(), min_size=1, max_size=4), directories())
def test_the_rules_for_a_block_agree_with_the_plain_rules(seekers: list[Seeker], listed: list[Listed]) -> None:
    found = verdict(seekers, listed, UNWIDENED).first_broken
    for person, seeker in enumerate(seekers):
        assert [RULES[rule - 1] if rule else None for rule in found[person]] == expected(seeker, listed, 1.0)


@FEWER
@given(people(), directories(), st.integers(1, 5))
def test_the_reach_widens_only_where_it_may_and_no_further_than_it_must(seeker: Seeker, listed: list[Listed], enough: int) -> None:
    found = verdict([seeker], listed, ReachDefaults(enough=enough)).first_broken[0]
    factor = widening(seeker, listed, enough)
    assert [RULES[rule - 1] if rule else None for rule in found] == expected(seeker, listed, factor)


@FEWER
@given(st.lists(people(), min_size=1, max_size=3), directories())
def test_no_proposal_breaks_a_rule_and_every_group_is_counted_once(seekers: list[Seeker], listed: list[Listed]) -> None:
    answers = propose(seekers, Directory.of(listed), packaged_prior(), today=TODAY)
    for seeker, answer in zip(seekers, answers, strict=True):
        rules = expected(seeker, listed, widening(seeker, listed, 10))
        by_id = {item.group.group_id: rule for item, rule in zip(listed, rules, strict=True)}
        assert {match.group_id for match in answer.matches} == {group_id for group_id, rule in by_id.items() if rule is None}
        assert answer.ruled_out == {rule: rules.count(rule) for rule in RULES if rule in rules}
        assert all(by_id[near.group_id] == near.rule for near in answer.nearest_ruled_out)
        assert (answer.needs_human == "nobody_in_reach") == (not answer.matches)
