"""What a reply means, where that is certain; what is not goes to a human, as `not_understood`.

Nothing is guessed: a reply means something when every word of it is known and together they say it (replies.toml), and only as an answer to
what was asked. So one strange word, a question mark or a wry face is enough for a human to read it. Two things are looked for anywhere in a
reply, whatever else it says: red flags, by `models.screening`, and STOP in any wording.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.screening import screen
from models.screening.flags import MAX_TEXT
from models.screening.lexicon import Phrases
from models.screening.spelling import Token, fold
from schemas.events.follow_ups import Meaning, Step
from schemas.referral import Loneliness
from services.followup.understanding.phrases import clauses, misspelt, replies

__all__ = ["Understood", "understand"]

_WHETHER_THEY_CAME: Final = frozenset({"day_after", "week_2"})
_BEFORE_THE_SESSION: Final = frozenset({"first_session", "day_before"})
_SAYS_ITSELF_WHEN: Final = frozenset({None, "day_before"})
"""Where somebody who tells of a visit unasked can mean only this one."""
_TAKES_YES_OR_NO: Final = _BEFORE_THE_SESSION | {None, "news"}

_LONGEST_ANSWER: Final = 400
_FEW_WORDS: Final = 3
"""A reply of so few may be a misspelt STOP."""
_NO_STOP: Final = frozenset({"shop", "step", "stops", "top", "tops", "strop", "slop", "swop", "stow", "stoop", "stomp", "atop"})
"""Words one letter away from it."""
_QUOTED = re.compile(r"^[ \t]*>.*$|^On [^\n]{1,200} wrote:[ \t\r]*$|^Sent from my [^\n]{1,80}$", re.MULTILINE)
_FORWARDED = re.compile(r"^-{2,} ?Original Message ?-{2,}|^From: [^\n]*\n(?:Sent|Date|To): ", re.MULTILINE)
_WILL = re.compile(r"\b(i|we)'ll\b")
_NEARLY_STOP = re.compile(rf"\b(?:{'|'.join(sorted(misspelt('stop') - _NO_STOP))})\b")
_NUMBER = re.compile(r"(?<![^\W_])\d+(?![^\W_])")
_PHONE = re.compile(r"\+?\d[\d ()-]{7,18}\d")
_PLAIN = re.compile(r"(?:[\w\s.,!'&+*–—-]|:-?\)|[👍😀😃😄😁🙂😊☺❤💕💖🎉🎶🎵🌻🌞☀💐🙏🥰😍😇🤗😘👏✅\U0001f3fb-\U0001f3ff])*")
_SAD = re.compile(r":-?\(|[😢😞☹🙁😔😟😥😕🤒🤧😷]")
_DIGITS: Final = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_ANSWERS = re.compile(r"([1-3])<>([1-3])<>([1-3])<>([1-5])".replace("<>", r"(?:\s*[,./&;-]?\s*|\s+and\s+)"))
_WORD = re.compile(r"[a-z']+")


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reply means; the codes of the red flags in it, each once, as they come; and the answers where it measures."""

    meaning: Meaning
    flags: tuple[str, ...] = ()
    loneliness: Loneliness | None = None


def understand(text: str, asked: Step | None) -> Understood:
    """What `text` means as an answer to the newest question sent, None where none was.

    Red flags come first, but a STOP in the same text holds too and is the meaning then. `yes` and `no` are the bare words where nothing was
    asked that they could answer: whoever reads them knows no more than that. Text that replies quote, our own too, is screened and no more.
    """
    flags = tuple(dict.fromkeys(flag.code for flag in screen(text)))
    said = _WILL.sub(r"\1 will", fold(_own_words(text[:MAX_TEXT]))[0])
    tokens = replies().speller.tokens(said)
    parts = list(clauses(said, tokens))
    if _stops(_NUMBER.sub(" ", said)):
        return Understood("stop", flags)
    if flags and not replies().sayings["who_writes"].fills(tokens):
        return Understood("red_flag", flags)
    if len(said) > _LONGEST_ANSWER:
        return Understood("not_understood")
    return _answer(said, tokens, parts, asked)


def _own_words(text: str) -> str:
    """`text` without what it quotes and what a phone puts under it."""
    forwarded = _FORWARDED.search(text)
    return _QUOTED.sub("", text[: forwarded.start()] if forwarded else text)


def _stops(said: str) -> bool:
    known = replies()
    tokens = known.speller.tokens(said)
    if len(tokens) <= _FEW_WORDS:
        tokens = known.speller.tokens(_NEARLY_STOP.sub("stop", said))
    if known.sayings["stop_whole"].fills(tokens):
        return True
    return any(known.sayings["stop_clause"].fills(part) or _stops_within(part) for part in clauses(said, tokens))


def _stops_within(part: list[Token]) -> bool:
    """Whether a clause asks for a stop among other things, and nothing in it takes that back."""
    found = [*_spans(replies().stop_anywhere, part), *_first_asked(part)]
    taken_back = _spans(replies().stop_unless, part) if found else []
    return any(not any(first <= start < last for first, last in taken_back) for start, _ in found)


def _first_asked(part: list[Token]) -> list[tuple[int, int]]:
    """Where a clause begins with a stop, but for words that only ask for it."""
    known = replies()
    at = next((at for at, token in enumerate(part) if not token.readings or not token.readings <= known.asking), len(part))
    return [(at, at + 1)] if at < len(part) and part[at].readings & known.stop_words else []


def _spans(phrases: Phrases, part: list[Token]) -> list[tuple[int, int]]:
    return [(start, end) for _, start, end in phrases.found(part)]


def _answer(said: str, tokens: Sequence[Token], parts: Sequence[list[Token]], asked: Step | None) -> Understood:
    sayings = replies().sayings
    if any(sayings["help"].fills(part) for part in parts):
        return Understood("help")
    without_number = _PHONE.sub(" ", said)
    if any(sayings["call_me"].fills(part) for part in clauses(without_number, replies().speller.tokens(without_number))):
        return Understood("call_me")
    if asked == "week_6":
        return _measured(said)
    if not _PLAIN.fullmatch(_SAD.sub("", said)):
        return Understood("not_understood")
    sad = _SAD.search(said) is not None
    meant = [meaning for meaning in _possible(asked) if sayings[_saying(meaning, asked)].fills(tokens)]
    certain = len(meant) == 1 and (not sad or meant[0] in ("no", "did_not_come"))
    return Understood(meant[0] if certain else "not_understood")


def _possible(asked: Step | None) -> tuple[Meaning, ...]:
    """What a reply may mean where this was asked."""
    attendance: tuple[Meaning, ...] = ("came", "did_not_come") if asked in _WHETHER_THEY_CAME or asked in _SAYS_ITSELF_WHEN else ()
    bare: tuple[Meaning, ...] = ("yes", "no") if asked in _TAKES_YES_OR_NO else ()
    return ("start", *attendance, *bare)


def _saying(meaning: Meaning, asked: Step | None) -> str:
    if meaning in ("came", "did_not_come") and asked in _WHETHER_THEY_CAME:
        return f"{meaning}_if_asked"
    return "yes_or_thanks" if meaning == "yes" and asked in _BEFORE_THE_SESSION else meaning


def _measured(said: str) -> Understood:
    """Three answers from 1 to 3 and one from 1 to 5, in digits or in words, and nothing else that counts."""
    spelt = _WORD.sub(lambda word: _DIGITS.get(word[0], "" if word[0] in replies().measured_beside else word[0]), said)
    answers = _ANSWERS.fullmatch(spelt.strip(" \t\n.,:!"))
    if answers is None:
        return Understood("not_understood")
    one, two, three, direct = map(int, answers.groups())
    return Understood("measured", loneliness=Loneliness(ucla3=(one, two, three), direct=direct))
