"""What a session costs, where a directory says it for certain: one price for everybody, or none at all.

A price by the hour, by the month, for members, for children, "suggested", "from" is not the price of a session and stays unknown.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

LONGEST_TEXT = 300

_IT_IS = r"(?:it(?:'s| is)|this (?:service|group|activity) is|all (?:sessions|activities) are|the (?:service|group) is|there (?:is|are))?\s*"
_NOTHING = r"(?:no (?:charges?|costs?|fees?)|none|without charge|[£$€]0(?:\.00)?)"
_FREE_OF_CHARGE = r"(?:totally |completely |entirely |always )?free(?: of charge| to (?:attend|join|all|everyone|use))?"
_AND_WELCOME = r"(?:\s*[.;,(-]\s*(?:all welcome|just turn up|drop in|donations? (?:are )?(?:always )?(?:welcome|appreciated)|no charge|free)\)?)?"
_FREE = re.compile(rf"{_IT_IS}(?:{_FREE_OF_CHARGE}|{_NOTHING}){_AND_WELCOME}\s*[.!]*")

_SESSION = r"(?:session|class|visit|meeting|lesson|time|drop-?in)"
_EACH = rf"(?:\s*(?:/|per|a|each|every|for (?:a|each|the))?\s*(?:person,? )?(?:(?:per|a) )?(?:{_SESSION}|evening|afternoon|morning|person|each))?"
_PRICE = re.compile(
    rf"(?:(?:costs?|fees?|price|charge)\s*(?:is|:)?\s*)?(?P<sign>[£$€])\s?(?P<amount>\d{{1,4}}(?:\.\d{{2}})?){_EACH}\s*[.!]*",
)
CURRENCIES: Mapping[str, str] = {"£": "GBP", "$": "USD", "€": "EUR"}

_FOR_SOME = re.compile(
    r"under|over|senior|student|child|adult|member|concession|unwaged|unemployed|low.income|famil|carer|pensioner|resident|sibling|first|trial|annual"
    r"|early|group",
    re.IGNORECASE,
)
_PER_SESSION = re.compile(
    rf"\s*(?:(?:per|a|each|for (?:a|each))?\s*(?:\d+(?:\.\d+)? ?(?:hour|hr|minute|min)s? )?{_SESSION}s?|free|each)?\s*[.]?\s*", re.IGNORECASE
)


class Cost(NamedTuple):
    """What one session costs, in a currency (ISO 4217) where the text names one."""

    amount: float
    currency: str | None


def cost_in(text: str) -> Cost | None:
    """The cost of a session that a text about fees states, or None where it is not certain."""
    return _read(" ".join(text.lower().replace("’", "'").split())) if len(text) <= LONGEST_TEXT else None


@lru_cache(maxsize=4096)
def _read(said: str) -> Cost | None:
    if _FREE.fullmatch(said):
        return Cost(0.0, None)
    price = _PRICE.fullmatch(said)
    return Cost(float(price["amount"]), CURRENCIES[price["sign"]]) if price else None


def is_for_everybody(option: str, description: str) -> bool:
    """Whether a cost option (HSDS `option`, `amount_description`) is the price of a session, and not for some people or by the month."""
    return len(option + description) <= LONGEST_TEXT and not _FOR_SOME.search(f"{option} {description}") and bool(_PER_SESSION.fullmatch(description))
