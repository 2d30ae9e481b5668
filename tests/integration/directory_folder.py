"""A data folder with the directory in it, and groups to list there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.encoder import DIMENSIONS
from schemas.group import Group
from services.chassis.clock import HandSetClock, SystemClock
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.folder import DataFolder
from services.chassis.running import Answer, Clocks
from services.directory.app import directory
from services.directory.domain import ListGroup
from services.directory.preparing import Preparer
from services.directory.store import SqlDirectoryStore

NOW = datetime(2025, 3, 1, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Spot:
    """Where a postcode is."""

    latitude: float
    longitude: float
    area: str


PLACES = {"LS6 3AA": Spot(53.82, -1.57, "LS6")}


class CountingEncoder:
    """A vector for every text, a different one for each length; counts the texts."""

    hash = "counting"

    def __init__(self) -> None:
        self.texts = 0

    def encode(self, text: str) -> NDArray[np.float32] | None:
        """A unit vector."""
        self.texts += 1
        vector = np.zeros(DIMENSIONS, np.float32)
        vector[len(text) % DIMENSIONS] = 1
        return vector


class Folder:
    """An installation of the directory alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.encoder = CountingEncoder()
        self.clock = HandSetClock(NOW)
        self.embedded = Embedded(DataFolder(path), Clocks(self.clock, SystemClock()))
        self.embedded.add(directory(self.clock, "Europe/London"))
        self.prepare = Preparer(self.encoder, PLACES.get, self._vectors).prepare

    def list(self, groups: Sequence[Group], feed: str = "town") -> list[Answer]:
        """List groups as an import does."""
        return self.embedded.decide("directory", [ListGroup(feed, one, self.clock.now()) for one in self.prepare(groups)])

    @contextmanager
    def reading(self) -> Iterator[SqlDirectoryStore]:
        """The directory's store."""
        with self.embedded.reading("directory") as store:
            yield store

    def listed(self) -> dict[str, Group]:
        """Every group that is listed, by id."""
        with self.reading() as store:
            return {listed.group.group_id: listed.group for listed in store.all()}

    def bytes(self) -> bytes:
        """Every byte of every file in the folder."""
        return b"".join(file.read_bytes() for file in sorted(self.path.rglob("*")) if file.is_file())

    def _vectors(self, encoder: str, text_hashes: Sequence[str]) -> dict[str, str]:
        with self.reading() as store:
            return store.vectors(encoder, text_hashes)


@contextmanager
def folder(path: Path) -> Iterator[Folder]:
    """Open a folder for as long as the block runs."""
    opened = Folder(path)
    try:
        yield opened
    finally:
        opened.embedded.close()


def group(group_id: str, **fields: Any) -> Group:
    """A group with an id, a name and what else is given."""
    return Group.model_validate({"group_id": group_id, "name": f"Group {group_id}"} | fields)


def facts(answers: Sequence[Answer]) -> list[str]:
    """What was written, each as its event's name and its group."""
    return [f"{event.data.__class__.__name__} {event.data.subject}" for answer in answers if not isinstance(answer, Rejected) for event in answer]
