"""What learning must remember: what was said of people, each training run, and which model served when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from models.registry import PRIOR, Promotion
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.models import ModelPromoted

Found = Literal["begun", "cut_short", "not_installed", "too_few", "nothing_to_learn", "not_kept", "not_promoted", "withdrawn", "promoted"]
"""What came of a night: `begun` while it goes on, `withdrawn` where somebody's consent or key went while it learned from them."""

LEARNING_BROUGHT_BY: Final = "the extra `learning` brings it"


@dataclass(frozen=True, slots=True)
class Run:
    """A night's training: when it was claimed, how many outcomes were known then, and what was found; `model` where one was made."""

    number: int
    at: datetime
    outcomes: int
    found: Found = "begun"
    because: str = ""
    model: str | None = None
    people: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A model among the installation's models: its folder's name, what it calls itself, and the digest of its files; the prior has none."""

    name: str
    model: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Promote:
    """Have a model serve that was judged already."""

    kept: Kept
    because: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RollBack:
    """Have `kept` serve again, which served before `serving`; both are as whoever asks saw them."""

    serving: str
    kept: Kept
    at: datetime


class LearningStore(Protocol):
    """The facts about each person that may be learned from, their personal parts sealed; the runs; and the promotions."""

    def keep(self, facts: Sequence[Event[Data]], persons: Sequence[str]) -> None:
        """Remember new facts, each about the person beside it."""

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row of these persons."""

    def erased(self, persons: Collection[str]) -> set[str]:
        """Those of these persons who are erased."""

    def outcomes(self) -> int:
        """How many statements about sessions are known."""

    def everybody(self) -> Mapping[str, list[Event[Data]]]:
        """All facts, by person, opened; a part whose key was destroyed is None."""

    def facts_about(self, persons: Collection[str]) -> Mapping[str, list[Event[Data]]]:
        """The same of these persons, for those of whom there are any."""

    def begin(self, run: Run) -> None:
        """Remember that a run begins."""

    def end(self, run: Run) -> None:
        """Remember what came of a run."""

    def runs(self) -> list[Run]:
        """Every run, the oldest first."""

    def last_run(self) -> Run | None:
        """The newest run."""

    def history(self) -> list[Promotion]:
        """Every promotion, the oldest first."""

    def promoted(self, number: int, promotion: Promotion) -> None:
        """Remember a promotion; each has a number, one more than the one before."""


def promotion_of(kept: Kept, number: int, because: str) -> ModelPromoted:
    """The fact that has a model serve."""
    snapshot = None if kept.name == PRIOR else kept.name
    return ModelPromoted(model=kept.model, promotion=number, snapshot=snapshot, sha256=kept.sha256, because=because)
