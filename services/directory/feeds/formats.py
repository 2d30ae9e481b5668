"""Which format a document has: what was asked for, else what its beginning shows."""

import json
from typing import Final, Literal

from services.directory.feeds.csv_rows import sheet_of
from services.directory.feeds.lines import as_utf8, decoded
from services.directory.feeds.own import is_own_header, is_own_record
from services.directory.feeds.reading import FeedUnreadable
from services.directory.feeds.tables import table_name

Format = Literal["auto", "hsds", "oruk", "openactive", "csv", "jsonl"]
"""What a user may ask for; `hsds` and `oruk` are told apart by what is in them, so they are read alike."""

Content = Literal["hsds json", "hsds csv", "own csv", "own jsonl"]

READ_FORMATS: Final = "hsds, oruk, csv and jsonl"
HSDS: Final = ("auto", "hsds", "oruk")
LINE_ENDINGS: Final = (".jsonl", ".ndjson")
_LOOKED_AT: Final = 1 << 16


def refusal_of_openactive(name: str) -> FeedUnreadable:
    """The error for a feed of OpenActive."""
    return FeedUnreadable(f"{name}: feeds of OpenActive are not read; read are {READ_FORMATS}")


def content_of(body: bytes, name: str, format: Format) -> Content:
    """What a document holds; raises `FeedUnreadable` where it is nothing that can be read in that format."""
    start = as_utf8(body[:_LOOKED_AT], name).lstrip()
    if not start:
        raise FeedUnreadable(f"{name}: line 1: the file is empty")
    is_json = start[:1] in (b"{", b"[")
    if format == "jsonl" or (format == "auto" and (name.lower().endswith(LINE_ENDINGS) or (is_json and _is_group_lines(start)))):
        return "own jsonl"
    if format == "csv":
        return "own csv"
    return "hsds json" if is_json else _content_of_csv(start, name, format)


def _content_of_csv(start: bytes, name: str, format: Format) -> Content:
    columns = sheet_of(start.splitlines()[0], name).columns
    if format == "auto" and is_own_header(columns):
        return "own csv"
    table = table_name(name, columns)
    if table is None or (table == "services" and not {"id", "name"} <= set(columns)):
        raise FeedUnreadable(f"{name}: line 1: neither JSON, nor a CSV with a column group_id, nor a table of HSDS")
    return "hsds csv"


def _is_group_lines(start: bytes) -> bool:
    """Whether the first line is a group of ours."""
    first = start.partition(b"\n")[0]
    try:
        return is_own_record(json.loads(decoded(first)[0]))
    except (ValueError, RecursionError):
        return False
