"""The hard rules, each by its name: `judge` for a whole block of people and all groups at once, `first_broken_rule` for one pair, plainly.

A fact that is missing on either side never rules a group out. A rule broken is a bit, in the order of `RULES`, so that the lowest bit
is the rule a group is counted under and a single bit is a group that only one thing keeps out.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.columns import FULL
from models.directory import Directory
from models.distance import geodesic_km
from models.pairs import Pairs
from models.reach import ReachDefaults, Reached, out_of_reach, settle
from models.schedule import NO_SESSION
from schemas.group import Group, Session
from schemas.proposal import RULES, Rule
from schemas.record import WEEKDAYS
from schemas.referral import Needs, Window

GONE: Final = 1 << len(RULES)
"""What stands for a row that is no longer listed, in place of the rules it breaks."""

FIRST_BROKEN: Final = np.array([(bits & -bits).bit_length() for bits in range(GONE + 1)], np.uint8)
"""For each set of bits: 0, or one more than the index in `RULES` of the first rule broken; `len(RULES) + 1` for a row that is gone."""

FINAL: Final[tuple[Rule, ...]] = ("status", "already_attended", "cooling_off")
"""Rules that nobody can do anything about; groups kept out by these are told last."""

FAR: Final = 2.0
"""Beyond so many times the reach a group is no near miss, whatever else it offers."""

MONDAY: Final = datetime.combine(date(2024, 1, 1), time())
"""Any Monday; the times of a week are local and carry no zone."""

BROKEN: Final = np.array([bits.bit_count() for bits in range(GONE + 1)], np.uint8)


@dataclass(frozen=True)
class Verdict:
    """Which rules each group breaks for each person: `bits` (r, n); `limit` (r,) in km is the reach applied, `widened` (r,) where it was widened.

    `far` (r, n) are the groups beyond `FAR` times the person's own reach, which no change of anybody's mind brings near.
    """

    bits: NDArray[np.uint16]
    limit: NDArray[np.float64]
    widened: NDArray[np.bool_]
    far: NDArray[np.bool_]

    @cached_property
    def first_broken(self) -> NDArray[np.uint8]:
        """0 where the group is eligible, else one more than the index in `RULES` of the first rule broken, (r, n)."""
        return np.asarray(FIRST_BROKEN[self.bits])

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Where no rule is broken, (r, n)."""
        return np.asarray(self.bits == 0)

    @property
    def one_broken(self) -> NDArray[np.bool_]:
        """Where exactly one rule is broken by a group still listed that is not far, (r, n)."""
        return np.asarray((BROKEN[self.bits] == 1) & (self.bits < GONE) & ~self.far)

    def ruled_out(self) -> list[dict[Rule, int]]:
        """For each person how many groups each rule keeps out, every group counted once, under its first."""
        kinds = len(RULES) + 2
        counted = self.first_broken + np.arange(0, kinds * len(self.bits), kinds, dtype=np.int64)[:, None]
        counts = np.bincount(counted.ravel(), minlength=kinds * len(self.bits)).reshape(-1, kinds)[:, 1:-1].tolist()
        return [{rule: count for rule, count in zip(RULES, row, strict=True) if count} for row in counts]


def judge(block: Block, directory: Directory, pairs: Pairs, reach: ReachDefaults, reached: Reached | None = None) -> Verdict:
    """Every rule for every pair; the reach is widened, where it may be, until `reach.enough` groups are left, or `reached` says how far it goes."""
    bits = np.zeros(pairs.km.shape, np.uint16)
    broken = {**_of_the_group(directory), **_of_the_person(block, directory, pairs)}
    for rule, where in broken.items():
        bits |= where.astype(np.uint16) << np.uint16(RULES.index(rule))
    for rule, pairs_of_rule in _refused_before(block, directory).items():
        for person, row in pairs_of_rule:
            bits[person, row] |= 1 << RULES.index(rule)
    if reached is None:
        limit, beyond = _reached(block, directory, pairs, reach, (bits == 0) & ~directory.gone)
    else:
        limit, beyond = reached.limit, reached.beyond
        settle(pairs.km, block.homes, directory.columns.latitude, directory.columns.longitude)
    bits |= beyond.astype(np.uint16) << np.uint16(RULES.index("reach"))
    bits[:, directory.gone] = GONE
    far = (pairs.km > FAR * block.homes.limit[:, None]) & directory.columns.in_person & block.homes.limited[:, None]
    return Verdict(bits, limit, limit > block.homes.limit, far)


def _of_the_group(directory: Directory) -> dict[Rule, NDArray[np.bool_]]:
    return {"status": ~directory.columns.active[None, :], "place": (directory.columns.place == FULL)[None, :]}


def _of_the_person(block: Block, directory: Directory, pairs: Pairs) -> dict[Rule, NDArray[np.bool_]]:
    facts = directory.columns
    age = block.age[:, None]
    return {
        "age": (age < facts.minimum_age) | (age > facts.maximum_age),
        "gender": pairs.genders.both_told & (pairs.genders.count == 0),
        "language": pairs.languages.both_told & (pairs.languages.count == 0),
        "access": facts.access_known & (pairs.access.count < pairs.access.stated[:, None]),
        "time": block.has_windows[:, None] & (directory.sessions.count > 0) & (pairs.session == NO_SESSION),
        "cost": facts.cost > block.max_cost[:, None],
    }


def _refused_before(block: Block, directory: Directory) -> dict[Rule, list[tuple[int, int]]]:
    been = [(person, group.group_id) for person, seeker in enumerate(block.people) for group in seeker.needs.attended if group.sessions]
    cooling = [(person, group_id) for person, seeker in enumerate(block.people) for group_id in seeker.cooling_off]
    found: dict[Rule, list[tuple[int, str]]] = {"already_attended": been, "cooling_off": cooling}
    return {rule: [(person, directory.rows[group_id]) for person, group_id in pairs if group_id in directory.rows] for rule, pairs in found.items()}


def _reached(
    block: Block, directory: Directory, pairs: Pairs, reach: ReachDefaults, otherwise: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    limit = block.homes.limit.copy()
    beyond = out_of_reach(pairs.km, block.homes, directory)
    may_widen = block.widens & block.homes.limited
    for factor in reach.widened:
        few = np.flatnonzero(may_widen & ((otherwise & ~beyond).sum(axis=1) < reach.enough))
        if len(few):
            limit[few] = block.homes.limit[few] * factor
            beyond[few] = out_of_reach(pairs.km[few], block.homes.of_people(few, limit[few]), directory)
    return limit, beyond


def first_broken_rule(
    needs: Needs,
    group: Group,
    *,
    today: date,
    limit_km: float | None = None,
    feed_around_home: bool = False,
    cooling_off: frozenset[str] = frozenset(),
) -> Rule | None:
    """The first rule that keeps this group from this person, or None where it is eligible.

    `limit_km` is the reach where the person states no `max_km` (None: the defaults, not widened); `feed_around_home` says whether the
    located groups of the group's feed lie around the home, which counts only where the group's own position is not known.
    """
    broken: dict[Rule, bool] = {
        "status": group.status != "active",
        "age": _wrong_age(needs.age, group),
        "gender": bool(group.genders) and needs.gender is not None and needs.gender not in (group.genders or ()),
        "language": _no_shared_language(needs.languages, group.languages),
        "access": group.access is not None and not set(needs.access_needs) <= set(group.access),
        "time": _no_session_fits(needs, group, today),
        "cost": None not in (group.cost, needs.max_cost) and (group.cost or 0) > (needs.max_cost or 0),
        "reach": _too_far(needs, group, limit_km, feed_around_home),
        "place": _no_place(group),
        "already_attended": any(been.group_id == group.group_id and been.sessions >= 1 for been in needs.attended),
        "cooling_off": group.group_id in cooling_off,
    }
    return next((rule for rule in RULES if broken[rule]), None)


def _wrong_age(age: int | None, group: Group) -> bool:
    if age is None:
        return False
    too_young = group.minimum_age is not None and age < group.minimum_age
    return too_young or (group.maximum_age is not None and age > group.maximum_age)


def _no_shared_language(spoken: list[str], held_in: list[str]) -> bool:
    if not spoken or not held_in:
        return False
    return {tag.lower().split("-")[0] for tag in spoken}.isdisjoint(tag.lower().split("-")[0] for tag in held_in)


def _no_place(group: Group) -> bool:
    capacity = group.capacity
    if capacity is None or capacity.waitlist:
        return False
    return capacity.maximum == 0 or capacity.available == 0


def _too_far(needs: Needs, group: Group, limit_km: float | None, feed_around_home: bool) -> bool:
    if needs.travel is None or group.mode != "in_person" or needs.latitude is None or needs.longitude is None:
        return False
    if group.latitude is None or group.longitude is None:
        return not feed_around_home
    default = ReachDefaults().usual_km(needs.travel) if limit_km is None else limit_km
    limit = default if needs.travel.max_km is None else needs.travel.max_km
    return geodesic_km((needs.latitude, needs.longitude), (group.latitude, group.longitude)) > limit


def _no_session_fits(needs: Needs, group: Group, today: date) -> bool:
    if not needs.availability or not group.sessions:
        return False
    shift = timedelta()
    if group.mode == "online" and needs.time_zone and group.time_zone:
        noon = datetime.combine(today, time(12))
        theirs, mine = (noon.replace(tzinfo=ZoneInfo(zone)).utcoffset() for zone in (group.time_zone, needs.time_zone))
        shift = (mine or timedelta()) - (theirs or timedelta())
    return not any(_lies_inside(session, window, shift) for session in group.sessions for window in needs.availability)


def _lies_inside(session: Session, window: Window, shift: timedelta) -> bool:
    opens, closes = _stretch(window)
    begins, ends = (moment + shift for moment in _stretch(session))
    for weeks in (-1, 0, 1):
        start, end = begins + timedelta(weeks=weeks), ends + timedelta(weeks=weeks)
        if opens <= start and (start < closes if session.end is None else end <= closes):
            return True
    return False


def _stretch(weekly: Session | Window) -> tuple[datetime, datetime]:
    day = MONDAY + timedelta(days=WEEKDAYS.index(weekly.weekday))
    start, end = (day + timedelta(hours=int(clock[:2]), minutes=int(clock[3:])) for clock in (weekly.start, weekly.end or weekly.start))
    return start, end if end > start else end + timedelta(days=1)
