"""Looks for planted words in every byte of a folder: plain, in other encodings, in base64, in hex, backwards, and packed."""

import base64
import re
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

_PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_MOST_UNPACKED = 1_000_000


def found_in(folder: Path, planted: Collection[str | bytes]) -> list[str]:
    """Each planted word that stands in some form in some file, and where."""
    found = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        for part in (content, *_unpacked(content)):
            lower = part.lower()
            found += [f"{file.name}: {word!r} as {form}" for word in planted for form, shape in _shapes(word) if shape in part or shape in lower]
    return found


def said_in(text: str, planted: Collection[str]) -> list[str]:
    """Each planted word that a person could read in this text."""
    return [word for word in planted if word.casefold() in text.casefold()]


def _shapes(word: str | bytes) -> Iterator[tuple[str, bytes]]:
    if isinstance(word, bytes):
        yield from _of_bytes(word)
        return
    yield "small letters", word.lower().encode()
    yield "JSON", word.encode("ascii", "backslashreplace")
    yield from _of_bytes(word.encode())
    for encoding in ("utf-16-le", "utf-16-be"):
        yield encoding, word.encode(encoding)


def _of_bytes(word: bytes) -> Iterator[tuple[str, bytes]]:
    yield "itself", word
    yield "itself backwards", word[::-1]
    yield "hex", word.hex().encode()
    yield "HEX", word.hex().upper().encode()
    yield "URL", b"".join(b"%%%02X" % byte if not chr(byte).isalnum() else bytes([byte]) for byte in word)
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + word)
        sure = whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]  # what the neighbours' bits cannot change
        if len(sure) >= 8:
            yield "base64", sure
            yield "base64 for addresses", sure.replace(b"+", b"-").replace(b"/", b"_")


def _unpacked(content: bytes) -> Iterator[bytes]:
    for start in _PACKED.finditer(content):
        try:
            yield zlib.decompressobj().decompress(content[start.start() :], _MOST_UNPACKED)
        except zlib.error:
            continue
