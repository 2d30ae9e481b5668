"""Reads a folder: a data package, tables of HSDS, pages of an interface, or group files; what a folder holds is told by what is in its files.

A file of the folder that cannot be read is reported and the others are read; the reading is not whole then.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from services.directory.feeds.csv_rows import Sheet, sheet_of
from services.directory.feeds.documents import read_document, read_json, read_tables
from services.directory.feeds.formats import HSDS, LINE_ENDINGS, READ_FORMATS, Format
from services.directory.feeds.json_text import document
from services.directory.feeds.lines import as_utf8
from services.directory.feeds.own import is_own_header
from services.directory.feeds.reading import FeedUnreadable, Gathering, Problem
from services.directory.feeds.tables import table_name

LARGEST_FILE = 1 << 30
MOST_FILES = 20_000


def bytes_of(path: Path) -> bytes:
    """The bytes of a file; raises `FeedUnreadable` where it cannot be opened."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FeedUnreadable(f"{path}: larger than {LARGEST_FILE >> 20} MiB")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FeedUnreadable(f"{str(path)!r}: cannot be opened: {reason.lower()}") from None


def read_folder(folder: Path, format: Format, gathering: Gathering, today: date | None) -> None:
    """Read what is in a folder and the folders in it; raises `FeedUnreadable` where there is nothing to read."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(files) > MOST_FILES:
        raise FeedUnreadable(f"{folder}: more than {MOST_FILES:,} files")
    tables = [path for path in files if path.suffix.lower() == ".csv"]
    packages = [path for path in files if path.name == "datapackage.json"]
    documents = [path for path in files if path.suffix.lower() == ".json" and path not in packages]
    lines = [path for path in files if path.suffix.lower() in LINE_ENDINGS]
    if tables and format in HSDS and not _own(tables, format):
        of_package = _tables_of_package(packages[0], tables, gathering) if packages else [(path, table_name(path.name)) for path in tables]
        read_tables(_sheets(of_package, gathering), gathering, today)
    elif tables and format in ("auto", "csv"):
        _read_each(tables, "csv", gathering, today)
    elif documents and format in HSDS:
        read_json(_bodies(documents, gathering), gathering, today)
    elif lines and format in ("auto", "jsonl"):
        _read_each(lines, "jsonl", gathering, today)
    else:
        raise FeedUnreadable(f"{folder}: there is no file in it that can be read as {READ_FORMATS if format == 'auto' else format}")


def _own(tables: list[Path], format: Format) -> bool:
    """Whether the CSV files are group files of ours: the first that has a header says."""
    for path in tables:
        try:
            return format == "auto" and is_own_header(_sheet(path).columns)
        except FeedUnreadable:
            continue
    return False


def _sheet(path: Path) -> Sheet:
    return sheet_of(as_utf8(bytes_of(path), str(path)), str(path))


def _read_each(paths: list[Path], format: Format, gathering: Gathering, today: date | None) -> None:
    unread = 0
    for path in paths:
        try:
            read_document(bytes_of(path), str(path), format, gathering, today)
        except FeedUnreadable as failure:
            unread += 1
            if unread == len(paths):
                raise
            _skip(path, failure, gathering)


def _skip(path: Path, failure: FeedUnreadable, gathering: Gathering) -> None:
    gathering.report([Problem(str(path), 1, "", f"the file could not be read: {failure}", "rejected")])
    gathering.not_whole()


def _bodies(paths: list[Path], gathering: Gathering) -> Iterator[tuple[str, bytes]]:
    """The JSON files that are JSON, page 10 after page 9."""
    for path in sorted(paths, key=lambda path: (path.parent, len(path.stem), path.stem)):
        body = bytes_of(path)
        try:
            document(body, str(path))
        except FeedUnreadable as failure:
            _skip(path, failure, gathering)
        else:
            yield str(path), body


def _sheets(tables: Iterable[tuple[Path, str | None]], gathering: Gathering) -> Iterator[tuple[str, Sheet]]:
    """The sheets that are tables of HSDS, by their file's name and else by their columns."""
    for path, named in tables:
        try:
            sheet = _sheet(path)
        except FeedUnreadable as failure:
            _skip(path, failure, gathering)
            continue
        table = named or table_name(path.name, sheet.columns)
        if table:
            yield table, sheet
        else:
            gathering.report([Problem(str(path), 1, "", "not a table of HSDS, passed over", "repaired")])


def _tables_of_package(package: Path, tables: list[Path], gathering: Gathering) -> list[tuple[Path, str | None]]:
    """The files that a `datapackage.json` names, where they are (some packages keep them one folder down), never outside the package's folder."""
    inside = {path.relative_to(package.parent): path for path in tables if path.is_relative_to(package.parent)}
    found: list[tuple[Path, str | None]] = []
    for position, (name, wanted) in enumerate(_resources(document(bytes_of(package), str(package))[0]), start=1):
        path = inside.get(Path(wanted)) or next((path for path in inside.values() if path.name == Path(wanted).name), None)
        if path is not None:
            found.append((path, table_name(wanted) or table_name(name)))
        elif table_name(wanted) == "services":
            gathering.report([Problem(str(package), position, "path", f"the file is not in the package: {wanted[:80]}", "rejected")])
    return found


def _resources(value: Any) -> Iterator[tuple[str, str]]:
    """Name and path of each resource of a data package."""
    resources = value.get("resources") if isinstance(value, dict) else None
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, dict) and isinstance(path := resource.get("path"), str):
            yield str(resource.get("name") or path), path
