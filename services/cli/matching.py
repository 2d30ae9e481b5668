"""Referrals and groups from files to proposals, over the same reading, texts and matcher as the services use."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Final

from models.directory import Directory, Listed
from models.geography import locate
from models.matching import Ranked, propose, to_proposal
from models.ranker import ModelUnreadable, Ranker, load, made_ready, packaged_prior
from models.seeker import Seeker, refuses_in_file
from models.text.encoder import Vector, pack, read_all, unpack
from models.text.words import hear, offered, wished
from schemas.group import Group
from schemas.proposal import Proposal
from schemas.referral import Referral
from services.chassis.clock import SystemClock
from services.chassis.errors import UserError
from services.cli.options import Listing
from services.cli.output import print_json, progress
from services.cli.preparing import encoder
from services.cli.report import LinesNotRead, where
from services.directory.feeds.reading import FeedUnreadable
from services.directory.feeds.source import read_feed
from services.directory.preparing import text_of
from services.intake.reading import Row, read_referrals

BATCH = 500
MANY = 100
"""So many referrals are worth the second in which compiled code is loaded."""

SWAPPED: Final = "were the files swapped?"


def propose_from_files(path: str, groups: str, model: Path | None, top: int, listing: Listing | None) -> bool:
    """Print a proposal for every referral that can be read; True where every one could.

    Raises:
        UserError: the referrals, the groups or the model cannot be read at all.
    """
    ranker = ranker_of(model)
    directory = read_directory(groups)
    today = SystemClock().now().date()
    well = True
    for referrals, whole in batches_of(path):
        well &= whole
        if len(referrals) >= MANY:
            made_ready(ranker)
        print_proposals(proposals(referrals, directory, ranker, top, today), listing)
    return well


def proposals(referrals: Sequence[Referral], directory: Directory, ranker: Ranker, top: int, today: date) -> list[Proposal]:
    """A proposal for each referral, in the order given."""
    ranked = rankings(referrals, directory, ranker, top, today)
    return [to_proposal(one, referral.referral_id, referral.person_id) for one, referral in zip(ranked, referrals, strict=True)]


def rankings(referrals: Sequence[Referral], directory: Directory, ranker: Ranker, top: int, today: date) -> list[Ranked]:
    """The ranking for each referral, in the order given."""
    return propose(list(seekers_of(referrals)), directory, ranker, top=top, today=today)


def read_directory(location: str) -> Directory:
    """The groups of a feed as the matcher holds them."""
    return Directory.of(read_groups(location))


def read_groups(location: str) -> list[Listed]:
    """The groups of a feed, their texts read; rows that cannot be used are told on stderr as a count.

    Raises:
        UserError: the feed cannot be read, or it has rows and no group among them that can be used.
    """
    try:
        reading = read_feed(location)
    except FeedUnreadable as error:
        raise UserError(str(error)) from error
    if reading.rejected and not reading.groups:
        first = next(problem for problem in reading.problems if problem.action == "rejected")
        raise UserError(f"{where(first)}: {first.reason}; {location} has no group that can be used: {SWAPPED}")
    if reading.rejected:
        print(f"{location}: {reading.rejected} of {reading.read} groups cannot be used; `together groups import --report` says why", file=sys.stderr)
    with progress("Reading the groups' texts", len(reading.groups)) as bar:
        listed = []
        for one in listed_of(reading.groups, location):
            listed.append(one)
            bar.advance()
    return listed


def print_proposals(some: Iterable[Proposal], listing: Listing | None) -> None:
    """Proposals as JSON Lines, or as a table for a terminal."""
    if (listing or (Listing.TABLE if sys.stdout.isatty() else Listing.JSONL)) is Listing.JSONL:
        for proposal in some:
            print_json(proposal.model_dump(mode="json"))
    else:
        from services.cli.proposal_table import print_proposal

        for proposal in some:
            print_proposal(proposal)


def seekers_of(referrals: Sequence[Referral]) -> Iterator[Seeker]:
    """The people of referrals from a file, as matching may know them: located by postcode, the texts read."""
    for referral, vector in zip(referrals, _vectors([wished(referral.interests) for referral in referrals]), strict=True):
        place = locate(referral.postcode) if referral.latitude is None and referral.postcode else None
        needs = referral.model_copy(update={"latitude": place.latitude, "longitude": place.longitude}) if place else referral
        heard = hear("\n".join([referral.interests, *referral.tags]))
        yield Seeker(needs, vector, heard.wanted, heard.refused, consented=not refuses_in_file(referral))


def listed_of(groups: Sequence[Group], feed: str) -> Iterator[Listed]:
    """Groups from a file as the matcher holds them: located by postcode, the texts read."""
    for group, vector in zip(groups, _vectors([text_of(group) for group in groups]), strict=True):
        place = locate(group.postcode) if group.latitude is None and group.postcode else None
        located = group.model_copy(update={"latitude": place.latitude, "longitude": place.longitude}) if place else group
        yield Listed(located, vector, offered(group.name, group.tags, group.description), feed)


def _vectors(texts: Sequence[str]) -> Iterator[Vector | None]:
    """As a server has them: stored, and read again."""
    return (None if vector is None else unpack(pack(vector)) for vector in read_all(encoder().encode, texts))


def ranker_of(model: Path | None) -> Ranker:
    """The model in a folder, or the prior.

    Raises:
        UserError: there is none that can be read.
    """
    try:
        return load(model) if model else packaged_prior()
    except ModelUnreadable as error:
        raise UserError(str(error)) from error


def _rows(path: str) -> Iterator[Row]:
    try:
        yield from read_referrals(sys.stdin.buffer if path == "-" else Path(path))
    except OSError as error:
        raise UserError(f"{error.filename or path}: {error.strerror}") from error


def _is_group(row: Row) -> bool:
    """Whether a row that can be read says which group it is, and nothing that only a referral says."""
    referral = row.referral
    return referral is not None and "group_id" in (referral.model_extra or {}) and not referral.model_fields_set - Group.model_fields.keys()


def batches_of(path: str) -> Iterator[tuple[list[Referral], bool]]:
    """The referrals of a file by batches, and whether every line of the batch could be read; what could not is told on stderr.

    Raises:
        UserError: the file cannot be read at all, or is one of groups.
    """
    rows = _rows(path)
    first = list(islice(rows, BATCH))
    read = [row for row in first if row.referral is not None]
    if read and all(map(_is_group, read)):
        raise UserError(f"{read[0].file}:{read[0].row}: this is a group and no referral, and so is every other line that was looked at: {SWAPPED}")
    rows = chain(first, rows)
    told = LinesNotRead()
    while batch := list(islice(rows, BATCH)):
        problems = [problem for row in batch for problem in row.problems if problem.action == "rejected"]
        told.tell(problems)
        yield [row.referral for row in batch if row.referral is not None], not problems
    told.end()
