"""Which of the things said of a match must never be left out where only some are shown: what is not known, or not ideal, and must be asked first."""

import re
from typing import Final

from models.explain import SENTENCES, ReasonCode

CAUTIONS: Final[frozenset[ReasonCode]] = frozenset(
    {
        "a_guess",
        "conditions",
        "likely_full",
        "no_access_information",
        "no_cost",
        "no_distance",
        "no_language",
        "no_place_information",
        "no_times",
        "not_weekly",
        "particular",
        "waiting_list",
        "widened",
    }
)

_TOLD: Final = re.compile("|".join(re.escape(SENTENCES[code]).replace(r"\{0\}", ".+") for code in sorted(CAUTIONS)))


def is_caution(sentence: str) -> bool:
    """Whether a sentence of a proposal, as `models.explain.render` made it, is a caution."""
    return _TOLD.fullmatch(sentence) is not None
