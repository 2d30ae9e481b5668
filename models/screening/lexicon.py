"""The phrases of lexicon.toml, compiled: what raises which flag, what everyday speech means by the same words, and what senders' codes mean.

A phrase is words in order. `a|b` is either, `<name>` any word of that set, a word with `?` may be missing, `..` stands for up to two words and
`...` for up to five, within a sentence. Everyday phrases are written alike; they take back a flag whose words lie within them.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from models.screening.spelling import Speller, Token, fold

RedFlagCode = Literal[
    "self_harm",
    "harm_to_others",
    "abuse",
    "coercion",
    "unsafe_contact",
    "child_at_risk",
    "psychosis",
    "agitation",
    "capacity",
    "other",
]
CODES: Final[tuple[RedFlagCode, ...]] = get_args(RedFlagCode)
"""Every code, the gravest first."""

_GAPS: Final = {"..": 2, "...": 5}


@dataclass(frozen=True, slots=True)
class Slot:
    """One of these words, after up to `gap` others; or none where `optional`."""

    words: frozenset[str]
    optional: bool
    gap: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Slots to be filled in order; the first is never optional. An everyday phrase has no code."""

    code: RedFlagCode | None
    slots: tuple[Slot, ...]

    @property
    def words(self) -> frozenset[str]:
        """Every word that it may hold."""
        return frozenset().union(*(slot.words for slot in self.slots))

    def end(self, tokens: list[Token], start: int) -> int | None:
        """The position after the phrase that begins at token `start`, or None where it does not."""
        return self._end(tokens, start, 0)

    def _end(self, tokens: list[Token], start: int, at: int) -> int | None:
        if at == len(self.slots):
            return start
        slot = self.slots[at]
        for here in range(start, min(start + slot.gap + 1, len(tokens))):
            if here > start and (tokens[here - 1].begins_sentence or tokens[here].begins_sentence):
                break
            if not slot.words.isdisjoint(tokens[here].readings) and (end := self._end(tokens, here + 1, at + 1)) is not None:
                return end
        return self._end(tokens, start, at + 1) if slot.optional else None


class Phrases:
    """Phrases, to be looked for in a text at once: only those are tried whose rarest words the text has at all."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = tuple(phrases)
        common = Counter(word for phrase in self._phrases for slot in phrase.slots for word in slot.words)
        by_anchor: dict[str, list[int]] = defaultdict(list)
        for at, phrase in enumerate(self._phrases):
            needed = (slot for slot in phrase.slots if not slot.optional)
            for word in min(needed, key=lambda slot: sum(common[word] for word in slot.words)).words:
                by_anchor[word].append(at)
        self._by_anchor = dict(by_anchor)

    def found(self, tokens: list[Token]) -> Iterator[tuple[Phrase, int, int]]:
        """Every phrase in `tokens` with the positions of its first token and of the one after its last."""
        places: dict[str, list[int]] = defaultdict(list)
        for place, token in enumerate(tokens):
            for word in token.readings:
                places[word].append(place)
        for at in sorted({at for word in places for at in self._by_anchor.get(word, ())}):
            phrase = self._phrases[at]
            for start in {place for word in phrase.slots[0].words & places.keys() for place in places[word]}:
                end = phrase.end(tokens, start)
                if end is not None:
                    yield phrase, start, end


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What raises a flag, what takes one back, flag codes by the names that senders use, and the speller for all their words."""

    flagged: Phrases
    everyday: Phrases
    declared: Mapping[str, RedFlagCode]
    speller: Speller


@cache
def lexicon() -> Lexicon:
    """The packaged lexicon; read once."""
    return build_lexicon(tomllib.loads((files(__package__) / "lexicon.toml").read_text(encoding="utf-8")))


def build_lexicon(written: Mapping[str, Any]) -> Lexicon:
    """Compile a lexicon from its TOML; KeyError for a set or a code that does not exist, ValueError for a phrase that begins with a gap."""
    sets = {name: read_words(words) for name, words in written["sets"].items()}
    flagged = [
        read_phrase(phrase, _code(code), sets)
        for code, languages in written["phrases"].items()
        for phrases in languages.values()
        for phrase in phrases
    ]
    everyday = [read_phrase(phrase, None, sets) for phrases in written["everyday"].values() for phrase in phrases]
    vocabulary = frozenset().union(*(phrase.words for phrase in (*flagged, *everyday)))
    declared = {name: _code(code) for code, names in written["declared"].items() for name in (code, *names.split())}
    speller = Speller(vocabulary, read_words(written["known_words"]), read_words(written["joinable_words"]))
    return Lexicon(Phrases(flagged), Phrases(everyday), declared, speller)


def read_phrase(written: str, code: RedFlagCode | None, sets: Mapping[str, frozenset[str]]) -> Phrase:
    """One phrase as it is written; KeyError for a set that does not exist, ValueError for one that begins or ends with a gap."""
    slots: list[Slot] = []
    gap = 0
    for part in written.split():
        if part in _GAPS:
            gap = _GAPS[part]
            continue
        choices = [sets[choice[1:-1]] if choice.startswith("<") else frozenset((_word(choice),)) for choice in part.removesuffix("?").split("|")]
        slots.append(Slot(frozenset().union(*choices), part.endswith("?"), gap))
        gap = 0
    if not slots or gap or slots[0].gap or slots[0].optional:
        raise ValueError(f"a phrase begins and ends with a word: {written}")
    return Phrase(code, tuple(slots))


def read_words(written: str) -> frozenset[str]:
    """Words as they are written side by side."""
    return frozenset(map(_word, written.split()))


def _word(written: str) -> str:
    return fold(written)[0].replace("'", "")


def _code(written: str) -> RedFlagCode:
    if written not in CODES:
        raise KeyError(written)
    return written
