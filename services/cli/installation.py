"""All services, for a command that needs them: over one data folder, whether or not `together up` is running there, or over Kafka and PostgreSQL."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from schemas.group import Group
from schemas.streams import ServiceName
from services.chassis.clock import Clock, ShiftedClock, SystemClock
from services.chassis.embedded import Embedded
from services.chassis.errors import UserError
from services.chassis.folder import DataFolder
from services.chassis.ids import MACHINE, Entropy
from services.chassis.links import Links
from services.chassis.running import Answer, Clocks, Running
from services.chassis.service import Service
from services.chassis.settings import ChassisSettings
from services.chassis.telemetry import logs_in, logs_on_screen
from services.chassis.tracing import tracing
from services.coordinator.groups_view import GroupsView

if TYPE_CHECKING:
    from services.chassis.distributed.running import Distributed
    from services.learning.nightly import Night as LearningNight

HERE = "http://127.0.0.1:8080"
"""What links start with where no public address is set and nothing is served."""


R = TypeVar("R", bound=Running, covariant=True)
A = TypeVar("A", bound=Running)


@dataclass(frozen=True)
class Installation(Generic[R]):
    """The services, and what is set for them."""

    settings: ChassisSettings
    folder: DataFolder
    services: R
    groups: GroupsView
    links: Links

    def api_token(self) -> str:
        """What a program shows to be let in: that of the settings, or the folder's own."""
        return self.folder.api_token() if self.settings.api_token is None else self.settings.api_token

    def served_at(self, address: str) -> None:
        """Have links lead to where this installation is served, unless a public address is set."""
        if not self.settings.public_url:
            self.links.start_with(address)

    def decide(self, service: ServiceName, commands: Sequence[Any]) -> list[Answer]:
        """Put commands of one kind to a service, in one transaction."""
        return self.services.decide(service, commands)

    def finish(self, progress: Callable[[], None] = lambda: None) -> None:
        """Return when everything that was asked for, and what follows from it, is done."""
        self.services.finish(progress)


def settings_for(data: Path | None = None) -> ChassisSettings:
    """The settings, with the data folder of the command line where one is given.

    Raises:
        UserError: a variable `TOGETHER_…` does not hold what it should.
    """
    with _wrong_setting_told():
        return ChassisSettings() if data is None else ChassisSettings(data=data)


@contextmanager
def _wrong_setting_told() -> Iterator[None]:
    """Tell in one line which variable `TOGETHER_…` does not hold what it should; what else is not valid is a bug."""
    try:
        yield
    except ValidationError as error:
        if not error.title.endswith("Settings"):
            raise
        wrong = error.errors(include_url=False)[0]
        raise UserError(f"TOGETHER_{'_'.join(map(str, wrong['loc'])).upper()}: {wrong['msg'][:1].lower()}{wrong['msg'][1:]}") from None


@contextmanager
def installation(data: Path | None) -> Iterator[Installation[Running]]:
    """Open what is set, with every service in it, for as long as the block runs."""
    settings = settings_for(data)
    with distributed_installation(settings) if settings.distributed else embedded_installation(settings) as running:
        yield running


@contextmanager
def embedded_installation(settings: ChassisSettings, clock: Clock | None = None, entropy: Entropy = MACHINE) -> Iterator[Installation[Embedded]]:
    """Open the data folder with every service in it, for as long as the block runs; fresh ids come from `entropy`."""
    folder = DataFolder(settings.data, settings.key_file)
    folder.refuse_if_moved()
    wall = SystemClock()
    domain = clock or (ShiftedClock(settings.clock, wall) if settings.clock else wall)
    with (
        damage_told(folder.path),
        logs_in(folder.logs),
        tracing("together", "together") as traces,
        closing(Embedded(folder, Clocks(domain, wall), entropy=entropy, tracing=traces)) as embedded,
    ):
        yield _with_services(settings, folder, embedded, EVERY_SERVICE)


@contextmanager
def distributed_installation(
    settings: ChassisSettings, names: Collection[ServiceName] = (), *, waits: bool = False
) -> "Iterator[Installation[Distributed]]":
    """Meet these services over Kafka and PostgreSQL, or all of them, for as long as the block runs.

    What `waits` goes on asking for a PostgreSQL that does not answer, as a service's own process does; a command tells so and ends.

    Raises:
        UserError: Kafka or PostgreSQL is not set, or the key-encryption key is missing.
    """
    from services.chassis.distributed.databases import Databases
    from services.chassis.distributed.faults import waited_out
    from services.chassis.distributed.running import Distributed

    if not settings.distributed or settings.kafka_bootstrap is None:
        raise UserError("TOGETHER_KAFKA_BOOTSTRAP and TOGETHER_DATABASE_URL say where Kafka and PostgreSQL are: set both")
    folder = DataFolder(settings.data, settings.key_file)
    wall = SystemClock()
    clocks = Clocks(ShiftedClock(settings.clock, wall) if settings.clock else wall, wall)
    key = folder.key_encryption_key(make=False)
    process = f"together-{'-'.join(names) or 'web'}"
    with (
        logs_on_screen(),
        tracing(process, "kafka") as traces,
        closing(Distributed(Databases(settings), settings.kafka_bootstrap, key, clocks, tracing=traces, views=folder.views)) as running,
    ):
        build = partial(_with_services, settings, folder, running, names or EVERY_SERVICE)
        with _not_ready_told():
            installation = waited_out(build, running.stopping) if waits else build()
            check = partial(_refuse_behind, running)
            waited_out(check, running.stopping) if waits else check()
        yield installation


def _refuse_behind(running: "Distributed") -> None:
    """See to it that every service that was taken in has its tables; else it would end at its first statement, with nothing said of the cure."""
    from services.chassis.provisioning import refuse_behind

    for name in running.names:
        with running.engine(name).connect() as connection:
            refuse_behind(connection, name, {name: running.service(name).migrations})


@contextmanager
def _not_ready_told() -> Iterator[None]:
    """Tell in one line what is missing before a service can begin."""
    try:
        yield
    except OperationalError as error:
        raise UserError(f"PostgreSQL: {str(error.orig).strip().splitlines()[-1]}") from error
    except ProgrammingError as error:
        raise UserError("the tables or the rights are not there yet, or not of this version: run `together database upgrade`") from error


@contextmanager
def damage_told(folder: Path) -> Iterator[None]:
    """Tell in one line what SQLite has against the folder's files: full, read-only, damaged, or none of its own. A broken rule of ours is a bug."""
    try:
        yield
    except DatabaseError as error:
        if isinstance(error, IntegrityError | ProgrammingError):
            raise
        raise UserError(f"the data folder {folder} cannot be used: {error.orig}") from error


def _with_services(settings: ChassisSettings, folder: DataFolder, running: A, names: Collection[ServiceName]) -> Installation[A]:
    """The installation with these services added to what runs them."""
    groups = GroupsView(partial(_remembered, running))
    links = Links(folder.key_encryption_key(), settings.public_url or HERE, running.clocks.domain)
    with _wrong_setting_told():
        for name in names:
            running.add(_BUILT[name](settings, running, groups, links))
    return Installation(settings, folder, running, groups, links)


def _remembered(running: Running, group_id: str) -> Group | None:
    """A group as the coordinator remembers it, also where it is gone by now."""
    with running.reading("coordinator") as store:
        group: Group | None = store.group(group_id)
    return group


def _intake(_: ChassisSettings, running: Running, _groups: GroupsView, _links: Links) -> Service[Any]:
    from services.intake.app import intake

    return intake(running.keys_of("intake"), running.clocks.domain)


def _directory(settings: ChassisSettings, running: Running, _groups: GroupsView, _links: Links) -> Service[Any]:
    from services.directory.app import directory

    return directory(running.clocks.domain, settings.time_zone)


def _matcher(settings: ChassisSettings, running: Running, _groups: GroupsView, _links: Links) -> Service[Any]:
    from models.ranker import packaged_prior
    from models.registry import Registry
    from services.matcher.app import matcher
    from services.matcher.nightly import Night
    from services.matcher.settings import MatcherSettings

    told, count = MatcherSettings(), partial(running.tally.add, "models", "matcher")
    night = Night(partial(running.reading, "matcher"), told.rematch_at, ZoneInfo(settings.time_zone)) if told.rematch else None
    return matcher(packaged_prior(), running.clocks.domain, Registry(settings.models_folder), count, night)


def _coordinator(_: ChassisSettings, _running: Running, groups: GroupsView, _links: Links) -> Service[Any]:
    from services.coordinator.app import coordinator

    return coordinator(groups)


def _followup(settings: ChassisSettings, running: Running, _groups: GroupsView, links: Links) -> Service[Any]:
    from services.followup.app import followup
    from services.followup.gateways import LOCAL_SENDER, LocalOutbox, ports
    from services.followup.settings import FollowupSettings

    told, clock = FollowupSettings(), running.clocks.domain
    ways_out = ports(settings.data, clock, smtp_url=told.smtp_url, sender=told.sender)
    outbox = LocalOutbox(settings.data / "outbox", clock, LOCAL_SENDER)  # whatever is set now: an erased person's messages may be from before
    return followup(ways_out, outbox.forget, links, clock, ZoneInfo(settings.time_zone))


def _learning(settings: ChassisSettings, running: Running, _groups: GroupsView, _links: Links) -> Service[Any]:
    from models.registry import Registry
    from services.learning.app import learning

    return learning(partial(running.reading, "learning"), Registry(settings.models_folder), learning_night(settings))


def learning_night(settings: ChassisSettings) -> "LearningNight":
    """When and from what learning learns, as its service has it."""
    from services.learning.nightly import Night
    from services.learning.settings import LearningSettings

    told = LearningSettings()
    return Night(told.learning_at, ZoneInfo(settings.time_zone), told.learning_enough, told.learning_tolerance)


_BUILT: Mapping[ServiceName, Callable[[ChassisSettings, Running, GroupsView, Links], Service[Any]]] = {
    "intake": _intake,
    "directory": _directory,
    "matcher": _matcher,
    "coordinator": _coordinator,
    "followup": _followup,
    "learning": _learning,
}
EVERY_SERVICE: tuple[ServiceName, ...] = tuple(_BUILT)
