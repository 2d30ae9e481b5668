"""What a ranker said of the groups that were proposed in made-up towns, and what came true there; it says nothing of a real town."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.evaluation.measures import calibration, calibration_error
from models.pairs import Pairs
from models.ranker import Ranker, seen_by
from models.reach import ReachDefaults
from models.simulation.living import Story
from models.simulation.town import Town

_DIGITS: Final = 4


@dataclass(frozen=True)
class Said:
    """m groups that were proposed, (m,) each: the probability said of a second attendance, whether that came, and whether the person agreed."""

    probability: NDArray[np.float64]
    second: NDArray[np.bool_]
    agreed: NDArray[np.bool_]

    @classmethod
    def of(cls, town: Town, stories: Sequence[Story], ranker: Ranker) -> Self:
        """What the ranker says of every group proposed in these stories, by the directory as it was at the beginning."""
        shown = [story for story in stories if story.shown]
        if not shown:
            return cls(np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.bool_))
        people = np.repeat(np.arange(len(shown)), [len(story.shown) for story in shown])
        rows = np.array([row for story in shown for row in story.shown], np.intp)
        agreed = rows == np.array([-1 if story.agreed is None else story.agreed for story in shown], np.intp)[people]
        second = agreed & np.array([story.sessions > 1 for story in shown], np.bool_)[people]
        block = Block.of([town.seekers[story.person] for story in shown], ReachDefaults())
        pairs = Pairs(block, town.directory, town.day(0))
        features = seen_by(ranker, block, town.directory, pairs, town.day(0))
        return cls(ranker.score(features.at(people, rows)), second, agreed)

    @classmethod
    def together(cls, parts: Sequence["Said"]) -> Self:
        """Several towns in one."""
        named = ("probability", "second", "agreed")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in named))

    def figures(self) -> dict[str, Any]:
        """For what was proposed and for what was agreed on: said and come true in ten equal parts with how many, and the mean distance."""
        where = {"proposed": np.ones(len(self.second), np.bool_), "agreed": self.agreed}
        return {name: self._of(among) for name, among in where.items()}

    def _of(self, among: NDArray[np.bool_]) -> dict[str, Any]:
        parts = calibration(self.probability[among], self.second[among])
        told = [[round(said, _DIGITS), round(came, _DIGITS), number] for said, came, number in parts]
        return {"number": int(among.sum()), "error": round(calibration_error(parts), _DIGITS), "parts": told}
