"""What the ranker sees of a person and a group: seventeen named numbers between -1 and 1, each turned so that more is never worse.

NaN is *not known*, or not a question here (no access needs; a group online has no distance): neither bad nor good. Ethnicity,
religion, health conditions, age and gender are no features, and nothing says how popular a group is or how often it was proposed.
Values are rounded to four decimals, so that what is recorded beside a proposal gives back its score exactly.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.columns import FREE, UNKNOWN
from models.directory import Directory
from models.pairs import Pairs
from models.postings import Shared

FeatureName = Literal[
    "text",  # cosine of the free text and the group's description
    "words",  # share of the person's words of the closed vocabulary that the group has too, three counting as all
    "tags",  # the same of tags
    "not_refused",  # 0 where the group is of a kind that the person does not want, 1 where it is of none of them
    "meant_for_them",  # of a group for people in one situation of life: 1 where the person asks for its kind, 0 where they do not
    "taste",  # cosine with the closest of the groups the person has been to
    "nearness",  # 1 at home, 1/2 as far as people who travel like this usually go
    "schedule",  # 1 where a session is known to fit the stated times
    "rhythm",  # meetings a week, at most 1
    "affordability",  # 1 free, 1/2 at COST_HALVES
    "access",  # 1 where every access need is known to be met, 0 where nothing is known of the group's access
    "language",  # the same of languages
    "newcomers",  # newcomers a week, NEWCOMERS_ENOUGH counting as all
    "smallness",  # 1 for a few people, 1/2 at SIZE_HALVES
    "lonely_smallness",  # smallness for the person's loneliness
    "freshness",  # 1 when checked today, halved every year
    "place",  # 1 a place free, 0 a waiting list
]
FEATURES: Final[tuple[FeatureName, ...]] = get_args(FeatureName)

SignalName = Literal[
    "followed",  # of those who went where the person went, the share that went here too, drawn towards everybody's share
    "linked",  # what having been to the person's groups, and their being like this one in text, says beyond what their other groups say already
    "shared",  # people in common with the person's groups, for the size of both
    "sought",  # the same, but more for a group that few go to
    "lifted",  # how many times as often as by chance, on a logarithmic scale
    "likeness",  # the same kind of people go there, by a few hidden tastes
    "kindred",  # the same, with the group's tastes told from its text alone: for a group without history too
    "taste_mean",  # mean cosine with the groups that the person has been to
    "wording",  # words in common with the groups that the person has been to, rare ones counting more
    "familiar",  # share of the group's tags that the person's groups carry
    "expected",  # how many would go there, told from its text alone, on a logarithmic scale
    "joined",  # how many went there, on a logarithmic scale
    "kept",  # share of them who came back, drawn towards everybody's share
    "histories",  # how many groups the person has been to
    "stayed",  # how often they went to each of those, the mean on a logarithmic scale
]
SIGNALS: Final[tuple[SignalName, ...]] = get_args(SignalName)
"""What a learned ranker sees beside `FEATURES`, out of who went where; NaN where there is no such history."""

Name = FeatureName | SignalName
INPUTS: Final[tuple[Name, ...]] = (*FEATURES, *SIGNALS)
"""All that a learned ranker sees, in the order of the columns of its trees."""

ENOUGH_SHARED: Final = 3
COST_HALVES: Final = 5.0
NEWCOMERS_ENOUGH: Final = 3.0
SIZE_HALVES: Final = 15.0
DAYS_HALVE: Final = 365.0
DECIMALS: Final = 4

Values = dict[Name, NDArray[np.float64]]


@dataclass(frozen=True)
class Features:
    """Every feature by name, in the order of `FEATURES` and then of what else the ranker sees, in arrays that broadcast together.

    For a block (people, groups), or (1, groups) where it is the same for all people; for single pairs (p,); for what-ifs (changes, p).
    """

    values: Values
    put_together: NDArray[np.float64] | None = None
    """The same as one array (p, inputs), where they came as that."""

    @classmethod
    def of_rows(cls, rows: NDArray[np.float64]) -> "Features":
        """Of single pairs all that a learned ranker sees, (p, inputs)."""
        return cls(dict(zip(INPUTS, rows.T, strict=True)), rows)

    @property
    def rows(self) -> tuple[NDArray[np.float64], tuple[int, ...]]:
        """All that a learned ranker sees as rows, one a pair, NaN where it is not among the features; and the shape of the pairs."""
        if self.put_together is not None:
            return self.put_together, self.put_together.shape[:1]
        shape = np.broadcast_shapes(*(value.shape for value in self.values.values()))
        columns = np.full((len(INPUTS), *shape), np.nan)
        for column, name in zip(columns, INPUTS, strict=True):
            if name in self.values:
                column[...] = self.values[name]
        return columns.reshape(len(INPUTS), -1).T, shape

    @classmethod
    def of(cls, block: Block, directory: Directory, pairs: Pairs, today: date) -> "Features":
        """The features of every person and group of a block; `today` dates what the directory says."""
        values = of_the_group(directory, today) | _of_the_pair(block, directory, pairs)
        smallness = values["smallness"]
        values["lonely_smallness"] = np.round(block.loneliness[:, None] * smallness, DECIMALS)
        return cls({name: values[name] for name in FEATURES})

    def joined(self, signals: Values) -> "Features":
        """These features and then the signals of a ranker that sees more."""
        return Features(self.values | signals)

    def at(self, people: NDArray[np.intp], rows: NDArray[np.intp]) -> "Features":
        """The features of single pairs, (p,) each."""
        return Features({name: value[people if len(value) > 1 else 0, rows] for name, value in self.values.items()})


def of_the_group(directory: Directory, today: date) -> Values:
    """The features that are the same for everybody, (1, groups) each."""
    facts = directory.columns
    days = np.maximum(today.toordinal() - facts.assured, 0.0)
    values: Values = {
        "rhythm": 1 / np.maximum(facts.every_weeks, 1.0),
        "affordability": affordability(facts.cost),
        "newcomers": np.minimum(facts.newcomers, NEWCOMERS_ENOUGH) / NEWCOMERS_ENOUGH,
        "smallness": 1 / (1 + facts.size / SIZE_HALVES),
        "freshness": np.exp2(-days / DAYS_HALVE),
        "place": np.where(facts.place == UNKNOWN, np.nan, facts.place == FREE),
    }
    return {name: np.round(value, DECIMALS)[None, :] for name, value in values.items()}


def affordability(cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for what is free, falling with the cost of a visit."""
    return 1 / (1 + cost / COST_HALVES)


def from_home(km: NDArray[np.float64], in_person: NDArray[np.bool_], usual_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far somebody has to go; to a group that meets online too no further than is usual."""
    return np.where(in_person, km, np.minimum(km, usual_km))


def nearness(km: NDArray[np.float64], usual_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 at home, falling with the distance as a share of what is usual for this way of travelling."""
    return np.round(1 / (1 + km / usual_km), DECIMALS)


def _of_the_pair(block: Block, directory: Directory, pairs: Pairs) -> Values:
    facts = directory.columns
    usual = block.usual_km[:, None]
    return {
        "text": pairs.text,
        "taste": pairs.taste,
        "words": _share(pairs.words),
        "tags": _share(pairs.tags),
        "not_refused": np.where(pairs.refused.both_told, 1.0 - (pairs.refused.count > 0), np.nan),
        "meant_for_them": np.where(pairs.particular.told[None, :], np.minimum(pairs.particular.count, 1.0), np.nan),
        "nearness": nearness(from_home(pairs.km, facts.in_person, usual), usual),
        "schedule": np.where(block.has_windows[:, None] & (directory.sessions.count > 0), 1.0, np.nan),
        "access": np.where(pairs.access.stated[:, None] > 0, facts.access_known[None, :], np.nan),
        "language": np.where(pairs.languages.stated[:, None] > 0, pairs.languages.told[None, :], np.nan),
    }


def share(count: NDArray[Any], stated: NDArray[Any]) -> NDArray[np.float64]:
    """How much of what a person stated a group shares, from how many codes each: 1 for all of it or for three."""
    return np.asarray(np.round(np.minimum(count, ENOUGH_SHARED) / np.clip(stated, 1, ENOUGH_SHARED).astype(np.float64), DECIMALS))


def _share(shared: Shared) -> NDArray[np.float64]:
    """The share, NaN where either states nothing."""
    return np.where(shared.both_told, share(shared.count, shared.stated[:, None]), np.nan)
