"""Makes plain text of what a feed calls text: bounded, without control characters, and harmless in a spreadsheet.

Every change that a reader would notice has a reason that goes into the report; what is plain already comes back as it is.
"""

import html
import re
from typing import NamedTuple

LONGEST_MARKUP = 50_000

CUT = "longer than allowed, cut"
CONTROL = "control characters were taken out"
ESCAPED = "line ends were written as \\n"
MISREAD = "characters were misread on the way, put right"
FORMULA = "begins like a spreadsheet formula, the sign was taken off"
MARKER = "a marker of the form ###ABC### was taken out"

_SUSPECT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]|\\[nr]|GÇ|[ÂÃâ][\x80-\xbfŒ-™]|###|^[\s=+\-@]|\s$|\+[¬¦]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MARKER = re.compile(r"#{3,}[A-Z]{2,5}#{3,}")
_FORMULA = re.compile(r"^[=+\-@\s]*[=+\-@]\s*")
_CONTINUED = "[\\x80-\\xbfŒœŠšŽžŸƒˆ˜‘’‚“”„•–—…†‡‰‹›€™]"
_UTF8_AS_CP1252 = re.compile(f"[ÂÃ]{_CONTINUED}|â{_CONTINUED}{{2}}")
_NUMBER = re.compile(r"\s*[+-]?\d+(?:[.,]\d+)*\s*$")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
# Every pattern ends at the end of the text at the latest, so that what is never closed is looked through once.
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BLOCK = re.compile(r"<(?:br|li|tr|/?(?:p|div|ul|ol|table|h[1-6]))\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")

# UTF-8 punctuation that was read as the DOS code page 437 and then squeezed into Latin letters.
_UTF8_AS_CP437 = {"GÇô": "–", "GÇö": "—", "GÇÿ": "‘", "GÇÖ": "’", "GÇ£": "“", "GÇ¥": "”", "GÇó": "•", "GÇª": "…", "+¬": "é", "+¦": "ñ"}


class Plain(NamedTuple):
    """The text, and why it is not what came."""

    text: str
    reasons: tuple[str, ...] = ()


def plain(text: str, limit: int) -> Plain:
    """Plain text of at most `limit` characters, of which the line ends stay."""
    if len(text) <= limit and not _SUSPECT.search(text):
        return Plain(text)
    reasons = []
    shorter = text[: limit + 1_000].replace("\r\n", "\n").replace("\r", "\n")
    for reason, mend in _MENDERS:
        mended = mend(shorter)
        if mended != shorter:
            reasons.append(reason)
        shorter = mended
    shorter = shorter.strip()
    if len(text) > limit + 1_000 or len(shorter) > limit:
        reasons.append(CUT)
        shorter = shorter[:limit].rstrip()
    return Plain(shorter, tuple(reasons))


def one_line(text: str, limit: int) -> Plain:
    """Plain text on one line."""
    made = plain(text, limit)
    return Plain(" ".join(made.text.split()), made.reasons) if "\n" in made.text or "\t" in made.text else made


def without_markup(text: str) -> str:
    """The text of a description that holds HTML, as HSDS allows, a line for each block; other text as it is."""
    if not _MARKUP.search(text):
        return text
    shorter = text[:LONGEST_MARKUP]
    shown = _TAG.sub("", _BLOCK.sub("\n", _HIDDEN.sub("", shorter)))
    return html.unescape(shown if shown == shorter else re.sub(r"\n{3,}", "\n\n", shown).strip())


def _without_control(text: str) -> str:
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _CONTROL.sub("", text))


def _read_again(text: str) -> str:
    for wrong, right in _UTF8_AS_CP437.items():
        text = text.replace(wrong, right)
    return _UTF8_AS_CP1252.sub(_read_as_utf8, text)


def _read_as_utf8(match: re.Match[str]) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return match[0].encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return match[0]


def _unescaped(text: str) -> str:
    return text.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\\r", "\n")


_MENDERS = (
    (MISREAD, _read_again),
    (CONTROL, _without_control),
    (ESCAPED, _unescaped),
    (MARKER, lambda text: _MARKER.sub("", text)),
    (FORMULA, lambda text: text if _NUMBER.match(text) else _FORMULA.sub("", text)),
)
