"""Text as people write it brought to the words that the lexicon knows, with the place of each in the text.

Case, accents, full-width and look-alike letters, zero-width characters, digits for letters (su1c1de), stars (k*ll), spelling out (s u i c i d e),
words run together (killmyself), letters drawn out (diiie) and, in longer words, one letter added, lost, changed or moved are seen through.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

SHORTEST_MISSPELT: Final = 6
_SHORTEST_RUN_TOGETHER: Final = 7
_LONGEST_WORD: Final = 40
_MOST_WORDS_KEPT: Final = 50_000

# Letters that Unicode's own decomposition leaves alone, and letters of other alphabets that look like Latin ones.
_LETTERS: Final = str.maketrans(
    "łøđðħıŋаеорсухіѕјкмтвнαεορνυκιτχβηᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "loddhinaeopcyxisjkmtbhaeopvukitxbnabcdefghijklmnoprstuvwyz",
)
_APOSTROPHES: Final = "'’‘ʼ´`′＇"
_STANDS_FOR: Final = (str.maketrans("01345789@$!|", "oieastbgasil"), str.maketrans("01345789@$!|", "oleastbgasll"))
_TOKEN = re.compile(r"(?<![^\W_])(?:[^\W_](?:_|[^\w\n]){1,2}){3,}[^\W_](?!'?[^\W_])|[$@]?[^\W_]+(?:[*'@$!|]+[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?\n;]")
_SYMBOLS = re.compile(r"[\W_]+")
_ENDING = re.compile(r"'(?:s|ll|d|ve|re|m)$")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


class Token(NamedTuple):
    """A word of a text: what it may be of the lexicon's words (nothing for most), where it stands, and whether a sentence ended before it."""

    readings: frozenset[str]
    start: int
    end: int
    begins_sentence: bool


class Speller:
    """Reads words as those of a vocabulary. `known` are real words, never taken for misspelt ones; `joinable` are those looked for run together."""

    def __init__(self, vocabulary: Iterable[str], known: Iterable[str], joinable: Iterable[str]) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._known = frozenset(known)
        self._joinable = frozenset(joinable)
        lacking: dict[str, set[str]] = defaultdict(set)
        for word in self._vocabulary:
            if len(word) >= SHORTEST_MISSPELT:
                for shortened in _shortened(word):
                    lacking[shortened].add(word)
        self._lacking = dict(lacking)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._vocabulary:
            self._by_length[len(word)].append(word)
        self.readings = lru_cache(maxsize=_MOST_WORDS_KEPT)(self._readings)

    def tokens(self, text: str) -> list[Token]:
        """The words of `text` in order; words run together become tokens of one place."""
        folded, places = fold(text)
        found: list[Token] = []
        before = 0
        for match in _TOKEN.finditer(folded):
            start, end = match.span()
            between = folded[before:start]
            begins = between != " " and _SENTENCE_END.search(between) is not None
            before = end
            if places is not None:
                start, end = places[start], places[end - 1] + 1
            for readings in self.readings(match[0][: _LONGEST_WORD * 2]):
                found.append(Token(readings, start, end, begins))
                begins = False
        return found

    def _readings(self, written: str) -> tuple[frozenset[str], ...]:
        """What each word within `written` may be: one word as a rule, several where they are run together."""
        plain = _SYMBOLS.sub("", written)
        base = _ENDING.sub("", written)
        exact = self._vocabulary.intersection((plain, base))
        if exact or plain in self._known or base in self._known or plain.isdigit():
            return (exact,)
        for guess in _guesses(written, plain):
            if guess in self._vocabulary:
                return (frozenset((guess,)),)
        if "*" in written.strip("*"):
            return (self._starred(written),)
        return self._misspelt_or_run_together(plain)

    def _misspelt_or_run_together(self, plain: str) -> tuple[frozenset[str], ...]:
        if len(plain) > _LONGEST_WORD:
            return (frozenset(),)
        parts = self._apart(plain) if len(plain) >= _SHORTEST_RUN_TOGETHER else ()
        return tuple(frozenset((part,)) for part in parts) or (self._misspelt(plain),)

    def _misspelt(self, plain: str) -> frozenset[str]:
        """The vocabulary's words of five letters and more that begin alike and differ by one letter added, lost, changed or moved."""
        if len(plain) < SHORTEST_MISSPELT - 1:
            return frozenset()
        candidates = self._lacking.get(plain, set()).union(*(self._like(shortened) for shortened in _shortened(plain)))
        return frozenset(word for word in candidates if word[0] == plain[0])

    def _like(self, shortened: str) -> set[str]:
        itself = {shortened} if shortened in self._vocabulary and len(shortened) >= SHORTEST_MISSPELT else set()
        return self._lacking.get(shortened, set()) | itself

    def _starred(self, written: str) -> frozenset[str]:
        pattern = re.compile("".join("." if letter == "*" else re.escape(letter) for letter in written))
        return frozenset(word for word in self._by_length.get(len(written), ()) if pattern.fullmatch(word))

    def _apart(self, plain: str) -> tuple[str, ...]:
        """`plain` as joinable words end to end, as few as will do; nothing where it cannot be had so."""
        best: list[tuple[str, ...] | None] = [()]
        for end in range(1, len(plain) + 1):
            ways = [(*way, plain[at:end]) for at in range(end) if (way := best[at]) is not None and plain[at:end] in self._joinable]
            best.append(min(ways, key=len, default=None))
        return best[-1] or ()


def fold(text: str) -> tuple[str, list[int] | None]:
    """`text` in plain small letters, and for each of them its place in `text`; None for the places where they are the same."""
    if text.isascii() and text.isprintable():
        return text.lower(), None
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        plain = _plain(character)
        letters.append(plain)
        places += [at] * len(plain)
    return "".join(letters), places


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character in "\n\r\t":
        return "\n" if character == "\n" else " "
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    kept = (part for part in decomposed if unicodedata.category(part) not in ("Mn", "Me", "Cf", "Cc", "Cn"))
    return "".join(kept).translate(_LETTERS)


def _guesses(written: str, plain: str) -> Iterator[str]:
    """Other spellings of one word: digits and signs read as letters, drawn-out letters once or twice."""
    for letters in _STANDS_FOR:
        yield _SYMBOLS.sub("", written.translate(letters))
    if _DRAWN_OUT.search(plain):
        yield _DRAWN_OUT.sub(r"\1", plain)
        yield _DRAWN_OUT.sub(r"\1\1", plain)


def _shortened(word: str) -> set[str]:
    """Every word that is `word` with one letter lost."""
    return {word[:at] + word[at + 1 :] for at in range(len(word))}
