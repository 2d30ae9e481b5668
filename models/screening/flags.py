"""Free text screened by the lexicon: which red flags its words give cause for, and where in the text."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.screening.lexicon import CODES, RedFlagCode, lexicon
from models.screening.spelling import Token

MAX_TEXT: Final = 100_000
"""Characters read of one text; a longer one is flagged `other`, for a human to read on."""

_FEWEST_LETTERS: Final = 10


@dataclass(frozen=True, slots=True, order=True)
class Flag:
    """A red flag and the characters `start` to `end` of the text that gave cause for it; the text itself is not repeated."""

    start: int
    end: int
    code: RedFlagCode


def screen(text: str) -> tuple[Flag, ...]:
    """The red flags in `text`, in its order (STANDARDS.md, "What must stop automation"); a code is given once where its phrases overlap."""
    read = text[:MAX_TEXT]
    tokens = lexicon().speller.tokens(read)
    found = [_flag(tokens, start, end, phrase.code or "other") for phrase, start, end in lexicon().flagged.found(tokens)]
    if found:
        taken_back = list(_taken_back(tokens))
        found = [flag for flag in found if not any(start <= flag.start and flag.end <= end for start, end in taken_back)]
    return tuple(_without_overlaps([*found, *_unread(text)]))


def _flag(tokens: list[Token], start: int, end: int, code: RedFlagCode) -> Flag:
    return Flag(tokens[start].start, tokens[end - 1].end, code)


def _taken_back(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """The characters from and to which everyday phrases run; one that runs on into another sentence says nothing of the first."""
    for _, start, end in lexicon().everyday.found(tokens):
        if not any(token.begins_sentence for token in tokens[start + 1 : end]):
            yield tokens[start].start, tokens[end - 1].end


def _unread(text: str) -> Iterator[Flag]:
    """What this cannot read, and so a human must: text beyond the limit, and text mostly in another script than the Latin one."""
    if len(text) > MAX_TEXT:
        yield Flag(MAX_TEXT, len(text), "other")
    if not text.isascii():
        letters = [character for character in text[:MAX_TEXT] if character.isalpha()]
        foreign = sum(not character.isascii() and not _is_latin(character) for character in letters)
        if len(letters) >= _FEWEST_LETTERS and foreign * 2 > len(letters):
            yield Flag(0, min(len(text), MAX_TEXT), "other")


def _is_latin(character: str) -> bool:
    return "LATIN" in unicodedata.name(character, "") or unicodedata.normalize("NFKD", character)[0].isascii()


def _without_overlaps(flags: list[Flag]) -> Iterator[Flag]:
    ends: dict[RedFlagCode, int] = dict.fromkeys(CODES, -1)
    for flag in sorted(flags):
        if flag.start >= ends[flag.code]:
            ends[flag.code] = flag.end
            yield flag
