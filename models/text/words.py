"""Which of the vocabulary's kinds a text asks for or offers, and which it refuses.

Pure functions over whole words, alike for a person's interests and tags and for a group's name, description and tags
(join the parts with line breaks). Nothing is guessed: a kind is heard where one of its phrases stands, and a phrase
counts as refused by these rules and no others:

- a refusal ("no", "don't", "hate", "scared of") holds for the next REACH words of its clause, and goes on over "or", and
  over a comma or "and" to the next bare item of a list that it has begun to refuse;
- a stop, or a turn such as "but" or "because", ends it, and so does a new beginning ("and I love …");
- what only looks like a refusal is none: "no one to walk with", "no experience needed", "never tried", "don't mind";
- "… is not for me" refuses what stands before it, back to the last comma or turn; "except" turns the sense round;
- a kind that is named once without refusal is wanted, whatever else is said of it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from models.text.lexicon import Kind, Node, Role, lexicon, words_of

REACH = 8
NOWHERE = -1
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.!?])(?<!\s[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|St)\.)(?<!\bMrs\.)(?<!\b(?:e\.g|i\.e)\.)\s+|\n\s*\n")
_CLAUSE_ENDS: Final = re.compile(r"(?<=[,;:.!?])\s+|\s+[-\u2013\u2014]+\s+|\n+|\s+(?=(?:but|because|so|and)\b)")


@dataclass(frozen=True, slots=True)
class Heard:
    """The codes of the kinds that a text names gladly, broader kinds included, and of those it refuses; both sorted."""

    wanted: tuple[str, ...]
    refused: tuple[str, ...]


def kinds() -> Mapping[str, Kind]:
    """All kinds by code, in the vocabulary's order."""
    return lexicon().kinds


def words_in(text: str) -> tuple[str, ...]:
    """The codes of the kinds that the text asks for or offers, sorted, each once; those it refuses are not among them."""
    return hear(text).wanted


def offered(name: str, tags: Sequence[str], description: str) -> tuple[str, ...]:
    """The codes of the kinds that a group is of, sorted: those in its name and tags, and those that more than one sentence of its description names.

    What is named in passing ("ring at the garden gate") is nothing that the group does. Where there are no tags that say what it is, the first
    sentence of the description counts beside the name, and where nothing at all does, whatever it names.
    """
    sentences = [words_in(sentence) for sentence in _SENTENCE_ENDS.split(description)]
    times, tagged = Counter(chain.from_iterable(sentences)), words_in("\n".join(tags))
    named = {*words_in(name), *(tagged or sentences[0]), *(code for code, number in times.items() if number > 1)}
    return tuple(sorted(named or times.keys()))


def wished(text: str) -> str:
    """The text without the clauses that name kinds only to refuse them: an encoder does not hear "not", and would look for what they name."""
    refused, clauses = {*hear(text).refused}, _CLAUSE_ENDS.split(text)
    kept = [clause for clause in clauses if not (named := _named(clause)) or named - refused]
    return text if len(kept) == len(clauses) else " ".join(kept).strip()


def _named(clause: str) -> set[str]:
    heard = hear(clause)
    return {*heard.wanted, *heard.refused}


def hear(text: str) -> Heard:
    """What the text wants and what it refuses; a kind that is both is wanted."""
    words = words_of(text)
    first = lexicon().phrases.following
    listener = _Listener()
    place = 0
    while place < len(words):
        node = first.get(words[place])
        end, meant = _longest(node, words, place) if node else (place + 1, None)
        if meant:
            listener.take(meant, place, end, words[place])
        place = end
    return listener.heard()


def _longest(node: Node, words: Sequence[str], place: int) -> tuple[int, Node | None]:
    """Where the longest phrase that starts at `place` ends, and its node; without one, the next word."""
    end, meant = place + 1, node if node.role else None
    for at in range(place + 1, len(words)):
        following = node.following.get(words[at])
        if following is None:
            break
        node = following
        if node.role:
            end, meant = at + 1, node
    return end, meant


class _Listener:
    """Follows one text, phrase by phrase; places are counted in words."""

    def __init__(self) -> None:
        self.mentions: list[str] = []
        self.refused: set[str] = set()
        self.clause = 0  # how many mentions stood before this clause
        self.turn()

    def turn(self) -> None:
        self.until = NOWHERE  # a refusal holds for phrases that start before this
        self.resumes = NOWHERE  # and for a kind that starts exactly here: the next item of a refused list
        self.joined = NOWHERE  # where the last join ended
        self.listing = False  # whether this clause has refused a kind
        self.clause = len(self.mentions)

    def take(self, meant: Node, start: int, end: int, word: str) -> None:
        match meant.role:
            case Role.KIND:
                self.kind(meant.codes, start)
            case Role.REFUSE:
                self.until, self.listing = end + REACH, False
            case Role.REFUSE_BEFORE:
                self.refused.update(self.mentions[self.clause :])
                del self.mentions[self.clause :]
            case Role.EXCEPT:
                refusing = self.listing or start < self.until
                self.turn()
                self.until = NOWHERE if refusing else end + REACH
            case Role.TURN:
                self.turn()
            case Role.JOIN:
                self.join(end, comma=word == ",")
            case Role.ALTERNATIVE if self.listing or start < self.until:
                self.until = end + REACH
            case Role.BEGIN if start == self.joined:
                self.turn()
            case Role.FILLER if start == self.resumes:
                self.resumes = end

    def kind(self, codes: tuple[str, ...], start: int) -> None:
        if start < self.until or start == self.resumes:
            self.refused.update(codes)
            self.listing = True
        else:
            self.mentions.extend(codes)

    def join(self, end: int, *, comma: bool) -> None:
        self.joined = end
        self.resumes = end if self.listing else NOWHERE
        if comma:
            self.clause = len(self.mentions)
        if comma or self.listing:
            self.until = NOWHERE

    def heard(self) -> Heard:
        named = set(self.mentions)
        broader = {broad for code in named for broad in kinds()[code].also}
        return Heard(tuple(sorted(named | (broader - self.refused))), tuple(sorted(self.refused - named)))
