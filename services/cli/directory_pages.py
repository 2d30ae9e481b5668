"""The directory read out of a data folder, for the command line: never an organiser's contact unless it is asked for."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from services.chassis.errors import NotFound
from services.cli.installation import installation
from services.cli.output import progress
from services.directory.presenters import as_listed, as_record
from services.directory.store import SqlDirectoryStore, Wanted

AT_ONCE = 500


def listed_groups(data: Path | None) -> Iterator[dict[str, Any]]:
    """Every listed group in the order of the ids, with the source that lists it."""
    with installation(data) as running, running.services.reading("directory") as store:
        yield from map(as_listed, store.all())


def show_group(data: Path | None, group_id: str) -> dict[str, Any]:
    """One group, with the source that lists it and when it last changed.

    Raises:
        NotFound: no group is listed by this id.
    """
    with installation(data) as running, running.services.reading("directory") as store:
        listed = store.get(group_id)
    if listed is None:
        raise NotFound("no group is listed by this id")
    return as_listed(listed)


def export_groups(out: TextIO, data: Path | None, *, with_contact: bool) -> None:
    """Write every listed group to `out` as group files carry it, a line each.

    `out` is taken before a bar is drawn, because what is printed beneath one goes where the bar goes.
    """
    with installation(data) as running, running.services.reading("directory") as store:
        shown = nullcontext() if out.isatty() else progress("Writing groups", store.count(Wanted()))
        with shown as bar:
            for record in _exported(store, with_contact=with_contact):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
                if bar:
                    bar.advance()


def _exported(store: SqlDirectoryStore, *, with_contact: bool) -> Iterator[dict[str, Any]]:
    groups = (listed.group for listed in store.all())
    while some := list(islice(groups, AT_ONCE)):
        contacts = store.contacts([group.group_id for group in some]) if with_contact else {}
        yield from (as_record(group, contacts.get(group.group_id)) for group in some)
