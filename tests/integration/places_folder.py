"""A data folder with the directory in it, and a tiny service that puts on `place-requests` what a test asks for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from schemas.events.base import Data
from schemas.events.places import PlaceHeld, PlaceMoved
from services.chassis.codec import decode
from services.chassis.service import Decided, Fact, Service
from services.chassis.vault import Vault
from services.directory.places.book import Answer, Book
from tests.integration.directory_folder import Folder
from tests.unit.directory.place_desk import in_short

MIGRATION = """
revision = "0001"
down_revision = None


def upgrade():
    pass
"""


@dataclass(frozen=True)
class Ask:
    """Write this fact."""

    data: Data


class NoStore:
    """Keeps nothing."""

    def __init__(self, _connection: Connection, _vault: Vault) -> None:
        pass


def ask(commands: Sequence[Ask], _store: NoStore) -> list[Decided]:
    """The facts that were asked for."""
    return [[Fact(command.data)] for command in commands]


class Town(Folder):
    """The directory, and whoever asks it for places."""

    def __init__(self, path: Path) -> None:
        super().__init__(path / "data")
        (path / "migrations").mkdir(exist_ok=True)
        (path / "migrations" / "0001_nothing.py").write_text(MIGRATION)
        self.embedded.add(Service("coordinator", NoStore, path / "migrations", decides={Ask: ask}))
        self.embedded.start()

    def ask(self, *asked: Data) -> None:
        """Put these on the stream, without an answer yet."""
        if asked:
            self.embedded.decide("coordinator", [Ask(data) for data in asked])

    def asked(self, *asked: Data) -> list[str]:
        """What is answered to these, in short."""
        before = len(self.answers())
        self.ask(*asked)
        self.embedded.settle()
        return [in_short(answer) for answer in self.answers()[before:]]

    def answers(self) -> list[Answer]:
        """Everything on `places`."""
        events = [decode(stored.record) for stored in self.embedded.records("places", 0, 100_000)]
        return [event.data for event in events if isinstance(event.data, Answer)]

    def by_group(self) -> dict[str, list[Answer]]:
        """Everything on `places`, by group."""
        found = defaultdict(list)
        for answer in self.answers():
            found[answer.group_id].append(answer)
        return found

    def book(self, group_id: str) -> Book:
        """The group's book as it is written down."""
        with self.reading() as store:
            return store.books({group_id: ()})[group_id]

    def sessions(self) -> list[str | None]:
        """Every first session that was told, in order."""
        told = [answer for answer in self.answers() if isinstance(answer, PlaceHeld | PlaceMoved)]
        return [one.session.start.isoformat() if one.session else None for one in told]


@contextmanager
def town(path: Path) -> Iterator[Town]:
    """Open a folder for as long as the block runs."""
    opened = Town(path)
    try:
        yield opened
    finally:
        opened.embedded.close()
