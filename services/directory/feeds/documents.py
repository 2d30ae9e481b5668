"""Reads one document, or the tables of one package, into a gathering of groups."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.chassis.json_lines import ARRAY
from services.directory.feeds.csv_rows import Sheet, sheet_of
from services.directory.feeds.formats import Format, content_of, refusal_of_openactive
from services.directory.feeds.hsds_groups import gather
from services.directory.feeds.hsds_join import services_of
from services.directory.feeds.hsds_json import Page, Services, is_openactive, is_service_document, page_of
from services.directory.feeds.hsds_tables import sheets_of_json, tables_of
from services.directory.feeds.json_text import document
from services.directory.feeds.lines import as_utf8
from services.directory.feeds.own import is_own_record, read_csv, read_jsonl
from services.directory.feeds.reading import FeedUnreadable, Gathering, Problem
from services.directory.feeds.tables import table_name


def read_document(body: bytes, name: str, format: Format, gathering: Gathering, today: date | None) -> None:
    """Read a document of any format; raises `FeedUnreadable` where it cannot be read at all."""
    content = content_of(body, name, format)
    if content == "own jsonl":
        read_jsonl(body, name, gathering)
    elif content == "own csv":
        read_csv(body, name, gathering)
    elif content == "hsds csv":
        sheet = sheet_of(as_utf8(body, name), name)
        read_tables([(table_name(name, sheet.columns) or "services", sheet)], gathering, today)
    else:
        read_json([(name, body)], gathering, today)


def read_tables(sheets: Iterable[tuple[str, Sheet]], gathering: Gathering, today: date | None) -> None:
    """Read the services in the tables of a package, each sheet with the name of its table."""
    for service in services_of(tables_of(sheets, gathering), gathering):
        gather(service, gathering, today)


def read_json(files: Iterable[tuple[str, bytes]], gathering: Gathering, today: date | None) -> None:
    """Read the services in JSON files (name and body) that belong together; raises `FeedUnreadable` where there are none in any of them."""
    services, pages, without = Services(gathering), [], ""
    for name, body in files:
        value, reasons = document(body, name)
        gathering.report(Problem(name, 1, "", reason, "repaired") for reason in reasons)
        if _is_tabular(value):
            pages.append((name, Page(())))
            read_tables(sheets_of_json(value, name), gathering, today)
        elif holds_services(value, name):
            pages.append((name, page_of(value)))
            services.take(page_of(value), name)
        else:
            without = name
    if not pages:
        raise FeedUnreadable(f"{without}: there are no services in this document")
    _check_pages(pages, gathering)
    gather_all(services, gathering, today)


def holds_services(value: Any, name: str) -> bool:
    """Whether a JSON document holds services (or an empty list of them); raises `FeedUnreadable` for one of OpenActive, or of our own groups."""
    if is_openactive(value):
        raise refusal_of_openactive(name)
    if isinstance(value, list) and any(map(is_own_record, value)):
        raise FeedUnreadable(f"{name}:1: {ARRAY}")
    return is_service_document(value)


def gather_all(services: Services, gathering: Gathering, today: date | None) -> None:
    """Add the groups of all services."""
    for service in services:
        gather(service, gathering, today)


def _is_tabular(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(str(key).endswith(".csv") for key in value)


def _check_pages(pages: list[tuple[str, Page]], gathering: Gathering) -> None:
    """Files that say they are pages of a list are the whole list only where every page of it is there."""
    numbers = {page.number for _, page in pages if page.number is not None}
    for name, page in pages:
        wanted = page.pages or 0
        if page.number is not None and any(number not in numbers for number in range(1, wanted + 1)):
            gathering.report([Problem(name, 1, "total_pages", f"not every page of the list is here: {len(numbers)} of {wanted}", "rejected")])
            gathering.not_whole()
            return
