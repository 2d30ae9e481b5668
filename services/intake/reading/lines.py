"""The lines of a byte stream as text, numbered from 1, bounded in length, and mended where the encoding is not what it should be.

Every line is decoded by itself, so that one in Windows-1252 does not spoil its neighbours. What was mended is said with the line.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

MAX_LINE: Final = 1_000_000
"""Bytes in a line; of a longer one only the number is given."""

_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; `text` is None where it was too long, and `repairs` says in words what was mended."""

    number: int
    text: str | None
    repairs: tuple[str, ...] = ()


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Every line of `stream`, which stays open: UTF-8, UTF-16 with its byte order mark, or, line by line, Windows-1252."""
    with _line_reader(stream) as readline:
        number = 0
        while raw := readline(MAX_LINE + 1):
            number += 1
            if len(raw) > MAX_LINE and raw[-1:] not in ("\n", b"\n"):
                _skip_to_end(readline)
                yield Line(number, None)
            else:
                yield _line(number, raw)


@contextmanager
def _line_reader(stream: BinaryIO) -> Iterator[Callable[[int], str | bytes]]:
    """`readline` of the stream, or of its text where a byte order mark says UTF-16; whatever is wrapped is unwrapped again."""
    peekable = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))
    try:
        if peekable.peek(2)[:2] not in _UTF_16_MARKS:
            yield peekable.readline
            return
        text = io.TextIOWrapper(peekable, "utf-16", errors="replace", newline="\n")
        try:
            yield text.readline
        finally:
            text.detach()
    finally:
        if peekable is not stream:
            peekable.detach()


def _skip_to_end(readline: Callable[[int], str | bytes]) -> None:
    while (more := readline(MAX_LINE)) and more[-1:] not in ("\n", b"\n"):
        pass


def _line(number: int, raw: str | bytes) -> Line:
    text, repairs = (raw, ()) if isinstance(raw, str) else _decoded(raw)
    text = text.removesuffix("\n").removesuffix("\r")
    if number == 1:
        text = text.removeprefix("\ufeff")
    if "\0" in text:
        text = text.replace("\0", "")
        repairs = (*repairs, "NUL characters were left out")
    return Line(number, text, repairs)


def _decoded(raw: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), ("the line is not UTF-8 and was read as Windows-1252",)
