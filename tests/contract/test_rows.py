"""What a batch of rows comes to, whatever the database: the same as one row after another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Engine, Float, Integer, LargeBinary, MetaData, String, Table, bindparam, delete, select, update

from services.chassis.database import open_database
from services.chassis.postgres import open_postgres
from services.chassis.rows import AT_ONCE, insert, rows_with, write_rows
from tests.postgres_server import database

METADATA = MetaData()
THINGS = Table(
    "things",
    METADATA,
    Column("name", String, primary_key=True),
    Column("on", Integer, primary_key=True, autoincrement=False),
    Column("flag", Boolean, nullable=False),
    Column("share", Float),
    Column("sealed", LargeBinary),
)
ARRIVALS = Table("arrivals", METADATA, Column("number", Integer, primary_key=True), Column("name", String, nullable=False, unique=True))
_thing = insert(THINGS)
STATEMENTS = {
    "ignored": _thing.on_conflict_do_nothing(),
    "newest": _thing.on_conflict_do_update(
        index_elements=list(THINGS.primary_key), set_={name: _thing.excluded[name] for name in ("flag", "share", "sealed")}
    ),
    "largest": _thing.on_conflict_do_update(
        index_elements=[THINGS.c["on"], THINGS.c.name], set_={"share": _thing.excluded.share}, where=_thing.excluded.share >= THINGS.c.share
    ),
    "changed": update(THINGS)
    .where(THINGS.c.name == bindparam("its_name"), THINGS.c["on"] == bindparam("its_on"))
    .values(flag=bindparam("is_flag"), share=bindparam("is_share"), sealed=bindparam("is_sealed")),
    "gone": delete(THINGS).where(THINGS.c.name == bindparam("its_name"), THINGS.c["on"] == bindparam("its_on")),
}
ALL_THINGS, ALL_ARRIVALS = select(THINGS), select(ARRIVALS.c.name)
ARRIVED = insert(ARRIVALS).values(name=bindparam("name")).on_conflict_do_nothing()
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Z", "a", "é", ""]),
        st.integers(0, 2),
        st.booleans(),
        st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32),
        st.none() | st.binary(max_size=4),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """One of each, with the tables."""
    folder: Path = tmp_path_factory.mktemp("rows")
    with database() as url:
        both = {"sqlite": open_database(folder / "rows.sqlite3", writes=True), "postgresql": open_postgres(url, "rows")}
        for engine in both.values():
            METADATA.create_all(engine)
        yield both
        for engine in both.values():
            engine.dispose()


def outcome(engine: Engine, batches: list[tuple[str, list[tuple[Any, ...]]]], *, at_once: bool) -> tuple[list[int], list[tuple[Any, ...]]]:
    """How many rows each batch changed, and the table in the end; nothing is kept."""
    with engine.connect() as connection, connection.begin() as begun:
        changed = []
        for name, rows in batches:
            parts = [rows] if at_once else [[row] for row in rows]
            changed.append(sum(write_rows(connection, STATEMENTS[name], _values(name, part)) for part in parts))
        kept = connection.execute(ALL_THINGS.order_by(THINGS.c.name, THINGS.c["on"])).all()
        begun.rollback()
    return changed, [tuple(row) for row in kept]


def _values(name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """A row in the order of a statement's parameters."""
    if name == "changed":
        return [(*row[2:], *row[:2]) for row in rows]
    return [row[:2] for row in rows] if name == "gone" else rows


@settings(max_examples=60)
@given(batches=st.lists(st.tuples(st.sampled_from(sorted(STATEMENTS)), ROWS), max_size=4))
def test_a_batch_is_the_same_as_one_row_after_another_on_either(engines: dict[str, Engine], batches: list[tuple[str, list[Any]]]) -> None:
    expected = outcome(engines["sqlite"], batches, at_once=False)
    assert outcome(engines["sqlite"], batches, at_once=True) == expected
    assert outcome(engines["postgresql"], batches, at_once=True) == expected


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_what_arrives_is_counted_in_its_order(engines: dict[str, Engine], backend: str) -> None:
    names = [f"{number * 7919 % 1000}" for number in range(1000)]
    with engines[backend].begin() as connection:
        assert write_rows(connection, ARRIVED, [(name,) for name in names]) == 1000
        assert write_rows(connection, ARRIVED, [("7",), ("new",), ("new",)]) == 1
        assert [row[0] for row in connection.execute(ALL_ARRIVALS.order_by(ARRIVALS.c.number))] == [*names, "new"]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_more_values_than_one_query_takes_are_all_found(engines: dict[str, Engine], backend: str) -> None:
    rows = [(f"name-{number}", number, True, None, b"%d" % number) for number in range(2 * AT_ONCE + 1)]
    with engines[backend].connect() as connection:
        write_rows(connection, STATEMENTS["ignored"], rows)
        assert sorted(map(tuple, rows_with(connection, ALL_THINGS, THINGS.c.name, [row[0] for row in rows]))) == sorted(rows)
        assert {row[1] for row in rows_with(connection, ALL_THINGS, THINGS.c.sealed, [b"3", b"700", b"absent"])} == {3, 700}
        assert rows_with(connection, ALL_THINGS, THINGS.c["on"], []) == []


def test_postgresql_keeps_and_finds_text_with_a_nul_character(engines: dict[str, Engine]) -> None:
    with engines["postgresql"].connect() as connection:
        write_rows(connection, STATEMENTS["ignored"], [("a\x00b", 1, True, None, b"\x00")])
        connection.execute(insert(THINGS).values(name="\x00", on=1, flag=False))
        assert [row[0] for row in rows_with(connection, ALL_THINGS, THINGS.c.name, ["a\x00b"])] == ["a\ufffdb"]
        assert [row.sealed for row in connection.execute(select(THINGS).where(THINGS.c.name == "a\x00b"))] == [b"\x00"]
