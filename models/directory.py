"""The directory in memory: every listed group as a row of plain arrays, and a change as a short tail of new rows.

The order in which groups come does not matter: ties are broken by `group_id` through `rank`, and `version` is a sum over the groups'
contents. A directory never changes; `changed` returns another one that shares what is the same. A row that was replaced or delisted
stays in its array, marked `gone`, until such rows and the tail outgrow a bound and everything is laid out anew.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.closeness import on_grid
from models.columns import Columns
from models.listed import Listed, one_each
from models.postings import Carried, Postings
from models.schedule import Sessions
from models.text.words import hear, kinds

__all__ = ["LAID_OUT", "MOST_WORDS", "TAIL", "Codes", "Directory", "Listed", "plain_words", "primary"]

LAID_OUT: Final = "laid_out"
"""The name under which a directory remembers what `models.neighbourhood` laid out of it; a change takes it along."""

TAIL: Final = 256
"""This many rows of tail and gone rows, or an eighth of the directory, are borne before it is laid out anew."""

_WORD: Final = re.compile(r"[^\W\d_]{3,40}")
MOST_WORDS: Final = 400
"""The most different words of one text that are kept."""


def plain_words(text: str) -> list[str]:
    """The different words of a text of three letters and more, in lower case, in the order of their first mention."""
    return list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))[:MOST_WORDS]


def primary(language: str) -> str:
    """The primary subtag of a BCP 47 tag: "en" of "en-GB"."""
    return language.split("-", 1)[0].lower()


@dataclass(frozen=True)
class Codes:
    """The groups by what they carry: closed codes, primary languages, tags and words.

    `about` are the words of name and tags alone, which say what a group is and not what it mentions; `particular` are those of them that
    are for people in one situation of life. `wording` are the plain words of the whole text, whatever they mean.
    """

    genders: Carried
    languages: Carried
    access: Carried
    tags: Carried
    words: Carried
    about: Carried
    particular: Carried
    wording: Carried

    @classmethod
    def of(cls, items: Sequence[Listed]) -> Self:
        """From the groups in the order of their rows."""
        about = [hear("\n".join([item.group.name, *item.group.tags])).wanted for item in items]
        return cls(
            Postings.of([item.group.genders or () for item in items]),
            Postings.of([[primary(tag) for tag in item.group.languages] for item in items]),
            Postings.of([item.group.access or () for item in items]),
            Postings.of([item.group.tags for item in items]),
            Postings.of([item.words for item in items]),
            Postings.of(about),
            Postings.of([[code for code in codes if kinds()[code].particular] for codes in about]),
            Postings.of(plain_words("\n".join([item.group.name, *item.group.tags, item.group.description])) for item in items),
        )

    def joined(self, other: "Codes") -> "Codes":
        """These groups and then the others."""
        return Codes(*(mine.joined(theirs) for mine, theirs in zip(self.all, other.all, strict=True)))

    def taken(self, rows: NDArray[np.intp]) -> "Codes":
        """The groups at `rows`, in that order."""
        return Codes(*(postings.taken(rows) for postings in self.all))

    @property
    def all(self) -> tuple[Carried, ...]:
        """All of them, in their order."""
        return self.genders, self.languages, self.access, self.tags, self.words, self.about, self.particular, self.wording


@dataclass(frozen=True)
class Directory:
    """All groups, n rows of which `gone` (n,) marks those no longer listed; `vectors` are chunks of rows on the text grid."""

    columns: Columns
    sessions: Sessions
    codes: Codes
    vectors: tuple[NDArray[np.float32], ...]
    gone: NDArray[np.bool_]
    settled: int
    part_of: "tuple[Directory, NDArray[np.intp]] | None" = None
    """Where this is a part: of which directory, and the rows there (n,)."""

    @classmethod
    def of(cls, listed: Iterable[Listed]) -> Self:
        """A directory of these groups; the same group twice is one."""
        chosen = one_each(listed)
        items = [item for item, _ in chosen]
        return cls(
            Columns.of([(item.group, item.feed, digest) for item, digest in chosen]),
            Sessions.of([item.group.sessions for item in items]),
            Codes.of(items),
            (on_grid([item.vector for item in items]),),
            np.zeros(len(items), np.bool_),
            len(items),
        )

    def __len__(self) -> int:
        """How many groups are listed."""
        return int(len(self.gone) - self.gone.sum())

    def changed(self, listed: Iterable[Listed], delisted: Iterable[str] = ()) -> "Directory":
        """The directory with these groups added or replaced, and those ids gone; an id that is both is listed."""
        new = Directory.of(listed)
        gone = np.concatenate([self.gone, new.gone])
        gone[[self.rows[group_id] for group_id in {*new.rows, *delisted} if group_id in self.rows]] = True
        main, tail = self.vectors[0], [*self.vectors[1:], *new.vectors]
        joined = Directory(
            self.columns.joined(new.columns),
            self.sessions.joined(new.sessions),
            self.codes.joined(new.codes),
            (main, np.concatenate(tail)),
            gone,
            self.settled,
        )
        vars(joined).update({name: value for name, value in vars(self).items() if name == LAID_OUT})
        joined._take_along(self, new)
        strays = len(gone) - self.settled + int(gone[: self.settled].sum())
        return joined._laid_out() if strays > max(TAIL, self.settled // 8) else joined

    def _take_along(self, before: "Directory", new: "Directory") -> None:
        """What had been worked out of the directory before, so that a change does not cost as much as the whole."""
        known = vars(before)
        if "rows" in known:
            left = self.columns.ids[np.flatnonzero(self.gone[: len(before.gone)] & ~before.gone)].tolist()
            rows = dict(before.rows)
            for group_id in left:
                del rows[group_id]
            vars(self)["rows"] = rows | {group_id: row + len(before.gone) for group_id, row in new.rows.items()}
        if "has_vector" in known:
            vars(self)["has_vector"] = np.concatenate([before.has_vector, new.has_vector])
        if "position" in vars(before.columns):
            vars(self.columns)["position"] = np.concatenate([before.columns.position, new.columns.position])
        if "rank" in known:
            listed = before.row_of_rank[~self.gone[before.row_of_rank]]
            ids = self.columns.ids
            came = (new.row_of_rank + len(before.gone)).tolist()
            places = [bisect_left(listed, ids[row], key=ids.__getitem__) for row in came]
            order = np.concatenate([np.flatnonzero(self.gone), np.insert(listed, places, came)])
            vars(self)["rank"] = rank = np.empty(len(order), np.int64)
            rank[order] = np.arange(len(order))

    def with_places(self, states: Mapping[str, int]) -> "Directory":
        """The directory with these states of places, by group; one that is not listed is passed over. Only one column is copied, at most."""
        known = self.columns.place
        rows = {self.rows[group_id]: state for group_id, state in states.items() if group_id in self.rows}
        news = {row: state for row, state in rows.items() if known[row] != state}
        if not news:
            return self
        place = known.copy()
        place[list(news)] = list(news.values())
        return self.with_place_column(place)

    def with_place_column(self, place: NDArray[np.int8]) -> "Directory":
        """The directory with these states of places, (n,)."""
        other = replace(self, columns=self.columns.with_places(place))
        vars(other).update({name: value for name, value in vars(self).items() if name not in ("columns", "version")})
        return other

    def part(self, rows: NDArray[np.intp], codes: Codes) -> "Directory":
        """The listed groups at `rows`, which carry these codes, as a directory in which they are ordered and scored as they are here."""
        columns, sessions, vectors = self.columns.taken(rows), self.sessions.taken(rows), (self.some_vectors(rows),)
        part = Directory(columns, sessions, codes, vectors, np.zeros(len(rows), np.bool_), len(rows), (self, rows))
        vars(part).update(version=self.version, located_by_feed=self.located_by_feed, has_vector=self.has_vector[rows])
        vars(part)["row_of_rank"] = np.argsort(self.rank[rows])
        vars(part)["rank"] = np.argsort(part.row_of_rank)
        return part

    def as_part_of(self, whole: "Directory", rows: NDArray[np.intp]) -> "Directory":
        """The same, as a part of another directory than that which it was taken from."""
        other = replace(self, part_of=(whole, rows))
        vars(other).update({name: value for name, value in vars(self).items() if name not in ("part_of", "version")})
        return other

    @property
    def whole(self) -> "Directory":
        """The directory that this is a part of, or this one."""
        return self if self.part_of is None else self.part_of[0]

    def some_vectors(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """The vectors of the groups at `rows` (m,) on the text grid, (m, 384)."""
        main = len(self.vectors[0])
        taken = np.empty((len(rows), self.vectors[0].shape[1]), np.float32)
        taken[rows < main] = self.vectors[0][rows[rows < main]]
        for tail in self.vectors[1:]:
            taken[rows >= main] = tail[rows[rows >= main] - main]
        return taken

    def _laid_out(self) -> "Directory":
        kept = self.row_of_rank[int(self.gone.sum()) :]
        return Directory(
            self.columns.taken(kept),
            self.sessions.taken(kept),
            self.codes.taken(kept),
            (np.concatenate(self.vectors)[kept],),
            np.zeros(len(kept), np.bool_),
            len(kept),
        )

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each listed group."""
        listed = np.flatnonzero(~self.gone)
        return dict(zip(self.columns.ids[listed].tolist(), listed.tolist(), strict=True))

    def particular(self, row: int) -> str:
        """The kinds for people in one situation of life that a group is of, as codes in a row."""
        return ", ".join(sorted(code for code, rows in self.codes.particular.rows.items() if row in rows))

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """Each row's place in the order of group ids, (n,); gone rows come first."""
        listed = np.flatnonzero(~self.gone).tolist()
        order = np.flatnonzero(self.gone).tolist() + sorted(listed, key=self.columns.ids.tolist().__getitem__)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return rank

    @cached_property
    def row_of_rank(self) -> NDArray[np.intp]:
        """The row at each place in the order of group ids, (n,)."""
        return np.argsort(self.rank)

    @cached_property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which groups have a text that was embedded, (n,)."""
        return np.concatenate([chunk.any(axis=1) for chunk in self.vectors])

    @cached_property
    def online_by_zone(self) -> tuple[tuple[str, NDArray[np.intp]], ...]:
        """For each time zone that online groups name: the rows of those groups."""
        rows: dict[str, list[int]] = {}
        for row in np.flatnonzero(self.columns.online):
            if self.columns.zone[row] is not None:
                rows.setdefault(self.columns.zone[row], []).append(int(row))
        return tuple((zone, np.array(found, np.intp)) for zone, found in rows.items())

    @cached_property
    def located_by_feed(self) -> dict[int, int]:
        """How many groups to go to of each feed are located."""
        facts = self.columns
        feeds, count = np.unique(facts.feed[~self.gone & ~facts.online & facts.located], return_counts=True)
        return dict(zip(feeds.tolist(), count.tolist(), strict=True))

    @cached_property
    def strays_by_feed(self) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp], int], ...]:
        """For each feed with groups to go to whose position is not known: their rows, those of its located ones here, and how many are located."""
        facts = self.columns
        to_go_to = ~self.gone & ~facts.online
        feeds = np.unique(facts.feed[to_go_to & ~facts.located])
        of_feed = ((int(feed), (facts.feed == feed) & to_go_to) for feed in feeds)
        return tuple(
            (np.flatnonzero(members & ~facts.located), np.flatnonzero(members & facts.located), self.located_by_feed.get(feed, 0))
            for feed, members in of_feed
        )

    @cached_property
    def version(self) -> str:
        """A hash over what is listed and what places are offered, the same whatever the order and the history."""
        total = int(np.sum(self.columns.offers[~self.gone], dtype=np.uint64))
        return f"{len(self)}-{total:016x}"

    def vector(self, row: int) -> NDArray[np.float32]:
        """The vector of the group at `row` on the text grid, (384,); zeros where its text was not embedded."""
        main = len(self.vectors[0])
        vector: NDArray[np.float32] = self.vectors[0][row] if row < main else self.vectors[1][row - main]
        return vector

    def closeness(self, texts: NDArray[np.float32]) -> NDArray[np.float32]:
        """Inner products of (r, 384) vectors on the text grid with every group's, (r, n), exact."""
        products: NDArray[np.float32] = np.concatenate([texts @ chunk.T for chunk in self.vectors], axis=1)
        return products
