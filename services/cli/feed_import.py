"""A directory from outside into a data folder: read, what is gone from it delisted, the rest listed, with a report of every problem."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from services.chassis.errors import Rejected, UserError
from services.chassis.running import Running
from services.cli.installation import Installation, installation
from services.cli.listing import Listed, list_groups
from services.cli.output import progress
from services.cli.report import Problems, report_in
from services.directory.domain import DelistMissing
from services.directory.feeds.formats import Format
from services.directory.feeds.reading import Action, FeedUnreadable, Problem, Reading
from services.directory.feeds.source import read_feed


@dataclass(frozen=True)
class Import:
    """What became of a feed: the counts, each reason of the report with how often it was given, what to note, and why it failed if it did."""

    counts: dict[str, int]
    reasons: Counter[tuple[Action, str]]
    notes: tuple[str, ...] = ()
    failure: str | None = None


def import_groups(location: str, format_: Format, feed: str, report: Path | None, *, anyway: bool, data: Path | None) -> Import:
    """Take a feed in; its groups that are gone are delisted first, so that what is new does not make up for them.

    Raises:
        UserError: nothing can be read of the feed, or the report cannot be written.
    """
    with report_in(report) as file, installation(data) as running:
        reading = _read(location, format_, running)
        gone = _delist(running, reading, feed, anyway=anyway)
        with progress("Listing groups", len(reading.groups)) as bar:
            listed = list_groups(running, feed, reading.groups, bar.advance)
        running.finish()
        told = _with_refusals(reading, listed)
        problems = Problems(file)
        problems.tell(told.problems)
        problems.end()
    counts = _counts(told, listed, 0 if isinstance(gone, Rejected) else gone)
    notes = tuple(f"{location}: {note}" for note in _notes(reading, anyway=anyway))
    return Import(counts, told.reasons, notes, str(gone) if isinstance(gone, Rejected) else _nothing_done(location, counts))


def _read(location: str, format_: Format, running: Installation[Running]) -> Reading:
    try:
        with progress("Reading the directory"):
            return read_feed(location, format=format_, today=running.services.clocks.domain.now().date())
    except FeedUnreadable as error:
        raise UserError(str(error)) from error


def _delist(running: Installation[Running], reading: Reading, feed: str, *, anyway: bool) -> int | Rejected:
    """How many groups were delisted, or why that was refused; none after a read that failed, in part or altogether."""
    if not reading.whole or (reading.unread and not anyway) or (reading.rejected and not reading.groups):
        return 0
    present = reading.refused.union(group.group_id for group in reading.groups)
    [answer] = running.decide("directory", [DelistMissing(feed, present, anyway)])
    return answer if isinstance(answer, Rejected) else len(answer)


def _notes(reading: Reading, *, anyway: bool) -> Iterator[str]:
    """Why nothing was delisted, where a part of the feed or some of its rows could not be read."""
    if not reading.whole:
        yield "a part of it is missing, so what is gone cannot be told and nothing was delisted"
    elif reading.unread and not anyway:
        rows = "one row" if reading.unread == 1 else f"{reading.unread} rows"
        yield f"{rows} could not be read, so what is gone cannot be told and nothing was delisted; --yes delists it"


def _with_refusals(reading: Reading, listed: Listed) -> Reading:
    """The reading with those groups rejected that were refused because they are not this feed's."""
    refused = tuple(
        Problem(*reading.spots[group.group_id], "group_id", f"{reason}: {group.group_id}", "rejected") for group, reason in listed.refused
    )
    return replace(reading, problems=(*reading.problems, *refused), rejected=reading.rejected + len(refused))


def _counts(reading: Reading, listed: Listed, delisted: int) -> dict[str, int]:
    fates = {fate: listed.fates[fate] for fate in ("added", "changed", "unchanged")}
    read = {"read": reading.read, "usable": sum(fates.values()), "rejected": reading.rejected, "repaired": reading.repaired}
    return {**read, **fates, "delisted": delisted}


def _nothing_done(location: str, counts: Mapping[str, int]) -> str | None:
    return None if counts["usable"] or counts["delisted"] else f"{location}: there is no group in it that can be used"
