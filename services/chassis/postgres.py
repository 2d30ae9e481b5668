"""PostgreSQL as the services' store: which URL is whose, engines on it, and which of its faults may pass.

A service connects as a role of its own and has one schema. Passwords are files in the secrets folder, never part of a setting. SQLAlchemy is to
tell no values in its errors; the server's own detail names keys at the most, which are our ids and hashes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, TimeoutError

from schemas.streams import ServiceName
from services.chassis.errors import Transient, UserError
from services.chassis.settings import ChassisSettings

KEYS_SCHEMA: Final = "keys"
"""The schema of the key database's tables."""

_CONNECTIONS: Final = 4  # of one process to one database: one for each lane that is at work, and one to read for the pages
_CONNECT_WITHIN: Final = 5  # seconds
_WAIT_FOR_A_CONNECTION: Final = 10.0  # seconds
_CONNECTION: Final[dict[str, Any]] = {
    "connect_timeout": _CONNECT_WITHIN,
    "keepalives_idle": 15,  # seconds; a server that is gone without a word is noticed within half a minute, not after the system's two hours
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
_LONGEST_STATEMENT: Final = 60_000  # milliseconds
_LONGEST_PAUSE: Final = 120_000  # milliseconds between two statements of a turn
_SESSION: Final = {
    "statement_timeout": _LONGEST_STATEMENT,
    "idle_in_transaction_session_timeout": _LONGEST_PAUSE,  # else a process that is frozen in a turn keeps its lanes from every other copy
    "tcp_keepalives_idle": 15,  # seconds; else the locks of a machine that is gone without a word stay held for the system's two hours
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
}
"""What the server is told for each session."""


def sqlalchemy_url(url: str) -> URL:
    """A PostgreSQL URL as people write it, for SQLAlchemy's psycopg.

    Raises:
        UserError: it is not one, or names no host or database.
    """
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        raise UserError("a database URL is written postgresql://owner@host:5432/name") from None
    if made.get_backend_name() not in ("postgresql", "postgres") or not made.database:
        raise UserError("a database URL is written postgresql://owner@host:5432/name")
    return made.set(drivername="postgresql+psycopg")


def role_of(service: ServiceName) -> str:
    """The role that a service connects as."""
    return f"together_{service}"


def password(secrets: Path | None, role: str) -> str | None:
    """The password of a role; None where the secrets folder has none for it.

    Raises:
        UserError: it is there and cannot be read.
    """
    file = secrets and secrets / f"database-{role}"
    if not file:
        return None
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: the password cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None


def owner_url(settings: ChassisSettings) -> URL:
    """Where the owner of all schemas connects.

    Raises:
        UserError: no database is set.
    """
    return _with_password(_database(settings), settings)


def keys_owner_url(settings: ChassisSettings) -> URL:
    """The same for the key database: a database of its own, by default on the same server under the name with `_keys` behind it."""
    if settings.keys_database_url:
        return _with_password(sqlalchemy_url(settings.keys_database_url), settings)
    url = _database(settings)
    return _with_password(url.set(database=f"{url.database}_keys"), settings)


def role_url(settings: ChassisSettings, service: ServiceName) -> URL:
    """Where a service finds its tables: the database that is set, as the service's own role.

    Raises:
        UserError: no database is set, or the role's password cannot be read.
    """
    return _as_role(owner_url(settings), settings, service)


def keys_role_url(settings: ChassisSettings, service: ServiceName) -> URL:
    """Where a service finds the keys that it may see."""
    return _as_role(keys_owner_url(settings), settings, service)


def _database(settings: ChassisSettings) -> URL:
    if not settings.database_url:
        raise UserError("TOGETHER_DATABASE_URL is not set")
    return sqlalchemy_url(settings.database_url)


def _with_password(url: URL, settings: ChassisSettings) -> URL:
    secret = password(settings.secrets, url.username) if url.username else None
    return url.set(password=secret) if secret else url


def _as_role(url: URL, settings: ChassisSettings, service: ServiceName) -> URL:
    role = role_of(service)
    return URL.create(url.drivername, role, password(settings.secrets, role), url.host, url.port, url.database, url.query)


def open_postgres(url: URL, application: str, *, connections: int = _CONNECTIONS, wait: float = _WAIT_FOR_A_CONNECTION) -> Engine:
    """An engine for one process of a service; `application` is what the server calls its sessions, `wait` how
    many seconds a turn waits where all `connections` are at work.

    Nothing is asked before a connection is used: one that was lost fails the turn as `Transient`, the pool forgets the others of its kind, and
    the next turn has new ones.
    """
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    connecting = {**_CONNECTION, "application_name": application, "options": options}
    limits: dict[str, Any] = {"pool_size": connections, "max_overflow": 0, "pool_timeout": wait}
    return _engine(url, connecting, **limits)


def open_as_owner(url: URL, *, schema: str = "public", isolation_level: Literal["AUTOCOMMIT", "READ COMMITTED"] = "READ COMMITTED") -> Engine:
    """An engine for the owner's work on schemas, which takes the time that it takes and keeps no connection."""
    connecting = {**_CONNECTION, "application_name": "together database", "options": f"-c search_path={schema}"}
    return _engine(url, connecting, poolclass=NullPool, isolation_level=isolation_level)


def _engine(url: URL, connecting: dict[str, Any], **options: Any) -> Engine:
    # "format" has statements take values by their place, as the plain tuples of services/chassis/rows.py are.
    engine = create_engine(url, paramstyle="format", hide_parameters=True, connect_args=connecting, **options)
    event.listen(engine, "connect", _take_every_text)
    return engine


def _take_every_text(connection: Any, _record: Any) -> None:
    for dumper in _without_nul():
        connection.adapters.register_dumper(str, dumper)


@cache
def _without_nul() -> tuple[type, type]:
    """PostgreSQL's text holds no NUL character, SQLite's does: here it is kept, and looked for, as the replacement character.

    One for values that go as bytes, and one for those that go as text, which is the one that is taken unless a statement says otherwise.
    """
    from psycopg.types.string import StrBinaryDumper, StrDumperUnknown  # psycopg comes with the extra `distributed`; the embedded run does without

    class AsBytes(StrBinaryDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\x00", "\ufffd") if "\x00" in obj else obj)

    class AsText(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\x00", "\ufffd"))

    return AsBytes, AsText


@contextmanager
def told_transient() -> Iterator[None]:
    """Tell as `Transient` what of PostgreSQL's faults may pass: a lost or refused connection, a deadlock, two turns at odds, no room.

    What will not pass by itself, such as a broken rule of a table or a missing grant, goes through as the bug that it is.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as fault:
        raise Transient(f"the database: {_kind(fault)}") from fault
    except TimeoutError as fault:
        raise Transient("the database: no connection became free") from fault


def _kind(fault: DBAPIError) -> str:
    """The fault's own name, which repeats no value."""
    state = getattr(fault.orig, "sqlstate", None)
    return f"{type(fault.orig).__name__} {state}" if state else type(fault.orig).__name__
