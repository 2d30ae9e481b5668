"""Which faults of a real PostgreSQL are told as ones that may pass, and which go through."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, StatementError

from services.chassis.errors import Transient
from services.chassis.postgres import open_postgres, sqlalchemy_url, told_transient
from tests.postgres_server import database, free_port


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A database with two numbers in it."""
    with database() as url:
        made = open_postgres(url, "test", connections=2)
        with made.begin() as connection:
            connection.execute(text("CREATE TABLE numbers (id int PRIMARY KEY, value int NOT NULL)"))
            connection.execute(text("INSERT INTO numbers VALUES (1, 0), (2, 0)"))
        yield made
        made.dispose()


def add_one(connection: Connection, id_: int) -> None:
    connection.execute(text("UPDATE numbers SET value = value + 1 WHERE id = :id"), {"id": id_})


def test_a_lost_connection_may_pass_and_the_next_turn_has_a_new_one(engine: Engine) -> None:
    with engine.connect() as lost, engine.connect() as other:
        process = lost.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
        with pytest.raises(Transient, match="the database: AdminShutdown 57P01"), told_transient():
            lost.execute(text("SELECT 1"))
    with told_transient(), engine.begin() as connection:
        add_one(connection, 1)


def test_of_two_turns_that_wait_for_one_another_one_is_told_to_try_again(engine: Engine) -> None:
    both_began = Barrier(2)

    def turn(first: int, second: int) -> str:
        try:
            with told_transient(), engine.begin() as connection:
                add_one(connection, first)
                both_began.wait(timeout=30)
                add_one(connection, second)
        except Transient as fault:
            return str(fault)
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(turn, (1, 2), (2, 1))) == ["", "the database: DeadlockDetected 40P01"]


def test_two_turns_at_odds_may_pass(engine: Engine) -> None:
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
            connection.execute(text("SELECT sum(value) FROM numbers"))
        add_one(one, 1)
        one.commit()
        with pytest.raises(Transient, match="SerializationFailure 40001"), told_transient():
            add_one(other, 1)


def test_that_nobody_answers_or_no_connection_is_free_may_pass(engine: Engine) -> None:
    nobody = open_postgres(sqlalchemy_url(f"postgresql://together@127.0.0.1:{free_port()}/town"), "test")
    with pytest.raises(Transient, match="the database: OperationalError"), told_transient():
        nobody.connect()
    busy = open_postgres(engine.url, "test", connections=1, wait=0.01)
    with busy.connect(), pytest.raises(Transient, match="no connection became free"), told_transient():
        busy.connect()
    busy.dispose()


def test_a_broken_rule_goes_through_and_repeats_no_values_of_the_statement(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as told, told_transient(), engine.begin() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (:id, :value)"), {"id": 1, "value": 987654})
    assert isinstance(told.value, StatementError)
    assert "987654" not in str(told.value)
