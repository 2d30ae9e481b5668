"""Bytes of a file as text, line by line: any of the usual encodings, and no line so long that it stops the rest from being read."""

import codecs
from collections.abc import Iterator
from typing import NamedTuple

from services.directory.feeds.reading import FeedUnreadable

LONGEST_LINE = 1 << 20

NOT_UTF8 = "not UTF-8, read as Windows-1252"
NUL = "NUL characters were taken out"
TOO_LONG = f"longer than {LONGEST_LINE:,} bytes"

_PACKED = {b"PK\x03\x04": "a ZIP archive or a spreadsheet", b"\x1f\x8b": "a gzip file", b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old Office file"}
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Line(NamedTuple):
    """One physical line without its end: its number from 1, its text (None where it is too long), and what was mended in it."""

    number: int
    text: str | None
    reasons: tuple[str, ...] = ()


def as_utf8(body: bytes, name: str) -> bytes:
    """The bytes without a byte order mark, UTF-16 turned into UTF-8; raises `FeedUnreadable` for what is no text at all."""
    for start, kind in _PACKED.items():
        if body.startswith(start):
            raise FeedUnreadable(f"{name}: this is {kind}, not a text file; unpack it or save it as CSV or JSON first")
    for mark, encoding in _UTF16.items():
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace").encode("utf-8", errors="replace")
    return body.removeprefix(codecs.BOM_UTF8)


def decoded(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of some bytes, and what was mended: other encodings than UTF-8 are read as Windows-1252, where every byte means something."""
    reasons: tuple[str, ...] = ()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text, reasons = raw.decode("cp1252", errors="replace"), (NOT_UTF8,)
    return (text.replace("\0", ""), (*reasons, NUL)) if "\0" in text else (text, reasons)


def lines_of(body: bytes) -> Iterator[Line]:
    """The lines of a text; they end at a line feed, at CR LF, or at a CR where the text has no line feed at all."""
    end = b"\n" if b"\n" in body else b"\r"
    position, number = 0, 0
    while position < len(body):
        stop = body.find(end, position)
        stop = len(body) if stop < 0 else stop
        number += 1
        if stop - position > LONGEST_LINE:
            yield Line(number, None, (TOO_LONG,))
        else:
            yield Line(number, *decoded(body[position:stop].removesuffix(b"\r")))
        position = stop + 1
