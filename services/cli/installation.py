"""One data folder with all its services, for a command that needs them; it works whether or not `together up` is running there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

from schemas.group import Group
from schemas.streams import ServiceName
from services.chassis.clock import Clock, ShiftedClock, SystemClock
from services.chassis.embedded import Answer, Clocks, Embedded
from services.chassis.errors import UserError
from services.chassis.folder import DataFolder
from services.chassis.ids import MACHINE, Entropy
from services.chassis.links import Links
from services.chassis.settings import ChassisSettings
from services.chassis.telemetry import logs_in
from services.coordinator.groups_view import GroupsView

HERE = "http://127.0.0.1:8080"
"""What links start with where no public address is set."""


@dataclass(frozen=True)
class Installation:
    """The services over one folder."""

    settings: ChassisSettings
    embedded: Embedded
    groups: GroupsView
    links: Links

    def decide(self, service: ServiceName, commands: Sequence[Any]) -> list[Answer]:
        """Put commands of one kind to a service, in one transaction."""
        return self.embedded.decide(service, commands)

    def finish(self, progress: Callable[[], None] = lambda: None) -> None:
        """Return when everything that was asked for, and what follows from it, is done."""
        self.embedded.finish(progress)


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
def installation(data: Path | None, clock: Clock | None = None, entropy: Entropy = MACHINE) -> Iterator[Installation]:
    """Open the folder with every service in it, for as long as the block runs; fresh ids come from `entropy`."""
    settings = settings_for(data)
    folder = DataFolder(settings.data, settings.key_file)
    wall = SystemClock()
    domain = clock or (ShiftedClock(settings.clock, wall) if settings.clock else wall)
    with _damage_told(folder), logs_in(folder.logs), closing(Embedded(folder, Clocks(domain, wall), entropy=entropy)) as embedded:
        groups = GroupsView(partial(_remembered, embedded))
        links = Links(folder.key_encryption_key(), settings.public_url or HERE, domain)
        with _wrong_setting_told():
            _add_services(embedded, groups, domain, settings.time_zone)
            _add_followup(embedded, settings, links)
        yield Installation(settings, embedded, groups, links)


@contextmanager
def _damage_told(folder: DataFolder) -> Iterator[None]:
    """Tell in one line what SQLite has against the folder's files: full, read-only, damaged, or none of its own. A broken rule of ours is a bug."""
    try:
        yield
    except DatabaseError as error:
        if isinstance(error, IntegrityError | ProgrammingError):
            raise
        raise UserError(f"the data folder {folder.path} cannot be used: {error.orig}") from error


def _remembered(embedded: Embedded, group_id: str) -> Group | None:
    """A group as the coordinator remembers it, also where it is gone by now."""
    with embedded.reading("coordinator") as store:
        group: Group | None = store.group(group_id)
    return group


def _add_services(embedded: Embedded, groups: GroupsView, clock: Clock, time_zone: str) -> None:
    from models.ranker import packaged_prior
    from services.coordinator.app import coordinator
    from services.directory.app import directory
    from services.intake.app import intake
    from services.matcher.app import matcher

    embedded.add(intake(embedded.keys, clock))
    embedded.add(directory(clock, time_zone))
    embedded.add(matcher(packaged_prior(), clock))
    embedded.add(coordinator(groups))


def _add_followup(embedded: Embedded, settings: ChassisSettings, links: Links) -> None:
    from services.followup.app import followup
    from services.followup.gateways import LOCAL_SENDER, LocalOutbox, ports
    from services.followup.settings import FollowupSettings

    told, clock, folder = FollowupSettings(), embedded.clocks.domain, embedded.folder.path
    ways_out = ports(folder, clock, smtp_url=told.smtp_url, sender=told.sender)
    outbox = LocalOutbox(folder / "outbox", clock, LOCAL_SENDER)  # whatever is set now: an erased person's messages may be from before
    embedded.add(followup(ways_out, outbox.forget, links, clock, ZoneInfo(settings.time_zone)))
