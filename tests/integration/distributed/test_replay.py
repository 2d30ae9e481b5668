"""`together streams replay`: a store becomes what the streams say once more, and nothing follows from it once more."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from schemas.streams import ServiceName
from services.chassis.clock import SystemClock
from services.chassis.distributed.inbox import positions
from services.chassis.distributed.running import Distributed
from services.chassis.distributed.topics import topics_wanted
from services.chassis.postgres import open_as_owner, owner_url
from services.chassis.settings import ChassisSettings
from services.cli.installation import Installation, distributed_installation, settings_for
from services.coordinator.reading import every_case
from tests.contract.sites import KEY, DistributedSite, letters, refer
from tests.e2e.command_line import Ended, together
from tests.e2e.planted import GROUPS, other
from tests.postgres_installation import installed
from tests.workers import at_work

pytestmark = pytest.mark.timeout(600)

WALL = SystemClock()
THREE = ("ada", "bo", "eve")
"""Persons of whom each has a partition alone."""

EVERY_TOPIC = sorted(topics_wanted(replication=1))


@pytest.fixture
def told(site: DistributedSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DistributedSite:
    """The two tiny services, and an environment that names where they are."""
    tell(monkeypatch, site.settings, site.bootstrap, tmp_path)
    return site


def tell(monkeypatch: pytest.MonkeyPatch, settings: ChassisSettings, bootstrap: str, folder: Path) -> None:
    (folder / "key").write_text(KEY.hex())
    monkeypatch.setenv("TOGETHER_KAFKA_BOOTSTRAP", bootstrap)
    monkeypatch.setenv("TOGETHER_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("TOGETHER_KEYS_DATABASE_URL", settings.keys_database_url or "")
    monkeypatch.setenv("TOGETHER_KEY_FILE", str(folder / "key"))
    monkeypatch.setenv("TOGETHER_DATA", str(folder / "data"))


def replay(*words: str, into: str = "matcher") -> Ended:
    return together("streams", "replay", "--into", into, *words)


def replayed(*words: str, into: str = "matcher") -> int:
    """How many records are read again."""
    ended = replay(*words, into=into)
    assert ended.code == 0, ended.err
    return int(json.loads(ended.out)["records"])


def forget(settings: ChassisSettings, service: str) -> None:
    """Delete every row of a service's own tables."""
    engine = open_as_owner(owner_url(settings))
    with engine.begin() as connection:
        for table in own_tables(inspect(connection).get_table_names(schema=service)):
            connection.exec_driver_sql(f'TRUNCATE "{service}"."{table}"')
    engine.dispose()


def own_tables(names: list[str]) -> list[str]:
    return sorted(name for name in names if name not in ("inbox", "outbox", "positions") and not name.endswith("_migrations"))


def rows(settings: ChassisSettings, service: str) -> dict[str, list[str]]:
    """Every row; what is sealed looks another way each time."""
    engine = open_as_owner(owner_url(settings))
    with engine.connect() as connection:
        tables = own_tables(inspect(connection).get_table_names(schema=service))
        every = {table: connection.exec_driver_sql(f'SELECT * FROM "{service}"."{table}"').all() for table in tables}
    engine.dispose()
    return {table: sorted(repr(["sealed" if isinstance(cell, bytes) else cell for cell in row]) for row in found) for table, found in every.items()}


def on_streams(running: Distributed) -> dict[str, list[str]]:
    return {topic: sorted(stored.record.id for stored in running.all_of(topic)) for topic in EVERY_TOPIC}


def read_to(running: Distributed, name: ServiceName) -> Any:
    with running.engine(name).connect() as connection:
        return positions(connection, running.service(name).consumes)


def every_case_of(running: Installation[Distributed]) -> list[Any]:
    with running.services.reading("coordinator") as store:
        return list(every_case(store))


def has_read_to(running: Installation[Distributed], places: Mapping[ServiceName, Any]) -> bool:
    return all(read_to(running.services, name) == place for name, place in places.items())


def has_a_night(settings: ChassisSettings) -> bool:
    """Whether the matcher has written its first night down, which it does by the clock and not on account of any record."""
    return rows(settings, "matcher")["rematches"] != []


def test_what_was_deleted_comes_back_and_nothing_follows_from_it_once_more(told: DistributedSite) -> None:
    refer(told, *(f"person-{number}" for number in range(30)))
    told.settle()
    before = told.seen(), on_streams(told.running), read_to(told.running, "matcher")
    assert len(before[0]) == 30
    told.stop()
    forget(told.settings, "matcher")
    assert told.seen() == set()
    assert replayed("--from", "beginning") == 30
    told.settle()
    assert (told.seen(), on_streams(told.running), read_to(told.running, "matcher")) == before
    refer(told, "somebody-new")
    told.settle()
    assert len(on_streams(told.running)["matches"]) == 31


def test_it_is_refused_while_a_copy_runs(told: DistributedSite) -> None:
    told.work()
    told.wait_until(lambda: all(worker.ready for worker in told.workers))
    ended = replay("--from", "beginning")
    assert ended.err == "together: 1 of the matcher's copies run: stop them first, and start them again afterwards\n"
    told.stop()
    assert replayed("--from", "beginning") == 0


def test_from_a_time_and_from_an_offset_only_what_stands_from_there_on_is_read(told: DistributedSite) -> None:
    refer(told, *THREE)
    told.settle()
    early, between = told.seen(), WALL.now()
    told.wait_until(lambda: WALL.now() - between > timedelta(milliseconds=2))  # Kafka counts in milliseconds
    refer(told, *THREE)
    told.settle()
    late = told.seen() - early
    assert len(late) == 3
    told.stop()
    for since in (between.isoformat(), "1"):
        forget(told.settings, "matcher")
        assert replayed("--from", since, "--stream", "referrals") == 3
        told.settle()
        assert told.seen() == late
        told.stop()
    assert replayed("--from", "2999-01-01T00:00:00Z") == 0
    assert replayed("--from", "1000000") == 0


def test_a_record_that_was_refused_is_refused_without_another_dead_letter(told: DistributedSite) -> None:
    refer(told, "ada")
    told.settle()
    [stored] = told.running.all_of("referrals")
    told.put(replace(stored.record, id="torn", data=b'{"torn'))
    told.settle()
    before = letters(told), on_streams(told.running)
    assert len(before[0]) == 1
    told.stop()
    forget(told.settings, "matcher")
    replayed("--from", "beginning")
    told.settle()
    assert (letters(told), on_streams(told.running)) == before
    assert len(told.seen()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "yesterday"), "--from yesterday: expected `beginning`, an offset, or a time such as"),
        (("--from", "-1"), "--from -1: expected"),
        (("--from", "2026-11-01T08:00:00"), "the time needs a zone"),
        (("--from", "beginning", "--stream", "places", "--stream", "cases"), "the matcher does not read cases; it reads groups, matches"),
        (("--from", "beginning", "--stream", "nonsense"), "the matcher does not read nonsense"),
    ],
)
def test_what_it_is_not_to_be_asked_is_told_in_one_line(told: DistributedSite, words: tuple[str, ...], said: str) -> None:
    assert told.bootstrap
    ended = replay(*words)
    assert ended.told_in_one_line()
    assert said in ended.err


def test_a_service_that_is_none_and_an_installation_that_is_none_are_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = replay("--from", "beginning", into="nobody")
    assert ended.told_in_one_line()
    assert "no service 'nobody' reads streams; there are coordinator, directory" in ended.err
    for name in ("KAFKA_BOOTSTRAP", "DATABASE_URL"):
        monkeypatch.delenv(f"TOGETHER_{name}", raising=False)
    assert replay("--from", "beginning").told_in_one_line()


@contextmanager
def working(*names: ServiceName) -> Iterator[Installation[Distributed]]:
    with distributed_installation(settings_for()) as running, at_work(running, *names):
        yield running


def test_the_matcher_s_and_the_coordinator_s_stores_come_back_as_they_were(kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = tmp_path / "groups.jsonl"
    groups.write_text("".join(json.dumps(group) + "\n" for group in GROUPS))
    people = "".join(json.dumps(other(number)) + "\n" for number in range(12)).encode()
    names: tuple[ServiceName, ...] = ("matcher", "coordinator")
    with installed() as settings:
        tell(monkeypatch, settings, kafka, tmp_path)
        with working("intake", "directory", "matcher", "coordinator", "followup", "learning") as running:
            assert together("groups", "import", groups).code == 0
            assert together("referrals", "import", "-", stdin=people).code == 0
            running.finish()
            DistributedSite.wait_until(partial(has_a_night, settings))
            streams, cases = on_streams(running.services), every_case_of(running)
            places = {name: read_to(running.services, name) for name in names}
        assert len(streams["matches"]) == 12
        for service in names:
            before = rows(settings, service)
            assert sum(map(len, before.values())) >= 12
            forget(settings, service)
            assert replayed("--from", "beginning", into=service) >= 24
            with working(*names) as running:
                DistributedSite.wait_until(partial(has_read_to, running, places))
                assert on_streams(running.services) == streams
                assert every_case_of(running) == cases
                DistributedSite.wait_until(partial(has_a_night, settings))
            assert rows(settings, service) == before
