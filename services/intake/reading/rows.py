"""What one row of a file came to: a validated referral with what was sent, or the problems that kept it out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import ValidationError

from schemas.referral import Referral
from services.intake.reading.objects import canonical
from services.intake.reading.pointers import BadField, pointers

Action = Literal["rejected", "repaired"]
MOST_PROBLEMS: Final = 100
"""Problems told of one row; a row of ten thousand bad items has no longer report than this."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of an import's report. `row` counts lines from 1, `field` is a JSON Pointer ("" is the row), `reason` holds no value."""

    file: str
    row: int
    field: str
    reason: str
    action: Action


@dataclass(frozen=True, slots=True)
class Row:
    """A referral with the canonical JSON of what was sent, or neither and at least one problem with the action "rejected"."""

    file: str
    row: int
    referral: Referral | None
    sent: bytes | None
    problems: tuple[Problem, ...] = ()


def read_referral(sent: dict[str, Any]) -> Referral | tuple[BadField, ...]:
    """`sent` as a referral, ids optional, or its bad fields. Raises nothing."""
    try:
        return Referral.model_validate(sent)
    except ValidationError as error:
        return tuple(pointers(error))


def required_problems(referral: Referral) -> tuple[BadField, ...]:
    """The fields that the service needs of a referral and a file to match on does not: who sent which referral about whom."""
    named = {"referral_id": referral.referral_id, "person_id": referral.person_id}
    return tuple(BadField(f"/{name}", "is required") for name, value in named.items() if value is None)


def accept(file: str, row: int, sent: dict[str, Any], repairs: Iterable[str]) -> Row:
    """The row that `sent` makes: kept where it validates, rejected with every bad field where it does not."""
    referral = read_referral(sent)
    if not isinstance(referral, Referral):
        return reject(file, row, referral)
    return Row(file, row, referral, canonical(sent), tuple(Problem(file, row, "", words, "repaired") for words in repairs))


def reject(file: str, row: int, bad: Iterable[BadField]) -> Row:
    """A row that cannot be used, with the first hundred reasons."""
    problems = tuple(Problem(file, row, one.pointer, one.detail, "rejected") for one in bad)
    return Row(file, row, None, None, problems[:MOST_PROBLEMS])
