"""Replies as words that are known, in clauses, and the phrases of replies.toml looked for in them."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import ascii_lowercase
from typing import Any, Final

from models.screening.lexicon import Phrases, read_phrase, read_words
from models.screening.spelling import Speller, Token

MOST_WORDS: Final = 40
"""Words of a reply, or of one clause, that is still read as a whole; people say more than that only when they tell something."""

_PLAIN: Final = ("start", "help", "call_me", "yes", "no", "came", "did_not_come", "who_writes")
_BREAK = re.compile(r"[.,!?:;()\n\"]|\s[-–—]+\s|['’]\s|\s['‘]")


@dataclass(frozen=True, slots=True)
class Saying:
    """What carries a meaning, and what may stand beside it."""

    says: Phrases
    beside: Phrases

    def fills(self, tokens: Sequence[Token]) -> bool:
        """Whether these phrases end to end, at least one of those that say it among them, are all that there is."""
        if not 0 < len(tokens) <= MOST_WORDS:
            return False
        steps: list[set[tuple[int, bool]]] = [set() for _ in tokens]
        for says, phrases in ((True, self.says), (False, self.beside)):
            for _, start, end in phrases.found(list(tokens)):
                steps[start].add((end, says))
        reached: list[set[bool]] = [{False}, *(set() for _ in tokens)]
        for place, onward in enumerate(steps):
            for said in reached[place]:
                for end, says in onward:
                    reached[end].add(said or says)
        return True in reached[-1]


@dataclass(frozen=True, slots=True)
class Replies:
    """Every saying by its name, the words that only ask and those that say stop, what stops wherever it stands, what takes that back,
    and the speller for all of them."""

    sayings: dict[str, Saying]
    asking: frozenset[str]
    stop_words: frozenset[str]
    stop_anywhere: Phrases
    stop_unless: Phrases
    measured_beside: frozenset[str]
    speller: Speller


@cache
def replies() -> Replies:
    """The packaged phrases; read once."""
    written = tomllib.loads((files(__package__) / "replies.toml").read_text(encoding="utf-8"))
    reader = _Reader(written)
    sayings = {
        "stop_whole": reader.saying(written["stop"]["whole"], written["stop"]["beside"]),
        "stop_clause": reader.saying(written["stop"]["clause"], written["stop"]["beside"]),
        **{name: reader.saying(written[name]["says"], written[name]["beside"]) for name in _PLAIN},
        **{
            f"{name}_if_asked": reader.saying(written[name]["says"] + written[name]["answers"], written[name]["beside"])
            for name in ("came", "did_not_come")
        },
        "yes_or_thanks": reader.saying(written["yes"]["says"] + written["yes"]["thanks"], written["yes"]["beside"]),
    }
    anywhere, unless = reader.phrases(written["stop"]["anywhere"]), reader.phrases(written["stop"]["unless"])
    asking, stop_words = reader.sets["ask"], reader.sets["stop"]
    return Replies(sayings, asking, stop_words, anywhere, unless, read_words(written["measured"]["beside"]), reader.speller())


class _Reader:
    """Reads phrases and remembers their words."""

    def __init__(self, written: dict[str, Any]) -> None:
        self.sets = {name: read_words(words) for name, words in written["sets"].items()}
        self._known, self._joinable = read_words(written["known_words"]), read_words(written["joinable_words"])
        self._words: set[str] = set()

    def phrases(self, written: Sequence[str]) -> Phrases:
        read = [read_phrase(phrase, None, self.sets) for one in written for phrase in _begun(one)]
        self._words.update(*(phrase.words for phrase in read))
        return Phrases(read)

    def saying(self, says: Sequence[str], beside: Sequence[str]) -> Saying:
        return Saying(self.phrases(says), self.phrases(beside))

    def speller(self) -> Speller:
        return Speller(self._words, self._known, self._joinable)


def _begun(written: str) -> Iterator[str]:
    """The phrase as written, and without each word that it may do without at its beginning."""
    first, _, rest = written.partition(" ")
    if first.endswith("?"):
        yield from _begun(rest)
    yield f"{first.removesuffix('?')} {rest}".rstrip()


def clauses(text: str, tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The words of `text` between one mark of punctuation and the next."""
    clause: list[Token] = []
    for token in tokens:
        if clause and _BREAK.search(text, clause[-1].end - 1, token.start + 1) and _BREAK.search(text[clause[-1].end : token.start]):
            yield clause
            clause = []
        clause.append(token)
    if clause:
        yield clause


def misspelt(word: str) -> frozenset[str]:
    """Every word that is `word` with one letter lost, added, changed, or in its neighbour's place."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    lost = {before + after[1:] for before, after in cuts}
    moved = {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    added = {before + letter + after for before, after in cuts for letter in ascii_lowercase}
    changed = {before + letter + after[1:] for before, after in cuts if after for letter in ascii_lowercase}
    return frozenset(lost | moved | added | changed)
