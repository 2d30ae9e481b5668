"""The learned ranker: trees for joining and for coming back, and the prior for what no outcome has told of yet.

On the scale of log-odds it adds up what the two sets of trees say, each with its weight, and of every feature the prior's term with the
share that the prior still has: all of it where no outcome tells of that feature, less with every one that does. So one model leads from
the first outcome to the ten-thousandth, a referral whose interests are all that is known is ranked by them, and nothing falls off a step.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.directory import Codes, Directory
from models.features import FEATURES, INPUTS, FeatureName, Features, Name, Values
from models.learned.habits import Habits
from models.learned.signals import DIRECT, HISTORY_SIGNALS, Placed, been_to, directly, of_words, signals_of, told_from_afar
from models.learned.trees import Trees
from models.pairs import Pairs
from models.prior import MODEL_FILE, Prior, added, probability
from models.seeker import Seeker

ARRAYS_FILE: Final = "arrays.npz"

VERSION: Final = 2
"""Of what a model's files hold: raised where other numbers are held, or the same are worked out otherwise."""

NUMBERS: Final = ("start", "joins", "comes_back", "welcome", "doubted", "crowd", "unknown")
"""What a mix has one number of."""


@dataclass(frozen=True)
class Mix:
    """How the parts add up: the constant, the weights of both sets of trees, and the share of the prior's term for each feature.

    `welcome` is the benefit of the doubt of a group without history, in log-odds; `direct` is what one more of an input adds to what the trees
    for joining say, for a person with a history. For a person without history what both sets say counts `doubted` times, `crowd` is what one more
    adds, on a logarithmic scale, of how many go to the group (`joined`, and of a new group `expected`), and `unknown` the constant beside it.
    """

    start: float
    joins: float
    comes_back: float
    welcome: float
    prior_share: Mapping[FeatureName, float]
    direct: Mapping[Name, float] = field(default_factory=dict)
    doubted: float = 1.0
    crowd: float = 0.0
    unknown: float = 0.0


@dataclass
class Learned:
    """A learned ranker; `told` is what its card tells of its making, and bears on nothing."""

    joins: Trees
    comes_back: Trees
    habits: Habits
    prior: Prior
    mix: Mix
    told: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._placed: tuple[object, tuple[NDArray[np.float32], ...], Placed] | None = None

    @cached_property
    def model(self) -> str:
        """`learned-` and twelve hexadecimal digits over its numbers."""
        digest = hashlib.sha256(json.dumps(self._numbers(), sort_keys=True).encode())
        for name, array in sorted(self._arrays().items()):
            digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
        return f"learned-{digest.hexdigest()[:12]}"

    @property
    def rough(self) -> Prior:
        """See `Ranker`."""
        return self.prior

    @property
    def is_additive(self) -> bool:
        """See `Ranker`."""
        return False

    def told_from_afar(self, seeker: Seeker, directory: Directory) -> Callable[[NDArray[np.intp]], Values]:
        """See `Ranker`; unknown are the signals that compare texts."""
        told, placed = told_from_afar(seeker, self.habits), self._of_directory(directory)
        return lambda rows: told(placed.taken(rows))

    def compared(self, seeker: Seeker, directory: Directory, rows: NDArray[np.intp], codes: Callable[[], Codes]) -> Values:
        """See `Ranker`; nothing of somebody who has been nowhere."""
        been = been_to(seeker)
        if not been:
            return {}
        told = of_words([been], directory, codes(), self._of_directory(directory).taken(rows))
        return {name: value[0] for name, value in told.items()}

    def signals(self, block: Block, directory: Directory, pairs: Pairs) -> Values:
        """See `Ranker`."""
        whole, rows = directory.part_of or (directory, None)
        placed = self._of_directory(whole)
        return signals_of(block, directory, pairs, self.habits, placed if rows is None else placed.taken(rows))

    def _of_directory(self, directory: Directory) -> Placed:
        """Worked out once for a directory, and kept while only places change in it."""
        known = self._placed
        if known is None or known[0] is not directory.columns.ids or known[1] is not directory.vectors:
            before = known[2] if known is not None and known[1][0] is directory.vectors[0] else None
            known = self._placed = (directory.columns.ids, directory.vectors, Placed.of(directory, self.habits, before))
        return known[2]

    def score(self, features: Features) -> NDArray[np.float64]:
        """See `Ranker`."""
        return probability(self.log_odds(features))

    def log_odds(self, features: Features) -> NDArray[np.float64]:
        """What `score` tells as a probability, before it is one."""
        rows, shape = features.rows
        said = self.mix.joins * self.joins.raw(seen_of_joining(rows)) + self.mix.comes_back * self.comes_back.raw(rows)
        doubted = self.mix.doubted * said + self.mix.crowd * going_to(rows) + self.mix.unknown
        logit = (self.mix.start + np.where(_unknown(rows), doubted, said)).reshape(shape) + self._welcome(features)
        for name, share in self.mix.prior_share.items():
            if share:
                logit = logit + share * self._prior_term(features, name)
        for direct in self.mix.direct:
            logit = logit + self._directly(features, direct)
        return np.asarray(logit)

    def coming_back(self, features: Features) -> NDArray[np.float64]:
        """What the trees for coming back say of who joined, in log-odds."""
        rows, shape = features.rows
        return self.comes_back.raw(rows).reshape(shape)

    def contributions(self, features: Features) -> NDArray[np.float64]:
        """See `Ranker`; what a tree adds is told along the paths through it."""
        rows, shape = features.rows
        unknown, mix = _unknown(rows), self.mix
        of_trees = mix.joins * self.joins.contributions(seen_of_joining(rows)) + mix.comes_back * self.comes_back.contributions(rows)
        of_trees[unknown] *= mix.doubted
        of_trees[unknown, INPUTS.index("joined")] += mix.crowd * going_to(rows)[unknown]
        of_trees[unknown, INPUTS.index("histories")] += mix.unknown + (mix.doubted - 1) * (self.base - mix.start)
        return np.stack([self._owed(features, name, of_trees, shape) for name in features.values])

    def _owed(self, features: Features, name: Name, of_trees: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
        owed = of_trees[:, INPUTS.index(name)].reshape(shape)
        if name == "joined":
            return owed + self._welcome(features)
        if name in DIRECT:
            owed = owed + self._directly(features, name)
        share = self.mix.prior_share.get(name, 0.0) if name in FEATURES else 0.0
        return owed + share * self._prior_term(features, name) if share and name in FEATURES else owed

    def _welcome(self, features: Features) -> NDArray[np.float64]:
        """The benefit of the doubt where the person's history and the group's text say whether it would suit, but the group has no history."""
        if "joined" not in features.values:
            return np.zeros(())
        return np.asarray(self.mix.welcome * (np.isnan(features.values["joined"]) & ~np.isnan(features.values["kindred"])), np.float64)

    def _directly(self, features: Features, name: Name) -> NDArray[np.float64]:
        return np.asarray(self.mix.joins * self.mix.direct.get(name, 0.0) * directly(features.values, name), np.float64)

    def _prior_term(self, features: Features, name: FeatureName) -> NDArray[np.float64]:
        return added(features, name, self.prior.term(name))

    def try_out(self) -> None:
        """Asks the trees once, so that what has to be compiled for it is."""
        nothing = np.full((1, len(INPUTS)), np.nan)
        self.joins.raw(nothing)
        self.joins.contributions(nothing)

    @property
    def base(self) -> float:
        """The log-odds of a pair of which nothing was looked at: with the contributions they add up to the score's."""
        return self.mix.start + self.mix.joins * self.joins.start + self.mix.comes_back * self.comes_back.start

    def _numbers(self) -> dict[str, Any]:
        mix = {**vars(self.mix), "prior_share": dict(self.mix.prior_share), "direct": dict(self.mix.direct)}
        return {"inputs": list(INPUTS), "mix": mix, "prior": self.prior.content()}

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return self.joins.arrays("joins") | self.comes_back.arrays("comes_back") | self.habits.arrays("habits")

    def save(self, folder: Path) -> None:
        """Writes the model into `folder`, made where it is missing: JSON, and plain arrays beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        held = BytesIO()
        np.savez_compressed(held, allow_pickle=False, **self._arrays())
        content = {"kind": "learned", "version": VERSION, "model": self.model, **self._numbers(), "told": self.told}
        (folder / ARRAYS_FILE).write_bytes(held.getvalue())
        (folder / MODEL_FILE).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def of(cls, content: Mapping[str, Any], folder: Path) -> Self:
        """From the content of its file and the arrays beside it; raises OSError, KeyError, TypeError or ValueError where that is no such model."""
        mix = content["mix"]
        if content["version"] != VERSION or tuple(content["inputs"]) != INPUTS or mix.keys() != Mix.__annotations__.keys():
            raise ValueError("it sees or adds up other things than this version does: train it again")
        shares = {name: float(mix["prior_share"][name]) for name in FEATURES}
        direct = {name: float(mix["direct"][name]) for name in DIRECT}
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            held = dict(arrays)
        learned = cls(
            Trees.of(held, "joins"),
            Trees.of(held, "comes_back"),
            Habits.of(held, "habits"),
            Prior.of(content["prior"]),
            Mix(**{name: float(mix[name]) for name in NUMBERS}, prior_share=shares, direct=direct),
            content.get("told", {}),
        )
        if learned.model != content["model"]:
            raise ValueError(f"it says that it is {content['model']}, but its numbers are those of {learned.model}")
        return learned


def seen_of_joining(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the trees for joining see of rows (n, inputs): of a person without history nothing of the group's, which says how many go, and no more."""
    unknown = _unknown(rows)
    if not unknown.any():
        return rows
    seen = rows.copy(order="K")
    for column in _OF_HISTORY:
        np.copyto(seen[:, column], np.nan, where=unknown)
    return seen


def going_to(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many go to the group, or of a new group how many would, (n,), on a logarithmic scale; 0 where neither is known."""
    joined, expected = rows[:, INPUTS.index("joined")], rows[:, INPUTS.index("expected")]
    going = np.where(np.isnan(joined), expected, joined)
    return np.where(np.isnan(going), 0.0, going)


def _unknown(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(rows[:, INPUTS.index("histories")] == 0)


_OF_HISTORY: Final = [INPUTS.index(name) for name in HISTORY_SIGNALS]
