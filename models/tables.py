"""What the prior says of each value that a feature can take for one person, where these are few: tables instead of a calculation for each group."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.columns import FREE, FULL, UNKNOWN
from models.features import ENOUGH_SHARED, FeatureName, share
from models.prior import Prior

Numbers = NDArray[np.float64]


@lru_cache(maxsize=1024)
def by_count(prior: Prior, name: FeatureName, stated: int) -> Numbers:
    """What is added for none to three shared codes where a person states so many, and 0 for a group that states none, (5,)."""
    count = np.arange(ENOUGH_SHARED + 1.0)
    if name == "meant_for_them":
        value = np.minimum(count, 1.0)
    elif not stated:
        value = np.full(len(count), np.nan)
    else:
        value = 1.0 - (count > 0) if name == "not_refused" else share(count, np.array(stated))
    return np.append(prior.term(name).adds(value), 0.0)


@lru_cache(maxsize=1024)
def by_flag(prior: Prior, name: FeatureName, stated: bool) -> Numbers:
    """What is added where something is not known of a group and where it is, (2,), by whether the person asks for it."""
    unknown = np.nan if name == "schedule" else 0.0
    return prior.term(name).adds(np.array([unknown, 1.0] if stated else [np.nan, np.nan]))


@lru_cache(maxsize=64)
def by_place(prior: Prior) -> Numbers:
    """What is added for each state of a group's places, (4,)."""
    return prior.term("place").adds(np.array([np.nan if state == UNKNOWN else state == FREE for state in range(FULL + 1)], np.float64))
