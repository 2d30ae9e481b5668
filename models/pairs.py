"""What each person of a block and each group have between them: distance, a session that fits, shared codes, closeness of text.

Computed once for a block, (r, n) each, and read by eligibility, features and reasons alike, so that all three speak of the same facts.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.closeness import cosines
from models.directory import Directory, primary
from models.distance import arcs_km, positions
from models.postings import Shared
from models.schedule import NO_SESSION, offset_minutes
from models.seeker import Seeker

REMEMBERED: Final = 20
"""Of the groups that somebody has been to, the most that tell of their taste: those attended most often."""


@dataclass(frozen=True)
class Pairs:
    """`km` is NaN where unknown or online; `session` an index into the directory's sessions or `NO_SESSION`; the rest of the numbers are cosines."""

    km: NDArray[np.float64]
    session: NDArray[np.int32]
    genders: Shared
    languages: Shared
    access: Shared
    tags: Shared
    words: Shared
    refused: Shared
    particular: Shared
    text: NDArray[np.float64]
    taste: NDArray[np.float64]
    taste_mean: NDArray[np.float64]

    @classmethod
    def of(cls, block: Block, directory: Directory, today: date) -> "Pairs":
        """Everything between these people and these groups; `today` settles what the clocks of other time zones show."""
        people = block.people
        codes = directory.codes
        return cls(
            _kilometres(block, directory),
            _fitting_sessions(block, directory, today),
            codes.genders.shared([() if seeker.needs.gender is None else (seeker.needs.gender,) for seeker in people]),
            codes.languages.shared([[primary(tag) for tag in seeker.needs.languages] for seeker in people]),
            codes.access.shared([seeker.needs.access_needs for seeker in people]),
            codes.tags.shared([seeker.needs.tags for seeker in people]),
            codes.words.shared([seeker.words for seeker in people]),
            codes.about.shared([seeker.refused for seeker in people]),
            codes.particular.shared([seeker.words for seeker in people]),
            _closeness(block.texts, directory),
            *_tastes(block, directory),
        )


def _kilometres(block: Block, directory: Directory) -> NDArray[np.float64]:
    homes = block.homes.degrees
    km = arcs_km(positions(homes[:, 0], homes[:, 1]), directory.columns.position)
    km[:, directory.columns.online] = np.nan
    return km


def ahead(zone: str | None, directory: Directory, today: date) -> NDArray[np.int32] | None:
    """By how many minutes a person's clock is ahead of each group's, (n,), or None where no group's clock differs.

    Both clocks are taken for one, save where an online group and the person both name their time zone.
    """
    if zone is None or not directory.online_by_zone:
        return None
    minutes = np.zeros(len(directory.gone), np.int32)
    for theirs, rows in directory.online_by_zone:
        minutes[rows] = offset_minutes(zone, today) - offset_minutes(theirs, today)
    return minutes if minutes.any() else None


def clocks_ahead(block: Block, directory: Directory, today: date, people: NDArray[np.intp], rows: NDArray[np.intp]) -> NDArray[np.int32]:
    """By how many minutes the person's clock is ahead of the group's in single pairs, (p,)."""
    minutes = np.zeros(len(rows), np.int32)
    zones = np.array([seeker.needs.time_zone or "" for seeker in block.people])[people]
    for zone in np.unique(zones):
        theirs = ahead(str(zone) or None, directory, today)
        if theirs is not None:
            minutes[zones == zone] = theirs[rows[zones == zone]]
    return minutes


def _fitting_sessions(block: Block, directory: Directory, today: date) -> NDArray[np.int32]:
    fits = np.full((len(block.people), len(directory.gone)), NO_SESSION, np.int32)
    zones = np.array([seeker.needs.time_zone or "" for seeker in block.people])
    for zone in np.unique(zones[block.has_windows]):
        rows = np.flatnonzero((zones == zone) & block.has_windows)
        fits[rows] = directory.sessions.first_fit(block.windows.of_people(rows), ahead(str(zone) or None, directory, today))
    return fits


def _tastes(block: Block, directory: Directory) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cosines with the groups each person has been to most: the closest and the mean, (r, n); NaN where none is listed with a text."""
    closest, mean = (np.full((len(block.people), len(directory.gone)), np.nan) for _ in range(2))
    been = [_been_to(seeker, directory) for seeker in block.people]
    rows = sorted({row for some in been for row in some})
    if rows:
        place = {row: index for index, row in enumerate(rows)}
        products = directory.closeness(np.stack([directory.vector(row) for row in rows]))
        for person, some in enumerate(been):
            if some:
                mine = products[[place[row] for row in some]]
                closest[person] = np.where(directory.has_vector, cosines(mine.max(axis=0)), np.nan)
                mean[person] = np.where(directory.has_vector, cosines(mine.astype(np.float64).sum(axis=0)) / len(some), np.nan)
    return closest, mean


def _been_to(seeker: Seeker, directory: Directory) -> list[int]:
    most = sorted((group for group in seeker.needs.attended if group.sessions), key=lambda group: (-group.sessions, group.group_id))
    rows = (directory.rows.get(group.group_id) for group in most)
    return [row for row in rows if row is not None and directory.has_vector[row]][:REMEMBERED]


def _closeness(texts: NDArray[np.float32], directory: Directory) -> NDArray[np.float64]:
    close = np.full((len(texts), len(directory.gone)), np.nan)
    told = np.flatnonzero(texts.any(axis=1))
    if len(told):
        close[told] = np.where(directory.has_vector, cosines(directory.closeness(texts[told])), np.nan)
    return close
