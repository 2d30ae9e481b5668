"""The town's directory: hand-written groups of some ninety kinds, and what a seed adds to them.

Names, words, times and prices are written down and always the same; how full a group is, who organises it and when it was last checked
comes from the seed.
"""

from collections import Counter
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from models.town.contacts import email, organiser_phone
from models.town.draws import Draws
from models.town.names import Gender, full_name, speaking
from models.town.places import Venue, venues
from models.town.written import Written, read
from schemas.group import Capacity, Group, GroupContact, GroupStatus, Mode, Session

TIME_ZONE = "Europe/London"
_SUBJECT = 1
_FIRST_ASSURED = date(2023, 6, 1)


class WrittenGroup(Written):
    """A group as it is written; `access` where it differs from the venue's, `maximum` None where it takes whoever comes."""

    kind: str
    name: str
    text: str
    sessions: list[Session]
    venue: str | None = None
    mode: Mode = "in_person"
    organisation: str | None = None
    organiser: str | None = None
    status: GroupStatus = "active"
    cost: float | None = None
    maximum: int | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    genders: list[Gender] | None = None
    languages: tuple[str, ...] = ("en",)
    access: list[str] | None = None
    tags: tuple[str, ...] = ()

    @property
    def place(self) -> Venue | None:
        """Where it meets, None where it meets online or tells its address only to those who ask."""
        return None if self.venue is None else venues()[self.venue]


@cache
def written_groups() -> dict[str, WrittenGroup]:
    """Every group as written, by its id: kind and venue, and a number where those two are the same."""
    folder = files("models.town").joinpath("data", "groups")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    rows = [WrittenGroup.model_validate(row) for name in names for row in read(f"groups/{name}")["groups"]]
    seen: Counter[str] = Counter()
    ids = {}
    for row in rows:
        base = f"{row.kind}-{row.venue or ('online' if row.mode == 'online' else 'by-arrangement')}"
        seen[base] += 1
        ids[base if seen[base] == 1 else f"{base}-{seen[base]}"] = row
    return ids


@cache
def tags_of_kinds() -> dict[str, list[str]]:
    """The tags that go with each kind, besides the kind itself."""
    return read("kinds.toml")


def town_groups(seed: int) -> list[Group]:
    """The whole directory, always the same groups in the same order; the first of a group's tags is its kind."""
    return [_group(group_id, row, Draws(seed, _SUBJECT, place), place) for place, (group_id, row) in enumerate(written_groups().items())]


def _group(group_id: str, row: WrittenGroup, draws: Draws, number: int) -> Group:
    place = row.place
    capacity = _capacity(row.maximum, draws)
    return Group(
        group_id=group_id,
        name=row.name,
        description=" ".join(row.text.split()),
        tags=[row.kind, *tags_of_kinds()[row.kind], *row.tags],
        organisation=row.organisation or (place.name if place else "Aldersby Online"),
        status=row.status,
        mode=row.mode,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        postcode=place.postcode if place else None,
        sessions=row.sessions,
        minimum_age=row.minimum_age,
        maximum_age=row.maximum_age,
        genders=list(row.genders) if row.genders else None,
        languages=list(row.languages),
        access=row.access if row.access is not None else (place.access if place else None),
        cost=row.cost,
        capacity=capacity,
        contact=_contact(group_id, row, draws, number),
        newcomers_per_week=_newcomers(row.maximum, draws),
        size=_size(capacity, draws),
        assured_on=_FIRST_ASSURED + timedelta(days=draws.below(760)) if draws.chance(0.75) else None,
        time_zone=TIME_ZONE,
    )


def _capacity(maximum: int | None, draws: Draws) -> Capacity | None:
    if maximum is None:
        return None
    if draws.chance(0.12):
        return Capacity(maximum=maximum, available=0, waitlist=draws.chance(0.65))
    free = None if draws.chance(0.12) else 1 + draws.below(max(1, maximum * 2 // 5))
    return Capacity(maximum=maximum, available=free, waitlist=draws.chance(0.2))


def _newcomers(maximum: int | None, draws: Draws) -> int | None:
    if draws.chance(0.3):
        return None
    return 1 if maximum is not None and maximum <= 10 else 1 + draws.below(4)


def _size(capacity: Capacity | None, draws: Draws) -> int | None:
    if draws.chance(0.15):
        return None
    if capacity is None:
        return 8 + draws.below(40)
    return max(3, capacity.maximum - (capacity.available if capacity.available is not None else draws.below(4)))


def _contact(group_id: str, row: WrittenGroup, draws: Draws, number: int) -> GroupContact:
    age = 30 + draws.below(45)
    gender: Gender = row.genders[0] if row.genders else draws.one_of(("female", "female", "male"))
    community = speaking(row.languages[0] if row.languages else "en", age)
    phone = organiser_phone(number) if draws.chance(0.85) else None
    return GroupContact(
        name=row.organiser or full_name(draws, community, gender),
        email=email(group_id) if phone is None or draws.chance(0.8) else None,
        phone=phone,
    )
