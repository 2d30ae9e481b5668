"""What each person of a block and each group have between them: distance, a session that fits, shared codes, closeness of text.

Computed once for a block, (r, n) each, when it is first asked for; read by eligibility, features and reasons alike, so that all three speak of
the same facts.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
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
    """Each is computed when it is first asked for: `km` is NaN where unknown or online; `session` an index into the directory's sessions or
    `NO_SESSION`; the rest of the numbers are cosines. `today` settles what the clocks of other time zones show.
    """

    block: Block
    directory: Directory
    today: date

    @cached_property
    def km(self) -> NDArray[np.float64]:
        """Distances; `models.reach` settles in place those on which a limit hangs."""
        return _kilometres(self.block, self.directory)

    @cached_property
    def session(self) -> NDArray[np.int32]:
        """The first session that lies in a window of the person's."""
        return _fitting_sessions(self.block, self.directory, self.today)

    @cached_property
    def genders(self) -> Shared:
        """The person's gender among those that the group is for."""
        return self.directory.codes.genders.shared([() if seeker.needs.gender is None else (seeker.needs.gender,) for seeker in self.block.people])

    @cached_property
    def languages(self) -> Shared:
        """Primary languages."""
        return self.directory.codes.languages.shared([[primary(tag) for tag in seeker.needs.languages] for seeker in self.block.people])

    @cached_property
    def access(self) -> Shared:
        """The person's access needs that the group meets."""
        return self.directory.codes.access.shared([seeker.needs.access_needs for seeker in self.block.people])

    @cached_property
    def tags(self) -> Shared:
        """Tags."""
        return self.directory.codes.tags.shared([seeker.needs.tags for seeker in self.block.people])

    @cached_property
    def words(self) -> Shared:
        """Words of the closed vocabulary."""
        return self.directory.codes.words.shared([seeker.words for seeker in self.block.people])

    @cached_property
    def refused(self) -> Shared:
        """What the person does not want among what the group is."""
        return self.directory.codes.about.shared([seeker.refused for seeker in self.block.people])

    @cached_property
    def particular(self) -> Shared:
        """The person's words among those that say for whom in particular the group is."""
        return self.directory.codes.particular.shared([seeker.words for seeker in self.block.people])

    @cached_property
    def text(self) -> NDArray[np.float64]:
        """The person's text and the group's."""
        return _closeness(self.block.texts, self.directory)

    @property
    def taste(self) -> NDArray[np.float64]:
        """The closest of the groups that the person has been to."""
        return self._tastes[0]

    @property
    def taste_mean(self) -> NDArray[np.float64]:
        """All of them, on the average."""
        return self._tastes[1]

    @cached_property
    def _tastes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _tastes(self.block, self.directory)


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
    whole = directory.whole
    been = [favourites(seeker, whole) for seeker in block.people]
    rows = sorted({row for some in been for row in some})
    if rows:
        place = {row: index for index, row in enumerate(rows)}
        products = directory.closeness(np.stack([whole.vector(row) for row in rows]))
        for person, some in enumerate(been):
            if some:
                closest[person], mean[person] = tastes_of(products[[place[row] for row in some]], directory.has_vector)
    return closest, mean


def tastes_of(products: NDArray[np.float32], has_vector: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The greatest and the mean cosine of groups, (n,) each, with those that somebody has been to, from the inner products (some, n)."""
    closest, mean = cosines(products.max(axis=0)), cosines(products.astype(np.float64).sum(axis=0)) / len(products)
    return np.where(has_vector, closest, np.nan), np.where(has_vector, mean, np.nan)


def favourites(seeker: Seeker, directory: Directory) -> list[int]:
    """The rows of the groups with a text that somebody has been to most, `REMEMBERED` at the most."""
    most = sorted((group for group in seeker.needs.attended if group.sessions), key=lambda group: (-group.sessions, group.group_id))
    rows = (directory.rows.get(group.group_id) for group in most)
    return [row for row in rows if row is not None and directory.has_vector[row]][:REMEMBERED]


def _closeness(texts: NDArray[np.float32], directory: Directory) -> NDArray[np.float64]:
    close = np.full((len(texts), len(directory.gone)), np.nan)
    told = np.flatnonzero(texts.any(axis=1))
    if len(told):
        close[told] = np.where(directory.has_vector, cosines(directory.closeness(texts[told])), np.nan)
    return close
