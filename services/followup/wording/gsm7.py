"""How long a text message is: septets of the GSM 7-bit default alphabet (3GPP TS 23.038 section 6.2.1).

One character outside that alphabet makes a message of 160 letters cost three times as much and may break it on old phones. So what is put into
one is brought to the alphabet first.
"""

import unicodedata
from typing import Final

ONE_MESSAGE: Final = 160
TWO_MESSAGES: Final = 306
"""What two joined messages carry: each gives seven septets to the joining."""

_PLAIN: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("^{}\\[~]|€")
_ALIKE: Final = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "·": "-",
        "•": "-",
        "`": "'",
        "´": "'",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
    }
    | {"ı": "i", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "œ": "oe", "Œ": "Oe", "ħ": "h", "Ħ": "H", "ŋ": "ng", "ʻ": "'", "ʼ": "'"}
)


def septets(text: str) -> int | None:
    """How many septets `text` takes; None where the alphabet lacks a character of it."""
    if not _PLAIN.union(_EXTENDED).issuperset(text):
        return None
    return len(text) + sum(map(text.count, _EXTENDED))


def in_alphabet(text: str) -> str | None:
    """`text` in the alphabet, accents and typographic marks simplified; None where a letter or digit would be lost."""
    brought = [_brought(character) for character in text.translate(_ALIKE)]
    if any(there is None for there in brought):
        return None
    return " ".join("".join(there or "" for there in brought).split())


def _brought(character: str) -> str | None:
    if character in _PLAIN or character in _EXTENDED:
        return character
    simple = "".join(part for part in unicodedata.normalize("NFKD", character) if part in _PLAIN)
    if simple:
        return simple
    return None if unicodedata.category(character)[0] in "LN" else ""
