"""The first name out of a name as somebody wrote it: what a group and a message may call a person by, and never a surname."""

from itertools import dropwhile
from typing import Final

TITLES: Final = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mx", "master", "dr", "prof", "professor", "rev", "revd", "fr", "sister", "sir", "dame", "lady", "lord", "cllr",
        "capt", "captain", "major", "col", "colonel", "&", "and",
    }
)  # fmt: skip
"""What may stand before a name, and what joins two of them ("Mr & Mrs")."""

AFTER_A_NAME: Final = frozenset(["jr", "jnr", "sr", "snr", "ii", "iii", "iv", "esq", "mbe", "obe", "cbe", "phd", "md", "bsc", "ba", "ma", "jp"])
_SHORTEST_IN_CAPITALS: Final = 3
"""From here on a word in capitals among others that are not is a surname and no initials."""


def first_name(written: str | None) -> str | None:
    """The first name in "Ada Byron", "Mr John Smith", "Smith, John" or "SMITH John"; None where it may be the surname ("Mr Smith")."""
    before, comma, after = (written or "").partition(",")
    if comma and not after.strip():
        return None
    behind = [word for word in after.split() if _plain(word) not in AFTER_A_NAME]
    words = behind or before.split()
    names = list(dropwhile(lambda word: _plain(word) in TITLES, words))
    may_be_surname = len(names) == 1 and names != words and not behind
    return None if may_be_surname else next(iter(_without_surname(names)), None)


def _without_surname(names: list[str]) -> list[str]:
    """The names but for a surname in capitals, as registers write it before the others or behind them."""
    if all(name.isupper() for name in names):
        return names
    return [name for name in names if not (name.isupper() and len(name) >= _SHORTEST_IN_CAPITALS)]


def _plain(word: str) -> str:
    return word.strip(".()").casefold()
