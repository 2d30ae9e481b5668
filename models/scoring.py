"""What the two loneliness questions come to: the UCLA three items and the direct question that the ONS asks with them.

Items and sum are kept as they were answered. That 6 or more counts as lonely is a convention of research and is labelled so; nothing may
use it as a cut-off, because the ONS gives none.
"""

from dataclasses import dataclass
from typing import Final, Literal

UclaAnswer = Literal["hardly ever or never", "some of the time", "often"]
DirectAnswer = Literal["often or always", "some of the time", "occasionally", "hardly ever", "never"]
Convention = Literal["lonely by convention", "not lonely by convention"]

UCLA_ITEMS: Final = ("lack companionship", "feel left out", "feel isolated")
UCLA_QUESTIONS: Final = (
    "How often do you feel that you lack companionship?",
    "How often do you feel left out?",
    "How often do you feel isolated from others?",
)
DIRECT_QUESTION: Final = "How often do you feel lonely?"
"""The questions as the ONS has them asked; other words measure something else."""

UCLA_ANSWERS: Final[dict[int, UclaAnswer]] = {1: "hardly ever or never", 2: "some of the time", 3: "often"}
DIRECT_ANSWERS: Final[dict[int, DirectAnswer]] = {1: "often or always", 2: "some of the time", 3: "occasionally", 4: "hardly ever", 5: "never"}
LONELY_BY_CONVENTION: Final = 6


@dataclass(frozen=True, slots=True)
class UclaScore:
    """The three answers (1 to 3, in the order of `UCLA_ITEMS`), their sum (3 to 9), and what research by convention calls it."""

    items: tuple[int, int, int]
    total: int
    convention: Convention


@dataclass(frozen=True, slots=True)
class DirectScore:
    """How often the person feels lonely: 1 often or always to 5 never, so that the lower number is the lonelier answer."""

    answer: int
    words: DirectAnswer


@dataclass(frozen=True, slots=True)
class LonelinessScore:
    """Both questions, each None where it was not answered."""

    ucla3: UclaScore | None = None
    direct: DirectScore | None = None


def score_ucla3(items: tuple[int, int, int]) -> UclaScore:
    """Sum three answers of 1 to 3 (STANDARDS.md; the convention: Steptoe 2013); ValueError for any other answer."""
    if any(item not in UCLA_ANSWERS for item in items):
        raise ValueError("each of the three items is answered 1, 2 or 3")
    total = sum(items)
    return UclaScore(items, total, "lonely by convention" if total >= LONELY_BY_CONVENTION else "not lonely by convention")


def score_direct(answer: int) -> DirectScore:
    """Put the direct question's answer of 1 to 5 into its words; ValueError for any other answer."""
    if answer not in DIRECT_ANSWERS:
        raise ValueError("the direct question is answered 1 to 5")
    return DirectScore(answer, DIRECT_ANSWERS[answer])


def score_loneliness(ucla3: tuple[int, int, int] | None, direct: int | None) -> LonelinessScore:
    """Score whichever of the two questions was answered; ValueError for an answer off its scale."""
    return LonelinessScore(None if ucla3 is None else score_ucla3(ucla3), None if direct is None else score_direct(direct))
