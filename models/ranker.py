"""How likely a second attendance is: the protocol that every ranker meets, and the prior that ranks until there are outcomes to learn from.

The prior adds up, on the scale of log-odds, one term a feature: weight x (value - centre), and nothing where the value is not known,
so that a group without history is an ordinary group and not a bad one. Every feature is turned so that more is never worse and no
weight is negative; hence nearer is never worse, all else equal. Its numbers stand in `prior.json`, each with its source.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.features import FEATURES, FeatureName, Features

MODEL_FILE: Final = "model.json"
PACKAGED: Final = Path(__file__).with_name("prior.json")


class ModelUnreadable(Exception):
    """A model's file is missing or says something that cannot be."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class Ranker(Protocol):
    """Estimates P(second attendance) and says what it owes to which feature."""

    @property
    def model(self) -> str:
        """Names the model by kind and content."""

    def score(self, features: Features) -> NDArray[np.float64]:
        """Probabilities, 0 to 1, (people, groups). A pair's probability depends on that pair's features alone."""

    def contributions(self, features: Features) -> NDArray[np.float64]:
        """What each feature adds in log-odds, (features in the order of `FEATURES`, people, groups); 0 where it says nothing."""


@dataclass(frozen=True)
class Term:
    """One feature's part: log-odds a unit above the centre, and where both come from."""

    weight: float
    centre: float
    source: str


@dataclass(frozen=True)
class Prior:
    """The additive prior; `terms` in the order of `FEATURES`. Its calibration can be shown on a simulator only."""

    base: float
    base_source: str
    terms: tuple[Term, ...]

    @cached_property
    def model(self) -> str:
        """`prior-` and twelve hexadecimal digits over the numbers, not over their sources."""
        numbers = [self.base, *([name, term.weight, term.centre] for name, term in zip(FEATURES, self.terms, strict=True))]
        return f"prior-{hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:12]}"

    def score(self, features: Features) -> NDArray[np.float64]:
        """See `Ranker`."""
        logit = np.asarray(self.base)
        for name, term in zip(FEATURES, self.terms, strict=True):
            logit = logit + _added(features, name, term)
        return np.asarray(1 / (1 + np.exp(-logit)))

    def contributions(self, features: Features) -> NDArray[np.float64]:
        """See `Ranker`."""
        return np.stack(np.broadcast_arrays(*(_added(features, name, term) for name, term in zip(FEATURES, self.terms, strict=True))))

    def save(self, folder: Path) -> None:
        """Writes the model as plain JSON into `folder`, made where it is missing."""
        terms = {name: asdict(term) for name, term in zip(FEATURES, self.terms, strict=True)}
        content = {"kind": "prior", "version": 1, "base": {"logit": self.base, "source": self.base_source}, "terms": terms}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From the content of its file; raises KeyError, TypeError or ValueError where that is no prior over these features."""
        if content["kind"] != "prior" or set(content["terms"]) != set(FEATURES):
            raise ValueError("it is no prior over the features of this version")
        terms = tuple(Term(float(term["weight"]), float(term["centre"]), str(term["source"])) for term in map(content["terms"].get, FEATURES))
        prior = cls(float(content["base"]["logit"]), str(content["base"]["source"]), terms)
        if not all(math.isfinite(number) for number in (prior.base, *(number for term in terms for number in (term.weight, term.centre)))):
            raise ValueError("a number in it is not finite")
        if any(term.weight < 0 for term in terms):
            raise ValueError("no weight may be negative: more of a feature is never worse")
        return prior


def _added(features: Features, name: FeatureName, term: Term) -> NDArray[np.float64]:
    value = features.values[name]
    return np.where(np.isnan(value), 0.0, term.weight * (value - term.centre))


def _read(path: Path) -> Ranker:
    try:
        return Prior.of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelUnreadable(path, f"missing {error}" if isinstance(error, KeyError) else str(error)) from error


def load(folder: Path) -> Ranker:
    """The model that was saved in `folder`; raises ModelUnreadable, which names the file and what is wrong with it."""
    return _read(folder / MODEL_FILE)


@cache
def packaged_prior() -> Ranker:
    """The prior that comes with the program."""
    return _read(PACKAGED)
