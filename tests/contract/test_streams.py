"""What every backend of the streams promises: order, cursors, whole transactions, and the newest record of a key."""

from contextlib import suppress

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from services.chassis import log
from services.chassis.codec import Record


def record(number: int, stream: str = "referrals", subject: str = "ada") -> Record:
    return Record(
        stream,
        subject,
        f"id-{number}",
        "better-together.PersonErased",
        "/better-together/intake",
        "2026-03-02T09:00:00+00:00",
        "c",
        None,
        None,
        b"{}",
    )


def append(engine: Engine, *records: Record) -> None:
    with engine.begin() as connection:
        log.append(connection, records, "2026-03-02T09:00:00+00:00")


def ids(stored: list[log.Stored]) -> list[str]:
    return [one.record.id for one in stored]


def test_records_are_read_in_the_order_in_which_they_were_appended(log_engine: Engine) -> None:
    append(log_engine, *(record(number) for number in range(10)))
    with log_engine.connect() as connection:
        assert ids(log.read(connection, {"referrals": 0}, 100)) == [f"id-{number}" for number in range(10)]


def test_a_record_comes_back_as_it_was(log_engine: Engine) -> None:
    append(log_engine, record(1))
    with log_engine.connect() as connection:
        [stored] = log.read(connection, {"referrals": 0}, 10)
    assert stored.record == record(1)


def test_several_streams_are_read_together_each_from_its_own_position(log_engine: Engine) -> None:
    append(log_engine, record(1), record(2, "matches"), record(3), record(4, "matches"), record(5, "groups"))
    with log_engine.connect() as connection:
        first = log.read(connection, {"referrals": 0}, 1)[0].position
        assert ids(log.read(connection, {"referrals": first, "matches": 0}, 10)) == ["id-2", "id-3", "id-4"]
        assert ids(log.read(connection, {"referrals": 0, "matches": 0}, 2)) == ["id-1", "id-2"]


def test_what_is_undone_was_never_appended(log_engine: Engine) -> None:
    with suppress(RuntimeError), log_engine.begin() as connection:
        log.append(connection, [record(1)], "2026-03-02T09:00:00+00:00")
        log.save_cursors(connection, "matcher", {"referrals": 1})
        raise RuntimeError
    with log_engine.connect() as connection:
        assert log.read(connection, {"referrals": 0}, 10) == []
        assert log.cursors(connection, "matcher", ["referrals"]) == {"referrals": 0}


def test_an_id_stands_once(log_engine: Engine) -> None:
    append(log_engine, record(1))
    with pytest.raises(IntegrityError):
        append(log_engine, record(1, "matches"))


def test_cursors_are_kept_for_each_consumer_and_stream(log_engine: Engine) -> None:
    with log_engine.begin() as connection:
        log.save_cursors(connection, "matcher", {"referrals": 7})
        log.save_cursors(connection, "matcher", {"referrals": 9})
        log.save_cursors(connection, "coordinator", {"referrals": 3, "matches": 4})
    with log_engine.connect() as connection:
        assert log.cursors(connection, "matcher", ["referrals", "matches"]) == {"referrals": 9, "matches": 0}
        assert log.cursors(connection, "coordinator", ["referrals", "matches"]) == {"referrals": 3, "matches": 4}


def test_a_compacted_stream_is_the_newest_record_of_each_key(log_engine: Engine) -> None:
    append(log_engine, record(1, "groups", "choir"), record(2, "groups", "chess"), record(3, "groups", "choir"), record(4, "matches", "chess"))
    with log_engine.connect() as connection:
        assert ids(list(log.newest_by_subject(connection, "groups"))) == ["id-2", "id-3"]


def test_all_that_was_said_about_a_subject_is_found(log_engine: Engine) -> None:
    append(log_engine, record(1), record(2, "matches"), record(3, subject="bo"), record(4, "groups"))
    with log_engine.connect() as connection:
        assert ids(log.about(connection, "ada", ["referrals", "matches"])) == ["id-1", "id-2"]


def test_the_end_is_the_position_of_the_last_record(log_engine: Engine) -> None:
    with log_engine.connect() as connection:
        assert log.end(connection) == log.end(connection, ["referrals"]) == 0
    append(log_engine, record(1), record(2, "matches"))
    with log_engine.connect() as connection:
        assert log.end(connection) == log.end(connection, ["referrals", "matches"]) > log.end(connection, ["referrals"]) > 0


def test_each_stream_has_an_end_of_its_own(log_engine: Engine) -> None:
    append(log_engine, record(1), record(2, "matches"), record(3))
    with log_engine.connect() as connection:
        last = log.end(connection)
        assert log.ends(connection, ["matches", "referrals", "groups"]) == {"matches": last - 1, "referrals": last, "groups": 0}
        assert log.ends(connection, []) == {}
