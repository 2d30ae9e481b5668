"""The closed vocabulary as read from `words.toml`: the kinds, and a tree of all the phrases that name or refuse them.

Every word's forms are written out when the tree is built, so that listening to a text is a look-up per word. The tree
is built once, at its first use.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

VOCABULARY = Path(__file__).with_name("words.toml")
ONE_VOWEL_GROUP = re.compile(r"^[^aeiouy]*[aeiouy]+[^aeiouy]*$")
SHORT_END = re.compile(r"[^aeiou][aeiou][^aeiouwxy]$")
HISSING = ("s", "x", "z", "ch", "sh")
_WORD = re.compile(r"[a-z0-9]+|[,.;:!?\n]")


class Role(Enum):
    """What a phrase does in a sentence; the comments in `words.toml` say when."""

    KIND = auto()
    REFUSE = auto()
    REFUSE_BEFORE = auto()
    EXCEPT = auto()
    NOT_A_REFUSAL = auto()
    TURN = auto()
    JOIN = auto()
    ALTERNATIVE = auto()
    BEGIN = auto()
    FILLER = auto()
    BESIDE_THE_POINT = auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing to do: its stable code, its name in a sentence, the broader kinds it belongs to, and whether it is for people in
    one situation of life only.
    """

    code: str
    title: str
    also: tuple[str, ...]
    particular: bool = False


@dataclass(slots=True)
class Node:
    """The phrases that go on from here, by their next word, and what the phrase means that ends here."""

    following: dict[str, "Node"] = field(default_factory=dict)
    role: Role | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The kinds by code, and the tree of phrases."""

    kinds: Mapping[str, Kind]
    phrases: Node


class AmbiguousPhrase(Exception):
    """a phrase of the vocabulary has two roles"""


def words_of(text: str) -> list[str]:
    """The text's words and stops in order: lower case, accents and apostrophes dropped, hyphens apart."""
    if not text.isascii():
        text = "".join(letter for letter in unicodedata.normalize("NFKD", text.replace("’", "'")) if not unicodedata.combining(letter))
    return _WORD.findall(text.lower().replace("'", "").replace("&", " and "))


@cache
def lexicon() -> Lexicon:
    """The vocabulary, read and expanded once. Raises AmbiguousPhrase where the file contradicts itself."""
    written = tomllib.loads(VOCABULARY.read_text(encoding="utf-8"))
    root = Node()
    for code, entry in written["kind"].items():
        for phrase in (code.replace("_", " "), *entry["words"]):
            _plant(root, phrase, Role.KIND, code)
    for name, phrases in written["grammar"].items():
        for phrase in phrases:
            _plant(root, phrase, Role[name.upper()])
    for stop in ",.;:!?\n":
        root.following[stop] = Node(role=Role.JOIN if stop == "," else Role.TURN)
    return Lexicon(MappingProxyType(_kinds(written["kind"])), root)


def _kinds(written: Mapping[str, Any]) -> dict[str, Kind]:
    return {code: Kind(code, entry["title"], tuple(entry.get("also", ())), entry.get("particular", False)) for code, entry in written.items()}


def _plant(root: Node, phrase: str, role: Role, code: str = "") -> None:
    for words in _forms_of(phrase, inflected=role is Role.KIND):
        node = root
        for word in words:
            node = node.following.setdefault(word, Node())
        if node.role not in (None, role):
            raise AmbiguousPhrase(f"{' '.join(words)}: {node.role} and {role}")
        node.role = role
        if code and code not in node.codes:
            node.codes = (*node.codes, code)


def _forms_of(phrase: str, *, inflected: bool) -> Iterator[tuple[str, ...]]:
    marked = phrase.split()
    last = len(marked) - 1
    forms = [_marked_forms(word, noun=inflected and place == last) for place, word in enumerate(marked)]
    for chosen in product(*forms):
        yield tuple(words_of(" ".join(chosen)) or chosen)


def _marked_forms(word: str, *, noun: bool) -> set[str]:
    if word.endswith("~"):
        return verb_forms(word[:-1])
    return {word, plural(word)} if noun else {word}


def plural(noun: str) -> str:
    """The regular plural; a word that ends in s or is very short stays as it is."""
    if noun.endswith("s") or len(noun) < 3:
        return noun
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    if noun.endswith("iz"):
        return f"{noun}zes"
    return f"{noun}es" if noun.endswith(HISSING) else f"{noun}s"


def verb_forms(verb: str) -> set[str]:
    """The regular forms: walk, walks, walking, walked, walker, walkers; swim, swims, swimming …; dance, dances, dancing …"""
    if verb.endswith("e"):
        stem, past = verb[:-1], f"{verb}d"
    elif ONE_VOWEL_GROUP.match(verb) and SHORT_END.search(verb):
        stem = verb + verb[-1]
        past = f"{stem}ed"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        return {verb, f"{verb[:-1]}ies", f"{verb}ing", f"{verb[:-1]}ied"}
    else:
        stem, past = verb, f"{verb}ed"
    return {verb, f"{verb}es" if verb.endswith("ss") else plural(verb), f"{stem}ing", past, f"{past[:-1]}r", f"{past[:-1]}rs"}
