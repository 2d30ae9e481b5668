"""The prior: what ranks until there are outcomes to learn from, and what is said of a feature that no outcome has told of yet.

It adds up, on the scale of log-odds, one term a feature: weight x (value - centre), and nothing where the value is not known,
so that a group without history is an ordinary group and not a bad one. Every feature is turned so that more is never worse and no
weight is negative; hence nearer is never worse, all else equal. Its numbers stand in `prior.json`, each with its source.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Codes, Directory
from models.features import FEATURES, FeatureName, Features, Values
from models.pairs import Pairs
from models.seeker import Seeker

MODEL_FILE: Final = "model.json"


@dataclass(frozen=True)
class Term:
    """One feature's part: log-odds a unit above the centre, and where both come from."""

    weight: float
    centre: float
    source: str

    def adds(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        """What values of the feature add in log-odds, in their shape; nothing where one is not known."""
        return np.where(np.isnan(value), 0.0, self.weight * (value - self.centre))


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

    def __hash__(self) -> int:
        return hash(self.model)  # worked out once: tables are looked up by the prior many times a referral

    def term(self, name: FeatureName) -> Term:
        """What it says of one feature."""
        return self.terms[FEATURES.index(name)]

    @property
    def rough(self) -> Self:
        """See `Ranker`."""
        return self

    @property
    def is_additive(self) -> bool:
        """See `Ranker`."""
        return True

    def told_from_afar(self, _seeker: Seeker, _directory: Directory) -> Callable[[NDArray[np.intp]], Values]:
        """None: it sees the features alone."""
        return lambda _: {}

    def compared(self, _seeker: Seeker, _directory: Directory, _rows: NDArray[np.intp], _codes: Callable[[], Codes]) -> Values:
        """None: it sees the features alone."""
        return {}

    def signals(self, _block: Block, _directory: Directory, _pairs: Pairs) -> Values:
        """None: it sees the features alone."""
        return {}

    def score(self, features: Features) -> NDArray[np.float64]:
        """See `Ranker`."""
        logit = np.asarray(self.base)
        for name, term in zip(FEATURES, self.terms, strict=True):
            logit = logit + added(features, name, term)
        return probability(logit)

    def contributions(self, features: Features) -> NDArray[np.float64]:
        """See `Ranker`."""
        return np.stack(np.broadcast_arrays(*(added(features, name, term) for name, term in zip(FEATURES, self.terms, strict=True))))

    def content(self) -> dict[str, Any]:
        """What its file holds."""
        terms = {name: asdict(term) for name, term in zip(FEATURES, self.terms, strict=True)}
        return {"kind": "prior", "version": 1, "base": {"logit": self.base, "source": self.base_source}, "terms": terms}

    def save(self, folder: Path) -> None:
        """Writes the model as plain JSON into `folder`, made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL_FILE).write_text(json.dumps(self.content(), indent=2) + "\n", encoding="utf-8")

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


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds as probabilities."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def added(features: Features, name: FeatureName, term: Term) -> NDArray[np.float64]:
    """What a feature adds in log-odds, in the shape of its values."""
    return term.adds(features.values[name])
