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
from collections.abc import Callable, Iterator, Sequence
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
_IMAGE: Final = "postgres:15"  # the oldest that is promised, and what the composition runs
_READY_WITHIN: Final = 60.0  # seconds
_LOOK_AGAIN: Final = 0.05  # seconds
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
    with server(folder, *(() if durable else _FAST)) as one:
        yield one.url


@contextmanager
def server(folder: Path, *settings: str) -> "Iterator[Server]":
    """The same, durable unless told otherwise, for who kills it and starts it again; `settings` are written `name=value`."""
    home = Path(tempfile.mkdtemp(prefix="together-postgres-"))
    one = Server(folder, home, settings)
    try:
        one.make()
        one.start()
        yield one
    finally:
        one.stop()
        shutil.rmtree(home, ignore_errors=True)


class Server:
    """A server over a cluster of its own in `home`, always on the same port; it ends with the thread that started it."""

    def __init__(self, folder: Path, home: Path, settings: Sequence[str]) -> None:
        self._folder, self._home, self._settings, self._port = folder, home, settings, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> URL:
        """A superuser's database."""
        return URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=self._port, database="postgres")

    def make(self) -> None:
        """Make the cluster."""
        _give_to_postgres(self._home)
        words = ("-U", "postgres", "-A", "trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        _run(self._folder / "initdb", "-D", self._home / "data", *words)

    def start(self) -> None:
        """Start it, and return when it answers; after a kill it refuses for as long as an old session holds the shared memory."""
        until = time.monotonic() + _READY_WITHIN
        while not self._answers_after_a_start(until):
            if time.monotonic() > until:
                raise NoPostgres(f"PostgreSQL was started and does not answer: {(self._home / 'log').read_text(errors='replace')[-500:]}")

    def kill(self) -> None:
        """End it by `kill -9`, without a word to whoever is connected."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_READY_WITHIN)

    def stop(self) -> None:
        """End it: sessions are ended, data is written."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_READY_WITHIN)

    def _answers_after_a_start(self, until: float) -> bool:
        self._process = _start(self._folder, self._home, self._port, self._settings)
        while self._process.poll() is None and time.monotonic() <= until:
            if _answers(self.url):
                return True
            time.sleep(_LOOK_AGAIN)
        return False


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _start(folder: Path, home: Path, port: int, settings: Sequence[str]) -> subprocess.Popen[bytes]:
    told = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={home}", "max_connections=200", "shared_buffers=64MB", *settings)
    options = [part for one in told for part in ("-c", one)]
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            [*_ended_with_this_run(), str(folder / "postgres"), "-D", str(home / "data"), *options], stdout=log, stderr=log, cwd=home
        )


def _ended_with_this_run() -> list[str]:
    """What has the server shut down also where the test run is killed, and where the thread ends that started it."""
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

            made = PostgresContainer(_IMAGE, driver="psycopg").with_command("-c fsync=off -c max_connections=200")
            made.with_env("POSTGRES_HOST_AUTH_METHOD", "trust")  # the services' roles have no passwords in tests
            made.ports["5432"] = ("127.0.0.1", None)  # type: ignore[assignment]  # hence for this machine alone
            started = made.start()
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
def database() -> Iterator[URL]:
    """A database of its own: text in the order of its bytes, as in SQLite."""
    url = superuser()
    name = _create("template0")
    try:
        yield url.set(database=name)
    finally:
        execute(url, f"DROP DATABASE {name} WITH (FORCE)")


def kept_database(template: str) -> URL:
    """One made out of a template, for as long as the run lasts."""
    url, name = superuser(), _create(template)
    if ASKED_FOR in os.environ:
        atexit.register(execute, url, f"DROP DATABASE {name} WITH (FORCE)")
    return url.set(database=name)


def _create(template: str) -> str:
    name = f"test_{os.getpid()}_{next(_names)}"
    execute(superuser(), f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C'")
    return name


@cache
def template(name: str, fill: Callable[[URL], None]) -> str:
    """The name of a database that is filled once a run, to make others out of it."""
    url, full_name = superuser(), f"template_{os.getpid()}_{name}"
    execute(url, f"CREATE DATABASE {full_name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    if ASKED_FOR in os.environ:
        atexit.register(execute, url, f"DROP DATABASE {full_name} WITH (FORCE)")
    fill(url.set(database=full_name))
    return full_name
