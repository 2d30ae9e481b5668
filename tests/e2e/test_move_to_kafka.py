"""A folder in which a small town lives is moved to Kafka and PostgreSQL: all of it, once, and life goes on from there."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.events.follow_ups import FollowUpSent
from services.chassis.clock import HandSetClock
from services.chassis.distributed import moving
from services.chassis.distributed.relay import NotSent, send
from services.chassis.distributed.running import Distributed
from services.chassis.folder import DataFolder
from services.chassis.postgres import keys_owner_url, owner_url
from services.chassis.settings import ChassisSettings
from services.cli.database import migrations
from services.cli.installation import Installation, embedded_installation, settings_for
from services.coordinator.reading import read_status
from tests.contract.sites import DistributedSite
from tests.e2e.command_line import in_its_own_process, together
from tests.e2e.moved_installation import EVERY_TOPIC, move, on_kafka, on_postgresql, over_kafka
from tests.e2e.moved_town import ENDS, Told, baker, claimed_and_open, follow_ups, letters, rows_of, sent, told, unread
from tests.workers import at_work

pytestmark = pytest.mark.timeout(900)  # each starts every service, where two cores may have other work


def before_the_move(data: Path) -> Told:
    """What can be read in the folder."""
    settings = ChassisSettings(data=data, kafka_bootstrap=None, database_url=None)
    with embedded_installation(settings, HandSetClock(ENDS)) as running:
        assert len(claimed_and_open(running.services)) == 1
        return told(running.services, EVERY_TOPIC)


def of(running: Installation[Distributed], name: str) -> Any:
    """How the case of one of the bakers stands."""
    with running.services.reading("coordinator") as store:
        return read_status(store, f"R-{name}")


def person(running: Installation[Distributed], name: str) -> str:
    with running.services.reading("intake") as store:
        [found] = store.persons_called(f"P-{name}")
    return str(found)


def test_by_one_command_all_of_it_is_moved_nothing_is_done_again_and_life_goes_on(no_database: Path) -> None:
    data, before, written = no_database, before_the_move(no_database), letters(no_database)
    assert len(before.cases) > 15
    assert len(written) > 15
    for words in (("database", "upgrade"), ("streams", "apply", "--yes")):
        assert in_its_own_process(*words).code == 0
    ended = in_its_own_process("streams", "move", "--to-kafka", "--data", data)
    assert ended.code == 0, ended.err
    moved = json.loads(ended.out)
    assert moved["streams"] == before.counts()
    with over_kafka() as running:
        after = told(running.services, EVERY_TOPIC)
        assert after.streams == before.streams
        assert after.cases == before.cases
        assert_every_row_is_there(data, moved)
        left_open = claimed_and_open(running.services)
        taken, once = taken_in(running), sent(running.services)
        with at_work(running):
            nothing_is_done_again(running, before, taken, once, written, left_open)
            life_goes_on(running)
    lag = [json.loads(line) for line in together("streams", "lag").out.splitlines()]
    assert {one["lag"] for one in lag} == {0}


def assert_every_row_is_there(data: Path, moved: Any) -> None:
    """Row by row, in every table of every service and of the key store."""
    settings, found = settings_for(), 0
    schemas = {**{name: (data / "together.sqlite3", owner_url(settings)) for name in moved["tables"]}}
    for schema, (file, url) in schemas.items():
        for table, number in moved["tables"][schema].items():
            rows, columns = on_postgresql(url, schema, table)
            assert rows == rows_of(file, table, columns), table
            assert len(rows) == number
            found += number
    for table, number in moved["keys"].items():
        rows, columns = on_postgresql(keys_owner_url(settings), "keys", table)
        assert rows == rows_of(data / "keys" / "keys.sqlite3", table, columns), table
        assert len(rows) == number
    assert set(moved["tables"]) == set(migrations())
    assert found > 1_000


def taken_in(running: Installation[Distributed]) -> dict[str, set[str]]:
    """The ids that each service took in."""
    found: dict[str, set[str]] = {}
    for name in running.services.names:
        with running.services.engine(name).connect() as connection:
            found[name] = {row[0] for row in connection.exec_driver_sql("SELECT id FROM inbox")}
    return found


def nothing_is_done_again(
    running: Installation[Distributed], before: Told, taken: dict[str, set[str]], once: list[str], written: Any, left_open: set[str]
) -> None:
    """All that follows is what becomes of the one message that was claimed and not sent, and of the next to the same person."""
    DistributedSite.wait_until(lambda: not claimed_and_open(running.services) and left_open <= set(sent(running.services)))
    running.finish()
    after, whom = told(running.services, EVERY_TOPIC), person(running, "open")
    for stream, subjects in after.streams.items():
        grown = {subject for subject, ids in subjects.items() if ids != before.streams[stream].get(subject, [])}
        assert grown <= ({whom} if stream in ("follow-ups", "outcomes", "cases") else set()), stream
    old = {id_ for subjects in before.streams.values() for ids in subjects.values() for id_ in ids}
    behind = unread(running.settings.data)
    for name, ids in taken_in(running).items():
        assert taken[name] <= ids
        assert (ids - taken[name]) & old == behind.get(name, set()), name
    DistributedSite.wait_until(lambda: newly_written(running, written) == set(sent(running.services)) - set(once))
    assert len(set(sent(running.services))) == len(sent(running.services))
    now = letters(running.settings.data)
    assert {name: now[name] for name in written} == written


def newly_written(running: Installation[Distributed], written: Any) -> set[str]:
    """The touches whose messages were not there before."""
    return {Path(name).stem for name in letters(running.settings.data).keys() - written.keys()}


def life_goes_on(running: Installation[Distributed]) -> None:
    """Somebody new is answered, and a place that is given up goes to who waited for it."""
    ended = together("referrals", "import", "-", stdin=baker("new").model_dump_json(exclude_none=True).encode() + b"\n")
    assert ended.code == 0, ended.err
    DistributedSite.wait_until(lambda: of(running, "new")["status"] == "proposed")
    assert (of(running, "ada")["status"], of(running, "bo")["status"]) == ("placed", "waitlisted")
    ended = together("queue", "close", "R-ada", "--reason", "moved_away")
    assert ended.code == 0, ended.err
    DistributedSite.wait_until(lambda: of(running, "bo")["status"] == "placed")
    whom = person(running, "bo")
    DistributedSite.wait_until(lambda: any(isinstance(one.data, FollowUpSent) and one.data.person == whom for one in follow_ups(running.services)))


def test_a_move_that_was_cut_short_goes_on_and_a_second_one_is_refused(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = before_the_move(ready)
    with monkeypatch.context() as broken:
        broken.setattr(moving, "send", half)
        ended = move(ready)
        assert ended.told_in_one_line()
        assert "goes on" in ended.err
    assert 0 < sum(on_kafka().values()) < sum(before.counts().values())
    with monkeypatch.context() as killed:
        killed.setattr(DataFolder, "mark_moving", then_killed(DataFolder.mark_moving))
        with pytest.raises(Killed):
            move(ready)
    assert on_kafka() == before.counts()
    assert_not_run("was cut short", monkeypatch)
    with monkeypatch.context() as killed:
        killed.setattr(DataFolder, "mark_moved", then_killed(lambda _: None))
        with pytest.raises(Killed):
            move(ready)
    assert_not_run("was cut short", monkeypatch)
    assert json.loads(move(ready).out) == {"ended": True}
    with over_kafka() as running:
        assert told(running.services, EVERY_TOPIC) == before
    assert move(ready).err == f"together: {ready} was moved to Kafka and PostgreSQL: what it holds is not to be run any more\n"
    assert_not_run("was moved", monkeypatch)


class Killed(Exception):
    """The process ended here."""


def half(producer: Any, records: Any) -> None:
    send(producer, records[: len(records) // 2])
    raise NotSent("the broker went away")


def then_killed(work: Any) -> Any:
    def last(folder: DataFolder) -> None:
        work(folder)
        raise Killed

    return last


def assert_not_run(because: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command runs in the folder by itself."""
    with monkeypatch.context() as alone:
        for name in ("KAFKA_BOOTSTRAP", "DATABASE_URL", "KEYS_DATABASE_URL"):
            alone.delenv(f"TOGETHER_{name}")
        for words in (("up", "--port", "0"), ("referrals", "list"), ("person", "export", "P-ada")):
            ended = together(*words)
            assert ended.told_in_one_line(), ended
            assert because in ended.err
