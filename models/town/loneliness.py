"""How lonely the people are: UCLA-3 totals by age as published, three items that make the total, and a direct answer that goes with it."""

from functools import cache

from models.town.draws import Draws
from models.town.written import Written, read
from schemas.referral import Loneliness

_LOWEST_SUM = 3
_NOT_ASKED, _DIRECT_NOT_ASKED = 0.12, 0.08


class Band(Written):
    """The shares of the totals 3 to 9 among people of these ages."""

    minimum_age: int
    maximum_age: int
    sums: list[float]


@cache
def _bands() -> tuple[Band, ...]:
    return tuple(Band.model_validate(row) for row in read("loneliness.toml")["bands"])


@cache
def _sums_at(age: int) -> dict[int, float]:
    band = next(band for band in _bands() if band.minimum_age <= age <= band.maximum_age)
    return dict(enumerate(band.sums, _LOWEST_SUM))


@cache
def _direct_answers(total: int) -> dict[int, float]:
    return dict(enumerate(read("loneliness.toml")["direct"][str(total)], 1))


@cache
def _items(total: int) -> tuple[tuple[int, int, int], ...]:
    answers = (1, 2, 3)
    return tuple((one, two, total - one - two) for one in answers for two in answers if total - one - two in answers)


def loneliness_at(age: int, draws: Draws) -> Loneliness | None:
    """What somebody aged 16 to 99 answered; None, or one of the two missing, where the clinic did not ask."""
    total = draws.weighted(_sums_at(age))
    items, direct = draws.one_of(_items(total)), draws.weighted(_direct_answers(total))
    asked, asked_directly = not draws.chance(_NOT_ASKED), not draws.chance(_DIRECT_NOT_ASKED)
    if not asked and not asked_directly:
        return None
    return Loneliness(ucla3=items if asked else None, direct=direct if asked_directly else None)
