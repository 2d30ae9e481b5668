"""Ways to reach people who do not exist: numbers that Ofcom keeps for drama, addresses under example.org, NHS numbers kept for tests.

Nobody can be rung or written to by mistake. Organisers and people have different telephone numbers.
"""

import re
import unicodedata
from functools import lru_cache

MOST_PEOPLE = 400_000
"""As many as have an NHS number for tests and a referral number of six digits."""
_ORGANISERS = 300
_WEIGHTS = range(10, 1, -1)
"""NHS data dictionary: the weights of the nine digits before the check digit."""


def organiser_phone(number: int) -> str:
    """A mobile number from 07700 900000 to 900299, by a number from 0."""
    return f"07700 900{number % _ORGANISERS:03d}"


def mobile_phone(number: int) -> str:
    """A mobile number from 07700 900300 to 900999, by a number from 0."""
    return f"07700 900{_ORGANISERS + number % (1000 - _ORGANISERS):03d}"


def landline_phone(number: int) -> str:
    """A number from 01632 960000 to 960999, by a number from 0; 01632 is nobody's area code."""
    return f"01632 960{number % 1000:03d}"


def email(*words: str) -> str:
    """An address at example.org made of words, in ASCII."""
    plain = unicodedata.normalize("NFKD", ".".join(words).replace("ł", "l").replace("Ł", "L")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9.]+", "-", plain.lower()) + "@example.org"


def nhs_number(index: int) -> str:
    """The number of person `index` (below 400,000): ten digits from 999, which are kept for tests, the last the check digit (modulus 11)."""
    block, turn = divmod(index, 9)
    return _numbers_of(block)[turn]


@lru_cache(maxsize=64)
def _numbers_of(block: int) -> tuple[str, ...]:
    # A check that comes to 10 belongs to no NHS number; that takes at most one of these ten, so nine are always there.
    checked = ((stem, _check_digit(stem)) for stem in (f"999{block:05d}{last}" for last in range(10)))
    return tuple(f"{stem}{check}" for stem, check in checked if check != 10)


def _check_digit(nine: str) -> int:
    return (11 - sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, nine, strict=True)) % 11) % 11
