"""A real PostgreSQL for tests: one server a test run, started on the first question for it and ended with the process, and fresh databases in it.

It is, in this order: the one at `TOGETHER_TEST_POSTGRES` (a URL with a superuser), Debian's server over a cluster of its own, a container.
"""

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from services.chassis.postgres import sqlalchemy_url

ASKED_FOR: Final = "TOGETHER_TEST_POSTGRES"
_DEBIAN: Final = Path("/usr/lib/postgresql")
_READY_WITHIN: Final = 60.0  # seconds
_FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""What a server that nobody will ask for its data again does without."""

_names = count(1)


class NoPostgres(Exception):
    """There is none to be had; the message names what was looked for."""


@cache
def _found() -> URL | NoPostgres:
    if given := os.environ.get(ASKED_FOR):
        return sqlalchemy_url(given)
    lifetime, folder = ExitStack(), programs()
    atexit.register(lifetime.close)
    try:
        return lifetime.enter_context(cluster(folder) if folder else _container())
    except NoPostgres as reason:
        return reason


def programs() -> Path | None:
    """Where Debian keeps the newest server that is installed."""
    found = sorted((path.parent for path in _DEBIAN.glob("*/bin/postgres")), key=lambda path: float(path.parent.name))
    return found[-1] if found else None


def superuser() -> URL:
    """The URL of a superuser's database on this run's server; a test that asks for it is skipped where there is none."""
    found = _found()
    if isinstance(found, NoPostgres):
        pytest.skip(str(found))
    return found


@contextmanager
def cluster(folder: Path, *, durable: bool = False) -> Iterator[URL]:
    """A server of one's own over a new cluster; a durable one keeps what was committed when it is killed."""
    home = Path(tempfile.mkdtemp(prefix="together-postgres-"))
    try:
        _give_to_postgres(home)
        data = home / "data"
        _run(folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        port = free_port()
        server = _start(folder, data, home, port, () if durable else _FAST)
        try:
            yield _answering(URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=port, database="postgres"), server)
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, data is written
            server.wait(_READY_WITHIN)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _start(folder: Path, data: Path, home: Path, port: int, settings: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    told = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={home}", "max_connections=200", "shared_buffers=64MB", *settings)
    options = [part for one in told for part in ("-c", one)]
    with (home / "log").open("wb") as log:
        return subprocess.Popen([*_ended_with_this_run(), str(folder / "postgres"), "-D", str(data), *options], stdout=log, stderr=log, cwd=home)


def _ended_with_this_run() -> list[str]:
    """What has the server shut down also where the test run is killed."""
    as_postgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *as_postgres, "--pdeathsig=INT"]


def _run(*command: Path | str) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd="/", **_as_postgres())  # type: ignore[call-overload]
    if done.returncode:
        raise NoPostgres(f"PostgreSQL's {command[0]} failed: {done.stderr.strip()[-500:]}")


def _as_postgres() -> dict[str, object]:
    """PostgreSQL refuses to run as root, so there it runs as the user whom its package made."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def _give_to_postgres(home: Path) -> None:
    if os.geteuid() != 0:
        return
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres") from None
    os.chown(home, user.pw_uid, user.pw_gid)


def _answering(url: URL, server: "subprocess.Popen[bytes]") -> URL:
    """The URL once the server answers there."""
    until = time.monotonic() + _READY_WITHIN
    while not _answers(url):
        if server.poll() is not None or time.monotonic() > until:
            raise NoPostgres("PostgreSQL was started and does not answer")
        time.sleep(0.05)
    return url


def _answers(url: URL) -> bool:
    try:
        psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def _container() -> Iterator[URL]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # testcontainers decorates its own classes with what it calls deprecated
        try:
            from testcontainers.postgres import PostgresContainer

            started = PostgresContainer("postgres:17-alpine", driver="psycopg").with_command("-c fsync=off").start()
        except Exception as fault:
            raise NoPostgres("no PostgreSQL: no server installed, no container engine") from fault
    try:
        yield make_url(started.get_connection_url())
    finally:
        started.stop()


def execute(url: URL, *statements: str) -> None:
    """Run statements outside a transaction, as whoever the URL names."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@contextmanager
def database(template: str = "template0") -> Iterator[URL]:
    """A database of its own, made out of a template: text in the order of its bytes, as in SQLite."""
    url = superuser()
    name = f"test_{os.getpid()}_{next(_names)}"
    execute(url, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C'")
    try:
        yield url.set(database=name)
    finally:
        execute(url, f"DROP DATABASE {name} WITH (FORCE)")


@cache
def template(name: str, fill: Callable[[URL], None]) -> str:
    """The name of a database that is filled once a run, to make others out of it."""
    url, full_name = superuser(), f"template_{os.getpid()}_{name}"
    execute(url, f"CREATE DATABASE {full_name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    if ASKED_FOR in os.environ:
        atexit.register(execute, url, f"DROP DATABASE {full_name} WITH (FORCE)")
    fill(url.set(database=full_name))
    return full_name
