"""Somebody lives through everything over Kafka and PostgreSQL and is erased; then they are looked for in every byte that was left anywhere.

That is: the broker's files and every record in them unpacked, the services' database as tables and as a data directory with its write-ahead log,
the backups of both from before the erasure, the messages, and what the services logged. Nothing of it is readable, because what was personal was
never there but sealed, and the keys are gone.

What is left, and until when: the key store has the two keys, wrapped by the key-encryption key, in its write-ahead log until PostgreSQL has
recycled it, and in every backup that was made of it before. The person is erased completely when the last of those is gone, after the N days for
which they are kept. The tables of the key store themselves are written anew at every erasure, so their files hold no destroyed key.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from schemas.events.base import Purpose
from services.chassis.codec import decode, opened
from services.chassis.distributed.reading import bytes_of, ends_of, reader
from services.chassis.distributed.topics import topics_wanted
from services.chassis.errors import Rejected
from services.chassis.postgres import open_as_owner
from services.chassis.vault import Vault
from services.cli.installation import distributed_installation, settings_for
from services.coordinator.reading import read_status
from tests import workers
from tests.contract.sites import DistributedSite
from tests.e2e.command_line import together
from tests.e2e.leftovers import found_in, said_in
from tests.e2e.planted import GROUPS, NHS, PIECE, PLANTED, REFERRAL, other
from tests.e2e.test_erasure_after_a_whole_life import BREAD
from tests.kafka_brokers import Brokers
from tests.kafka_here import create_topics, has_jars
from tests.postgres_server import Server, programs, server

pytestmark = pytest.mark.timeout(900)  # two databases, a broker and five services, where two cores may have other work

PURPOSES: tuple[Purpose, ...] = ("details", "matching")
EVERY_TOPIC = sorted(topics_wanted(replication=1))
_PAGE = 8_192
REPLY = "Yes I went, and my parrot Bumblewick too"


@dataclass(frozen=True)
class Place:
    """Where everything lies that an installation leaves behind."""

    home: Path
    folder: Path
    brokers: Brokers
    database: Server
    keys: Server

    def program(self, name: str, whose: Server, *words: str) -> bytes:
        """Run one of PostgreSQL's own programs on a server."""
        told = ("-h", "127.0.0.1", "-p", str(whose.url.port), "-U", "postgres")
        return subprocess.run([self.folder / name, *told, *words], check=True, capture_output=True).stdout

    def every_record(self, file: Path) -> None:
        """Write down every record there is, keys and headers too, as whoever reads the streams gets them: a segment's batches are packed."""
        consumer = reader(self.brokers.bootstrap)
        left = ends_of(consumer, EVERY_TOPIC)
        consumer.assign([TopicPartition(*key, OFFSET_BEGINNING) for key in left])
        number = sum(left.values())
        with file.open("wb") as written:
            while number:
                for message in consumer.consume(500, 5.0):
                    pairs: Any = message.headers() or ()
                    headers = b"\n".join(name.encode() + b"=" + (value or b"") for name, value in pairs)
                    written.write(b"\n".join((bytes_of(message.key()) or b"", bytes_of(message.value()) or b"", headers, b"")))
                    number -= 1
        consumer.close()

    def backup(self) -> Path:
        """The streams and the services' database before: as a dump, and as the files with the write-ahead log."""
        to = self.home / "before"
        to.mkdir()
        self.every_record(to / "records")
        gather(self.brokers.folder, to, "*.log")
        (to / "dump.sql").write_bytes(self.program("pg_dump", self.database, "together"))
        self.program("pg_basebackup", self.database, "-D", str(self.home / "base"), "-X", "fetch", "--checkpoint=fast", "--no-sync")
        self._gather_database(self.home / "base", to)
        return to

    def what_is_left(self) -> Path:
        """The same as it lies there now."""
        to = self.home / "after"
        to.mkdir()
        self.every_record(to / "records")
        gather(self.brokers.folder, to, "*.log")
        (to / "dump.sql").write_bytes(self.program("pg_dump", self.database, "together"))
        self.program("psql", self.database, "-c", "CHECKPOINT", "together")
        self._gather_database(self.database._home / "data", to)
        shutil.copy(self.database._home / "log", to / "database.log")
        return to

    def _gather_database(self, files: Path, to: Path) -> None:
        number = self.program("psql", self.database, "-At", "-c", "SELECT oid FROM pg_database WHERE datname = 'together'", "together")
        gather(files / "base" / number.decode().strip(), to, "*")
        gather(files / "pg_wal", to, "*")


def gather(files: Path, to: Path, pattern: str) -> None:
    """Copy what is in these files, the pages left out in which nothing stands: much of a write-ahead log that was only just begun."""
    for file in sorted(path for path in files.rglob(pattern) if path.is_file()):
        with file.open("rb") as read, (to / str(file.relative_to(files.parents[1])).replace("/", "-")).open("wb") as written:
            while page := read.read(_PAGE):
                if page.strip(b"\0"):
                    written.write(page)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Two servers and a broker of our own, whose files can be read."""
    if (folder := programs()) is None or not has_jars():
        pytest.skip("needs Debian's PostgreSQL, and a JDK 17 with Maven for Kafka: it reads their files")
    with server(folder) as database, server(folder) as keys, Brokers(1, tmp_path / "kafka") as brokers:
        create_topics(brokers.bootstrap, replication=1)
        (tmp_path / "key").write_text("5c" * 32)
        told = {
            "KAFKA_BOOTSTRAP": brokers.bootstrap, "KEY_FILE": str(tmp_path / "key"), "DATA": str(tmp_path / "data"),
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{database.url.port}/together",
            "KEYS_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{keys.url.port}/together_keys",
        }  # fmt: skip
        for name, value in told.items():
            monkeypatch.setenv(f"TOGETHER_{name}", value)
        assert together("database", "upgrade").code == 0
        yield Place(tmp_path, folder, brokers, database, keys)


@contextmanager
def at_work(clock: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every service at work from this time on."""
    monkeypatch.setenv("TOGETHER_CLOCK", clock)
    with distributed_installation(settings_for()) as running, workers.at_work(running):
        yield


def run(*words: str, stdin: bytes = b"") -> str:
    ended = together(*words, stdin=stdin)
    assert ended.code == 0, ended.err
    return ended.out


def live(place: Place, monkeypatch: pytest.MonkeyPatch) -> str:
    """Referred, proposed, agreed, placed, written to, come, answered; returns our own id of the person."""
    groups = place.home / "groups.jsonl"
    groups.write_text("".join(json.dumps(group) + "\n" for group in (BREAD, *GROUPS)))
    people = "".join(json.dumps(one) + "\n" for one in (REFERRAL, other(1), other(2))).encode()
    with at_work("2026-03-06T10:00:00+00:00", monkeypatch):
        run("groups", "import", str(groups))
        run("referrals", "import", "-", stdin=people)
        run("queue", "choose", "REFQX-7741-ZULU", "bread")
        DistributedSite.wait_until(lambda: any((place.home / "data" / "outbox").glob("*.eml")))
    groups.unlink()
    with at_work("2026-03-11T11:00:00+00:00", monkeypatch):
        run("queue", "attended", "REFQX-7741-ZULU", "bread", "2026-03-10")
        run("reply", NHS, REPLY)
        record = json.loads(run("person", "export", NHS))
    events = {event["event"] for event in record["events"]}
    assert {"ReferralReceived", "MatchesProposed", "GroupChosen", "PlaceHeld", "FollowUpSent", "SessionAttended", "ReplyReceived"} <= events
    assert len(said_in(json.dumps(record), PLANTED)) > 20
    return str(record["person"])


def wrapped(place: Place, person: str) -> list[bytes]:
    """The person's keys as they lie in the key store."""
    engine = open_as_owner(place.keys.url.set(database="together_keys"), schema="keys")
    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"SELECT wrapped FROM {use}_keys WHERE owner = %s", (person,)).scalar() for use in PURPOSES]
    engine.dispose()
    return [bytes(one) for one in found if one]


def test_no_byte_that_is_left_anywhere_tells_of_whom_was_erased(
    place: Place, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    person = live(place, monkeypatch)
    keys = wrapped(place, person)
    assert len(keys) == 2
    pieces = [key[start : start + PIECE] for key in keys for start in range(0, len(key) - PIECE, PIECE)]
    before = place.backup()
    key_backup = place.home / "keys.sql"
    key_backup.write_bytes(place.program("pg_dump", place.keys, "together_keys"))
    with at_work("2026-03-11T12:00:00+00:00", monkeypatch):
        assert json.loads(run("person", "erase", NHS)) == {"person": person, "erased": True}
        assert json.loads(run("referrals", "show", "OTHER-1"))["person_id"] == "P-1"
    after = place.what_is_left()
    said = capfd.readouterr()
    (place.home / "logs").write_text(said.out + said.err)
    for where in (before, after, place.home / "data"):
        assert found_in(where, [*PLANTED, *pieces]) == [], where
    assert sum(file.stat().st_size for file in after.iterdir()) > 1_000_000
    assert said_in((place.home / "logs").read_text(), PLANTED) == []
    assert list((place.home / "data" / "outbox").glob("*")) == []
    assert wrapped(place, person) == []
    assert_nothing_opens(person)
    place.program("psql", place.keys, "-c", "CHECKPOINT", "together_keys")
    in_files, in_log = (place.home / name for name in ("key-files", "key-log"))
    for to, part in ((in_files, "base"), (in_log, "pg_wal")):
        to.mkdir()
        gather(place.keys._home / "data" / part, to, "*")
    assert found_in(in_files, pieces) == []
    assert found_in(in_log, pieces) != []  # as the docstring says: until it is recycled
    assert any(piece.hex() in key_backup.read_text() for piece in pieces)  # and until the backup is gone


def assert_nothing_opens(person: str) -> None:
    """With the key store as it is now, no record about the person opens, from before or after."""
    with distributed_installation(settings_for()) as running:
        assert running.services.keys_of("intake").fetch("details", [person]) == {person: None}
        vault = Vault("intake", running.services.keys_of("intake"), PURPOSES)
        records = [stored.record for stored in running.services.about(person, EVERY_TOPIC)]
        assert len(records) > 10
        for event in (opened(decode(record), vault, PURPOSES) for record in records):
            assert not getattr(event.data, "details", None)
            assert not getattr(event.data, "matching", None)
        with running.services.reading("coordinator") as store, pytest.raises(Rejected):
            read_status(store, "REFQX-7741-ZULU")
