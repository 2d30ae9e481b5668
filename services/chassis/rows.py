"""Rows by the batch, as plain tuples, on SQLite and PostgreSQL: statements are SQLAlchemy Core's, what Core adds to every single row is left out.

Values go and come as the driver has them: text, bytes, numbers, and True or 1 for a Boolean. Only statements that live as long as the program
are to be given, because each is compiled once and kept. On PostgreSQL a batch of inserts is one statement over an array a column.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect
from sqlalchemy import Insert as AnyInsert
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql import ClauseElement

__all__ = ["AT_ONCE", "Insert", "insert", "rows_with", "write_rows"]
# `insert` is the one for all stores: SQLite took ON CONFLICT over from PostgreSQL, and SQLAlchemy compiles PostgreSQL's construct for both
# dialects, but SQLite's for SQLite alone.

AT_ONCE = 1_000
"""The most values looked for by one query; SQLite takes 32,766."""

_INTO = re.compile(r"INSERT INTO \S+ \((.*)\)$")
_KEY = re.compile(r"ON CONFLICT \(([^)]*)\) DO UPDATE")

Row = tuple[Any, ...]


def write_rows(connection: Connection, statement: ClauseElement, rows: Sequence[Row]) -> int:
    """Execute a statement for each row, its values in the order of the statement's parameters; returns how many rows of the table it changed."""
    if not rows:
        return 0
    if isinstance(statement, AnyInsert) and connection.dialect.name == "postgresql":
        sql, key = _over_arrays(statement, connection.dialect)
        return sum(connection.exec_driver_sql(sql, tuple(map(list, zip(*some, strict=True)))).rowcount for some in _rounds(rows, key))
    return connection.exec_driver_sql(_sql(statement, connection.dialect), list(rows)).rowcount


def rows_with(connection: Connection, query: ClauseElement, column: ColumnElement[Any], values: Collection[Any]) -> list[Sequence[Any]]:
    """The rows of a query without conditions whose `column` is one of these values."""
    found: list[Sequence[Any]] = []
    sought, dialect = list(values), connection.dialect
    for start in range(0, len(sought), AT_ONCE):
        some = sought[start : start + AT_ONCE]
        if dialect.name == "postgresql":
            found += connection.exec_driver_sql(_query_for_any(query, column, dialect), (some,)).all()
        else:
            condition = f"{_sql(column, dialect)} IN ({', '.join('?' * len(some))})"
            found += connection.exec_driver_sql(f"{_sql(query, dialect)} WHERE {condition}", tuple(some)).all()
    return found


def _rounds(rows: Sequence[Row], key: tuple[int, ...]) -> Collection[Sequence[Row]]:
    """The rows in as many rounds as a key comes up, each in its turn: no statement of PostgreSQL's may update a row twice."""
    if not key:
        return (rows,)
    rounds: list[list[Row]] = []
    seen: defaultdict[Row, int] = defaultdict(int)
    for row in rows:
        its_key = tuple(row[place] for place in key)
        if seen[its_key] == len(rounds):
            rounds.append([])
        rounds[seen[its_key]].append(row)
        seen[its_key] += 1
    return rounds


@cache
def _over_arrays(statement: AnyInsert, dialect: Dialect) -> tuple[str, tuple[int, ...]]:
    """The insert of all rows of one array a column, and where in a row the key stands by which it updates; nowhere where it updates nothing.

    The arrays go as PostgreSQL's own bytes (`%b`): as text, the quotes of every value are looked for, which takes longer than all the rest.
    """
    compiled = statement.inline().compile(dialect=dialect)
    assert compiled.positiontup is not None, "services/chassis/postgres.py has values go by their place"
    into, _, rest = compiled.string.partition(" VALUES (")
    conflict = rest.partition(")")[2]
    arrays = ", ".join(f"%b::{compiled.binds[name].type.compile(dialect)}[]" for name in compiled.positiontup)
    return f"{into} SELECT * FROM unnest({arrays}){conflict}", _places_of_the_key(into, conflict)


def _places_of_the_key(into: str, conflict: str) -> tuple[int, ...]:
    key, columns = _KEY.search(conflict), _INTO.search(into)
    if key is None or columns is None:
        return ()
    names = columns[1].split(", ")
    return tuple(names.index(name) for name in key[1].split(", "))


@cache
def _query_for_any(query: ClauseElement, column: ColumnElement[Any], dialect: Dialect) -> str:
    return f"{_sql(query, dialect)} WHERE {_sql(column, dialect)} = ANY(%b::{column.type.compile(dialect)}[])"


@cache
def _sql(statement: ClauseElement, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))
