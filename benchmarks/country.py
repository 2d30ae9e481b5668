"""A country for benchmarks: the sample town laid out again and again, each time some forty kilometres further on.

So a directory grows in breadth as real ones do; its people live in any of the towns, and the groups that meet online are in everyone's reach.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle, islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.embedded_loop import OPENS, SEED
from models.closeness import DIMENSIONS, STEPS
from models.directory import Directory, Listed
from models.seeker import Seeker
from models.text.encoder import Encoder
from models.text.words import hear, offered, wished
from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.group import Group
from services.cli.preparing import locator

VARIED: Final = 0.02  # of a unit vector's entries; two texts of one kind of group are then as close as texts of one kind are, 0.87
APART: Final = 0.35  # degrees between two towns


class Country:
    """The town's groups and people, over and over."""

    def __init__(self) -> None:
        encoder, locate = Encoder.load(), locator()
        self._rng = np.random.default_rng(SEED)
        self.groups = sorted((self._located(group, locate) for group in town_groups(SEED)), key=lambda group: group.group_id)
        texts = ["\n".join([group.name, *group.tags, group.description]) for group in self.groups]
        words = [offered(group.name, group.tags, group.description) for group in self.groups]
        self.town = [Listed(group, encoder.encode(text), some, "town") for group, text, some in zip(self.groups, texts, words, strict=True)]
        self._people = [
            self._seeker(self._located(one, locate), encoder)
            for one in town_referrals(400, SEED, first_received=OPENS)
            if one.consent and one.consent.match and not one.flags
        ]

    def directory(self, groups: int) -> Directory:
        """So many groups: whole towns, and the first part of the last."""
        town = Directory.of(self.town)
        rows, number = np.arange(groups) % len(self.town), np.arange(groups) // len(self.town)
        across = int(np.ceil(np.sqrt(number[-1] + 1)))
        columns = replace(
            town.columns.taken(rows),
            ids=np.array([f"g{index:07d}" for index in range(groups)], np.object_),
            digest=town.columns.digest[rows] + number.astype(np.uint64) * np.uint64(2),
            latitude=town.columns.latitude[rows] - 12 + number // across * APART,
            longitude=town.columns.longitude[rows] - 10 + number % across * APART,
        )
        codes = town.codes
        for _ in range(int(np.ceil(np.log2(max(2, groups / len(self.town)))))):
            codes = codes.joined(codes)
        everything = codes.taken(np.arange(groups))
        vectors = np.concatenate([self._of_its_own(town.vectors[0], some) for some in np.array_split(rows, -(-groups // 10_000))])
        return Directory(columns, town.sessions.taken(rows), everything, (vectors,), np.zeros(groups, np.bool_), groups)

    def _of_its_own(self, vectors: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The texts of some groups, each a little different from that of the same group in another town, on the text grid."""
        varied = vectors[rows] / np.float32(STEPS) + self._rng.standard_normal((len(rows), DIMENSIONS), np.float32) * np.float32(VARIED)
        return np.asarray(np.rint(varied / np.linalg.norm(varied, axis=1, keepdims=True) * np.float32(STEPS)), np.float32)

    def group(self, index: int, directory: Directory) -> Group:
        """One of them as a record."""
        where = {"latitude": float(directory.columns.latitude[index]), "longitude": float(directory.columns.longitude[index])}
        known = where if directory.columns.located[index] else {}
        found: Group = self.groups[index % len(self.groups)].model_copy(update=known | {"group_id": directory.columns.ids[index]})
        return found

    def people(self, number: int, groups: int) -> list[Seeker]:
        """So many people, in towns drawn at random."""
        rng = np.random.default_rng(SEED)
        towns = max(1, groups // len(self.town))
        across = int(np.ceil(np.sqrt(-(-groups // len(self.town)))))
        return [self._moved(one, int(rng.integers(towns)), across) for one in islice(cycle(self._people), number)]

    @staticmethod
    def _moved(seeker: Seeker, number: int, across: int) -> Seeker:
        needs = seeker.needs
        if needs.latitude is None or needs.longitude is None:
            return seeker
        home = {"latitude": needs.latitude - 12 + number // across * APART, "longitude": needs.longitude - 10 + number % across * APART}
        return replace(seeker, needs=needs.model_copy(update=home))

    @staticmethod
    def _located(record: Any, locate: Callable[[str], Any]) -> Any:
        place = locate(record.postcode) if record.latitude is None and record.postcode else None
        return record if place is None else record.model_copy(update={"latitude": place.latitude, "longitude": place.longitude})

    @staticmethod
    def _seeker(needs: Any, encoder: Encoder) -> Seeker:
        heard = hear(needs.interests)
        return Seeker(needs, encoder.encode(wished(needs.interests)), heard.wanted, heard.refused)
