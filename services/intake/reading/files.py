"""Referrals from JSON Lines and CSV, row by row as the stream gives them: a bad row is told and the next one read."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from services.chassis.json_lines import ARRAY, LOOKED_AT, why_no_lines
from services.intake.reading.lines import MAX_LINE, Line, read_lines
from services.intake.reading.objects import NO_OBJECT, read_object
from services.intake.reading.pointers import BadField
from services.intake.reading.rows import Row, accept, reject
from services.intake.reading.tables import read_table

Format = Literal["auto", "jsonl", "csv"]

_BY_SUFFIX: Final[dict[str, Format]] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}

_OF_OBJECTS: Final = re.compile(r"\s*\[\s*\{")


def read_referrals(location: Path | BinaryIO, *, format: Format = "auto", name: str | None = None) -> Iterator[Row]:
    """Every row of a file or of an open byte stream (which stays open), in order, blank lines left out.

    `auto` goes by the file's suffix, else by the first character. `name` is what problems call the file (default: the path, or "-" for a
    stream). Raises OSError where the file cannot be opened or read, and nothing else, whatever the bytes are.
    """
    if isinstance(location, Path):
        known = _BY_SUFFIX.get(location.suffix.lower(), "auto") if format == "auto" else format
        with location.open("rb") as stream:
            yield from read_referrals(stream, format=known, name=name or str(location))
        return
    yield from _rows(read_lines(location), format, name or "-")


def _rows(lines: Iterator[Line], format: Format, file: str) -> Iterator[Row]:
    too_long: list[Line] = []
    for line in lines:
        if line.text is None:
            too_long.append(line)
        elif first := line.text.lstrip():
            is_json = format == "jsonl" or (format == "auto" and first.startswith(("{", "[")))
            read = _read_objects if is_json else read_table
            yield from read(chain(too_long, [line], lines), file)
            return
    yield from _read_objects(too_long, file)


def _read_objects(lines: Iterable[Line], file: str) -> Iterator[Row]:
    """A JSON object a line."""
    for line, sent in read_objects(lines):
        yield accept(file, line.number, sent, line.repairs) if isinstance(sent, dict) else reject(file, line.number, sent)


def read_objects(lines: Iterable[Line]) -> Iterator[tuple[Line, dict[str, Any] | tuple[BadField, ...]]]:
    """Each line that is not blank with its JSON object, or with what is wrong; a document over several lines is wrong once, and is not read on."""
    coming = iter(lines)
    first = list(islice(coming, LOOKED_AT))
    if refusal := why_no_lines([line.text for line in first]):
        yield next(line for line in first if line.text and line.text.strip()), (BadField("", refusal),)
        return
    for line in chain(first, coming):
        if line.text is None:
            yield line, (BadField("", f"is longer than {MAX_LINE} bytes"),)
        elif line.text.strip():
            yield line, _read(line.text)


def _read(text: str) -> dict[str, Any] | tuple[BadField, ...]:
    sent = read_object(text)
    return (BadField("", ARRAY),) if sent == NO_OBJECT and _OF_OBJECTS.match(text) else sent
