"""What a place must offer before a person can come: steps and toilets, distance, free hours, price. The shares are ours."""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from models.town.draws import Draws
from models.town.residents import Life, Resident
from schemas.record import WEEKDAYS, Weekday
from schemas.referral import Travel, TravelMode, Window

Pattern = Literal["any", "daytime", "mornings", "afternoons", "evenings", "weekends", "school_hours", "two_days", "few_hours", "before_work"]
Access = Literal["step_free", "accessible_toilet", "hearing_loop", "quiet_space", "parking", "public_transport", "changing_place"]

_PATTERNS: Final[dict[Life, dict[Pattern, float]]] = {
    "retired": {"any": 42, "daytime": 20, "mornings": 14, "afternoons": 14, "two_days": 10},
    "working": {"evenings": 58, "weekends": 27, "any": 15},
    "shift": {"few_hours": 66, "any": 20, "before_work": 14},
    "student": {"evenings": 42, "afternoons": 28, "any": 30},
    "parent": {"school_hours": 70, "any": 30},
    "carer": {"few_hours": 72, "evenings": 18, "any": 10},
    "home": {"any": 56, "afternoons": 24, "daytime": 20},
}
_WEEKDAYS = WEEKDAYS[:5]
_HOURS: Final[dict[Pattern, tuple[tuple[tuple[Weekday, ...], str, str], ...]]] = {
    "any": (),
    "daytime": ((_WEEKDAYS, "09:00", "17:00"),),
    "mornings": ((_WEEKDAYS, "09:00", "13:00"),),
    "afternoons": ((WEEKDAYS, "12:00", "17:30"),),
    "evenings": ((_WEEKDAYS, "17:30", "22:30"), (WEEKDAYS[5:], "09:00", "22:30")),
    "weekends": ((WEEKDAYS[5:], "08:00", "22:00"),),
    "school_hours": ((_WEEKDAYS, "09:00", "15:00"),),
    "before_work": ((_WEEKDAYS, "06:00", "08:30"),),
}
_STRETCHES: Final = (("09:00", "12:30"), ("10:00", "14:00"), ("13:00", "16:30"), ("14:00", "17:00"), ("18:00", "21:30"))
_LIMITS_KM: Final[dict[TravelMode, tuple[float, ...]]] = {
    "walk": (0.8, 1, 1.5, 2),
    "bus": (3, 5, 6, 8),
    "car": (8, 10, 15, 20),
    "any": (5, 8, 12),
}
_COSTS: Final = {None: 38, 0.0: 14, 2.0: 8, 3.0: 16, 5.0: 16, 10.0: 8}
_COSTS_OUT_OF_WORK: Final = {None: 18, 0.0: 42, 1.0: 10, 2.0: 18, 3.0: 12}
_ACCESS: Final[tuple[tuple[int, dict[Access, float]], ...]] = (
    (59, {"step_free": 0.06, "accessible_toilet": 0.03, "hearing_loop": 0.02, "quiet_space": 0.08}),
    (74, {"step_free": 0.17, "accessible_toilet": 0.08, "hearing_loop": 0.08, "parking": 0.03}),
    (84, {"step_free": 0.36, "accessible_toilet": 0.16, "hearing_loop": 0.15, "parking": 0.05}),
    (120, {"step_free": 0.56, "accessible_toilet": 0.28, "hearing_loop": 0.2, "parking": 0.06}),
)


@dataclass(frozen=True, slots=True)
class Practical:
    """A person's practical needs, and the pattern of their free hours, of which `windows` are the weekly stretches (none: any time)."""

    access: tuple[Access, ...]
    travel: Travel | None
    pattern: Pattern
    windows: tuple[Window, ...]
    max_cost: float | None


def practical(person: Resident, draws: Draws) -> Practical:
    """What this person needs of a place."""
    pattern = draws.weighted(_PATTERNS[person.life])
    costs = _COSTS_OUT_OF_WORK if person.life == "home" else _COSTS
    return Practical(_access(person, draws), _travel(person, draws), pattern, _windows(pattern, draws), draws.weighted(costs))


def _access(person: Resident, draws: Draws) -> tuple[Access, ...]:
    rates = next(rates for until, rates in _ACCESS if person.age <= until)
    needs = [need for need, rate in rates.items() if draws.chance(rate)]
    if person.gets_about == "bus" and draws.chance(0.15):
        needs.append("public_transport")
    if "step_free" in needs and draws.chance(0.03):
        needs.append("changing_place")
    return tuple(needs)


@cache
def _limited(mode: TravelMode, max_km: float | None) -> Travel:
    return Travel(mode=mode, max_km=max_km)


def _travel(person: Resident, draws: Draws) -> Travel | None:
    limit, limited, said = draws.one_of(_LIMITS_KM[person.gets_about]), draws.chance(0.75), draws.chance(0.92)
    return _limited(person.gets_about, limit if limited else None) if said else None


@cache
def _stretches(days: tuple[Weekday, ...], start: str, end: str) -> tuple[Window, ...]:
    return tuple(Window(weekday=day, start=start, end=end) for day in days)


def _windows(pattern: Pattern, draws: Draws) -> tuple[Window, ...]:
    if pattern == "two_days":
        return _stretches(draws.two_of(WEEKDAYS), "10:00", "16:30")
    if pattern == "few_hours":
        first, second = draws.two_of(WEEKDAYS)
        return _stretches((first,), *draws.one_of(_STRETCHES)) + _stretches((second,), *draws.one_of(_STRETCHES))
    return tuple(window for hours in _HOURS[pattern] for window in _stretches(*hours))
