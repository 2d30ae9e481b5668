"""`together database`: bring the tables to their newest migrations, and see where they stand."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from services.cli.options import Data, Format, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.chassis.provisioning import Standing
    from services.chassis.settings import ChassisSettings

_SERVICES = Path(__file__).parents[1]
_COLUMNS = ("schema", "tables", "at", "newest", "role")

app = typer.Typer(
    no_args_is_help=True,
    help="The services' tables: on PostgreSQL where TOGETHER_DATABASE_URL is set, else in the data folder.\n\nExample: together database status",
)


@app.command()
def upgrade(data: Data = None, format_: Format = None) -> None:
    """Make what the services need, and bring their tables to the newest migrations; safe to run again.

    On PostgreSQL that is both databases (the services' and the keys'), a role and a schema for each service, and all grants. It is done as the
    owner whom TOGETHER_DATABASE_URL (postgresql://owner@host:5432/name) names. Passwords are files `database-ROLE` in the folder TOGETHER_SECRETS.

    Example: together database upgrade
    """
    from services.cli.installation import installation, settings_for

    settings = settings_for(data)
    if settings.database_url:
        from services.chassis.provisioning import provision

        provision(settings, migrations())
    else:
        with installation(data):
            print(f"TOGETHER_DATABASE_URL is not set: the tables in the data folder {settings.data} are up to date", file=sys.stderr)
    _print(_standings(settings), format_)


@app.command()
def status(data: Data = None, format_: Format = None) -> None:
    """Show at which migration each service's tables are, and whether its role is there; ends with 1 where an upgrade has something to do.

    Example: together database status --format table
    """
    from services.cli.installation import settings_for

    found = _standings(settings_for(data))
    _print(found, format_)
    if any(one.behind for one in found):
        raise typer.Exit(1)


def migrations() -> dict[str, Path]:
    """The folder of migrations of each service that has tables."""
    from services.chassis.provisioning import SERVICES

    return {service: folder for service in SERVICES if (folder := _SERVICES / service / "migrations").is_dir()}


def _standings(settings: "ChassisSettings") -> "list[Standing]":
    if settings.database_url:
        from services.chassis.provisioning import standings

        return standings(settings, migrations())
    return list(standings_in_folder(settings))


def standings_in_folder(settings: "ChassisSettings") -> "Iterator[Standing]":
    """Where the tables of a data folder stand: a file takes the place of a schema, and no role is needed. Nothing is made or changed.

    Raises:
        UserError: a file is damaged, or none of ours.
    """
    from services.chassis.database import newest_migration
    from services.chassis.folder import database_file, keys_file
    from services.chassis.provisioning import Standing
    from services.cli.installation import damage_told

    chassis = _SERVICES / "chassis" / "migrations"
    services: dict[str, Path] = {"log": chassis / "log"}
    services.update(migrations().items())
    made_by = {database_file(settings.data): services, keys_file(settings.data): {"keys": chassis / "keys"}}
    for file, folders in made_by.items():
        with damage_told(settings.data):
            at = _revisions(file, folders, write_ahead="keys" not in folders)
        yield from (Standing(file.name, name, at.get(name), newest_migration(folder), role=True) for name, folder in folders.items())


def _revisions(file: Path, names: "Iterable[str]", *, write_ahead: bool) -> "dict[str, str | None]":
    from services.chassis.database import open_database, revision

    if not file.exists():
        return {}
    engine = open_database(file, writes=False, write_ahead=write_ahead)
    with engine.connect() as connection:
        found = {name: revision(connection, name) for name in names}
    engine.dispose()
    return found


def _print(found: "list[Standing]", format_: Listing | None) -> None:
    from dataclasses import asdict

    from services.cli.output import print_list

    print_list(map(asdict, found), _COLUMNS, format_)
