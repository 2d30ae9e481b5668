"""The red flags of a whole referral: those that the sender declared, and those in any words that came with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from models.screening.flags import screen
from models.screening.lexicon import RedFlagCode, lexicon
from schemas.referral import Referral
from services.intake.reading.objects import known_pointer, leaves

_NOT_IN_A_CODE = re.compile(r"[\W_]+")
_WORDED: Final = ("interests", "reason", "tags", "access_needs")


@dataclass(frozen=True, slots=True)
class Noticed:
    """A red flag, what it was noticed in, the JSON Pointer of that field, and for words the characters that gave cause for it."""

    code: RedFlagCode
    noticed_in: Literal["flags", "text"]
    pointer: str
    start: int = 0
    end: int = 0


def declared_code(written: str) -> RedFlagCode:
    """The code that a sender's own flag stands for, however it is spelt; `other` for one that is not known, which is a red flag all the same."""
    return lexicon().declared.get(_NOT_IN_A_CODE.sub("_", written.casefold()).strip("_"), "other")


def screen_referral(referral: Referral) -> tuple[Noticed, ...]:
    """Every red flag of a referral: its `flags`, contact that is said not to be safe, and all words in it, unknown fields' too."""
    declared = [Noticed(declared_code(flag), "flags", f"/flags/{at}") for at, flag in enumerate(referral.flags)]
    if referral.contact is not None and referral.contact.safe_to_contact is False:
        declared.append(Noticed("unsafe_contact", "flags", "/contact/safe_to_contact"))
    in_words = (Noticed(flag.code, "text", pointer, flag.start, flag.end) for pointer, text in _texts(referral) for flag in screen(text))
    return (*declared, *in_words)


def _texts(referral: Referral) -> Iterator[tuple[str, str]]:
    """Everything that is in words, each with its pointer: what the schema has for them, and all text in fields that it does not know."""
    worded: dict[str, Any] = {name: getattr(referral, name) for name in _WORDED}
    parts = {name: getattr(referral, name) for name in ("contact", "referrer", "consent", "travel", "loneliness")}
    nested = {name: part.model_extra for name, part in parts.items() if part is not None and part.model_extra}
    if referral.contact is not None and referral.contact.preferred:
        nested["contact"] = {**nested.get("contact", {}), "preferred": referral.contact.preferred}
    for path, leaf in leaves({**worded, **nested, **(referral.model_extra or {})}):
        if isinstance(leaf, str) and leaf and leaf != path[-1]:
            yield known_pointer(path), leaf
