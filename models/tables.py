"""What the prior says of each value that a feature can take for one person, where these are few: tables instead of a calculation for each group."""

from functools import lru_cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.columns import FREE, FULL, UNKNOWN
from models.features import ENOUGH_SHARED, FeatureName, share
from models.prior import Term
from models.seeing import MEASURED

Numbers = NDArray[np.float64]


class Reading(Protocol):
    """What is made of the values of features: by the prior, what they add in log-odds."""

    @property
    def base(self) -> float:
        """What a sum begins with."""

    def term(self, name: FeatureName, /) -> Term:
        """What is made of one feature."""

    def __hash__(self) -> int: ...


class _AsItIs(Term):
    """A value taken for what it is, NaN where it is not known."""

    def adds(self, value: Numbers) -> Numbers:
        """The value."""
        return value


class AsSeen:
    """The features themselves, for a ranker that makes of them what it will."""

    base = 0.0

    def term(self, _name: FeatureName) -> Term:
        """See `Reading`."""
        return _AS_IT_IS


_AS_IT_IS: Final = _AsItIs(1.0, 0.0, "")
AS_SEEN: Final = AsSeen()


@lru_cache(maxsize=1024)
def by_count(reading: Reading, name: FeatureName, stated: int) -> Numbers:
    """What is added for none to three shared codes where a person states so many, and for a group that states none, (5,)."""
    count = np.arange(ENOUGH_SHARED + 1.0)
    if name == "meant_for_them":
        value = np.minimum(count, 1.0)
    elif not stated:
        value = np.full(len(count), np.nan)
    else:
        value = 1.0 - (count > 0) if name == "not_refused" else share(count, np.array(stated))
    return reading.term(name).adds(np.append(value, np.nan))


@lru_cache(maxsize=1024)
def by_flag(reading: Reading, name: FeatureName, stated: bool) -> Numbers:
    """What is added where something is not known of a group and where it is, (2,), by whether the person asks for it."""
    unknown = np.nan if name == "schedule" else 0.0
    return reading.term(name).adds(np.array([unknown, 1.0] if stated else [np.nan, np.nan]))


@lru_cache(maxsize=64)
def measured(reading: Reading) -> Numbers:
    """Weight and centre of each feature in `MEASURED`, and what is added for one that is not known, (4, 3)."""
    terms = [reading.term(name) for name in MEASURED]
    return np.array([[term.weight, term.centre, float(term.adds(np.array(np.nan)))] for term in terms])


@lru_cache(maxsize=64)
def by_place(reading: Reading) -> Numbers:
    """What is added for each state of a group's places, (4,)."""
    return reading.term("place").adds(np.array([np.nan if state == UNKNOWN else state == FREE for state in range(FULL + 1)], np.float64))
