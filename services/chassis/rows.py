"""Rows by the batch, as plain tuples: statements are SQLAlchemy Core's, what Core adds to every single row is left out.

Values go and come as the driver has them: text, bytes, numbers, and 0 or 1 for a Boolean. Only statements that live as long as the program
are to be given, because each is compiled once and kept.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect
from sqlalchemy.sql import ClauseElement

AT_ONCE = 1_000
"""The most values looked for by one query; SQLite takes 32,766."""


def write_rows(connection: Connection, statement: ClauseElement, rows: Sequence[tuple[Any, ...]]) -> int:
    """Execute a statement for each row, its values in the order of the statement's parameters; returns how many rows of the table it changed."""
    if not rows:
        return 0
    return connection.exec_driver_sql(_sql(statement, connection.dialect), list(rows)).rowcount


def rows_with(connection: Connection, query: ClauseElement, column: ColumnElement[Any], values: Collection[Any]) -> list[Sequence[Any]]:
    """The rows of a query without conditions whose `column` is one of these values."""
    found: list[Sequence[Any]] = []
    sought = list(values)
    for start in range(0, len(sought), AT_ONCE):
        some = sought[start : start + AT_ONCE]
        condition = f"{_sql(column, connection.dialect)} IN ({', '.join('?' * len(some))})"
        found += connection.exec_driver_sql(f"{_sql(query, connection.dialect)} WHERE {condition}", tuple(some)).all()
    return found


@cache
def _sql(statement: ClauseElement, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect))
