"""The directory as the matcher holds it in memory, kept in step with `groups`, what places are offered, and which model ranks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import models
import schemas
import services.matcher
from models.columns import free_places, offered
from models.directory import Directory, Listed
from models.frozen import frozen, frozen_json, thawed, thawed_json
from models.matching import Ranked, propose
from models.ranker import Ranker
from models.seeker import Seeker
from models.spreading import Counts, Spread, counted, faded
from models.text.encoder import unpack
from schemas.envelope import Event
from schemas.events.base import Data, StreamName
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.models import ModelPromoted
from schemas.events.places import PlaceConfirmed, PlaceHeld, PlaceMoved, PlaceRefused, PlaceReleased, PlaceWaitlisted
from schemas.group import Capacity
from services.chassis.clock import Clock
from services.chassis.snapshots import code_hash
from services.matcher.serving import Serving
from services.matcher.settings import PROPOSED

_PlaceEvent = PlaceHeld | PlaceMoved | PlaceWaitlisted | PlaceConfirmed | PlaceRefused | PlaceReleased


@dataclass(frozen=True, slots=True)
class _Said:
    """What a listed group's snapshots say of its capacity, and since when they say so."""

    capacity: tuple[int, int | None, bool] | None
    since: datetime


@dataclass(frozen=True, slots=True)
class _Free:
    """What the place event of the highest `count` says is free in a group, null where there is no limit; the places given, faded until then."""

    count: int
    free: int | None
    at: datetime
    given: float


@dataclass(frozen=True)
class AsOfNow:
    """The directory of one moment with the model and the day by which it ranks: it stays as it is while the view goes on.

    `free` is how many places each listed group has, None where nothing is said of a limit: by the newest place event, else by the record.
    """

    directory: Directory
    ranker: Ranker
    today: date
    free: Mapping[str, int | None]
    spread: Spread

    def is_full(self, group_id: str) -> bool:
        """Whether no place was free in a group."""
        return self.free.get(group_id) == 0

    def propose(self, seekers: Sequence[Seeker], most: int) -> Sequence[Ranked]:
        """Rankings of so many groups at the most, in the order of the seekers."""
        return propose(seekers, self.directory, self.ranker, top=most, today=self.today, spread=self.spread)


class DirectoryView:
    """All listed groups; of one group's snapshots the newest counts, of its place events the highest `count`.

    People are spread over groups with the `strength` given, 0 for not at all, by the places free and those held lately.

    The newest place event stands above the snapshot until another capacity is listed later than it. The order in which the two streams
    are read makes no difference. After a start only the newest snapshot is known, which may have been listed for another reason than its
    capacity: then it counts if it is newer, because a group held to be full for no reason would never be asked again.
    """

    streams: tuple[StreamName, ...] = ("groups", "places", "models")

    def __init__(self, serving: Serving, clock: Clock, strength: float = 0.0) -> None:
        self.made_by = _code()
        self._directory = Directory.of([])
        self._said: dict[str, _Said] = {}
        self._free: dict[str, _Free] = {}
        self._serving, self._clock, self._strength = serving, clock, strength
        self._counts: dict[str, Counts] = {}
        self._counted_on: date | None = None

    def apply(self, events: Sequence[Event[Data]]) -> None:
        """Take these facts in, in log order."""
        groups: dict[str, GroupListed | GroupDelisted] = {}
        touched: set[str] = set()
        for event in events:
            data = event.data
            if isinstance(data, _PlaceEvent):
                self._hear(data, event.time)
                touched.add(data.group_id)
            elif isinstance(data, GroupListed | GroupDelisted):
                self._list(data, event.time)
                groups[data.group_id] = data
            elif isinstance(data, ModelPromoted):
                self._serving.hear(data)
        self._change(groups.values())
        self._directory = self._directory.with_places(self._states(touched | groups.keys()))
        self._count(touched | groups.keys())

    def propose(self, seekers: Sequence[Seeker], most: int = PROPOSED) -> Sequence[Ranked]:
        """Rankings of so many groups at the most over the directory as of now, in the order of the seekers."""
        today: date = self._clock.now().date()
        return propose(seekers, self._directory, self._serving.ranker(), top=most, today=today, spread=self._spread(today))

    def as_of_now(self) -> AsOfNow:
        """What it knows now, for work that takes longer than a turn."""
        directory, today = self._directory, self._clock.now().date()
        free = {group_id: self._free_in(group_id) for group_id in directory.rows}
        return AsOfNow(directory, self._serving.ranker(), today, free, Spread(dict(self._spread(today).counts)))

    def lists_all(self, group_ids: Iterable[str]) -> bool:
        """Whether all these groups are listed now."""
        return all(group_id in self._said for group_id in group_ids)

    def is_full(self, group_id: str) -> bool:
        """Whether no place is free in a group now."""
        return self._free_in(group_id) == 0

    def _free_in(self, group_id: str) -> int | None:
        said, known = self._said.get(group_id), self._free.get(group_id)
        if said is None:  # not listed any more
            return 0
        if known is not None and known.at >= said.since:
            return known.free
        return None if said.capacity is None else free_places(Capacity(maximum=said.capacity[0], available=said.capacity[1]))

    def _spread(self, today: date) -> Spread:
        """What counts of each group's score today; every group is looked at once a day, and else where its places changed."""
        if self._strength and self._counted_on != today:
            self._counted_on = today
            self._count(list(self._said))
        return Spread(self._counts)

    def _count(self, group_ids: Iterable[str]) -> None:
        if self._counted_on is None:
            return
        for group_id in group_ids:
            if group_id not in self._said:
                self._counts.pop(group_id, None)
                continue
            known = self._free.get(group_id)
            given = 0.0 if known is None else faded(known.given, (self._counted_on - known.at.date()).days)
            self._counts[group_id] = counted(self._strength, given, self._free_in(group_id))

    def frozen(self) -> Mapping[str, NDArray[Any]]:
        """Everything it knows, as named plain arrays."""
        said = [[group_id, one.capacity, one.since.isoformat()] for group_id, one in self._said.items()]
        free = [[group_id, one.count, one.free, one.at.isoformat(), one.given] for group_id, one in self._free.items()]
        return frozen(self._directory) | {"said": frozen_json(said), "free": frozen_json(free), "model": frozen_json(self._serving.told())}

    def take_up(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Know what was frozen, and nothing else."""
        moments = _Moments()
        self._directory = thawed(arrays)
        self._said = {
            group_id: _Said(None if capacity is None else tuple(capacity), moments[since])
            for group_id, capacity, since in thawed_json(arrays["said"])
        }
        self._free = {group_id: _Free(count, free, moments[at], given) for group_id, count, free, at, given in thawed_json(arrays["free"])}
        self._serving.take_up(thawed_json(arrays["model"]))
        self._counts, self._counted_on = {}, None

    def _hear(self, data: _PlaceEvent, at: datetime) -> None:
        known = self._free.get(data.group_id)
        if known is None or data.count > known.count:
            before = 0.0 if known is None else faded(known.given, (at.date() - known.at.date()).days)
            self._free[data.group_id] = _Free(data.count, data.free, at, before + isinstance(data, PlaceHeld))

    def _list(self, data: GroupListed | GroupDelisted, at: datetime) -> None:
        if isinstance(data, GroupDelisted):
            self._said.pop(data.group_id, None)
            return
        known, capacity = self._said.get(data.group_id), _told(data.group.capacity)
        if known is None or known.capacity != capacity:
            self._said[data.group_id] = _Said(capacity, at)

    def _change(self, groups: Iterable[GroupListed | GroupDelisted]) -> None:
        listed = [_listed(data) for data in groups if isinstance(data, GroupListed)]
        delisted = [data.group_id for data in groups if isinstance(data, GroupDelisted)]
        if listed or delisted:
            self._directory = self._directory.changed(listed, delisted)

    def _states(self, group_ids: Iterable[str]) -> dict[str, int]:
        """What places are offered in those of these groups of which a place event tells it, as they are listed where it tells of no limit."""
        states: dict[str, int] = {}
        listed, rows = self._directory.columns.listed_place, self._directory.rows
        for group_id in group_ids:
            said, known = self._said.get(group_id), self._free.get(group_id)
            if said and known and known.at >= said.since:
                waits = said.capacity is not None and said.capacity[2]
                states[group_id] = int(listed[rows[group_id]]) if known.free is None else offered(known.free, waits)
        return states


@cache
def _code() -> str:
    return code_hash(Path(package.__path__[0]) for package in (models, schemas, services.matcher))


class _Moments(dict[str, datetime]):
    """Moments out of RFC 3339, one object for one moment: most groups of a feed were listed at the same."""

    def __missing__(self, written: str) -> datetime:
        self[written] = datetime.fromisoformat(written)
        return self[written]


def _told(capacity: Capacity | None) -> tuple[int, int | None, bool] | None:
    return None if capacity is None else (capacity.maximum, capacity.available, capacity.waitlist)


def _listed(data: GroupListed) -> Listed:
    vector = None if data.vector is None else unpack(data.vector)
    return Listed(data.group, vector, tuple(data.words), data.feed)
