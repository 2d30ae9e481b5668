"""Reads a directory from wherever it is: a file, a folder, or an address on the web, in any of the formats, told apart by what is in it."""

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from services.directory.feeds.documents import gather_all, holds_services, read_document
from services.directory.feeds.fetching import Fetch, NotFetched, http_fetch
from services.directory.feeds.folders import bytes_of, read_folder
from services.directory.feeds.formats import HSDS, Format, content_of, refusal_of_openactive
from services.directory.feeds.hsds_json import Services
from services.directory.feeds.paging import first_page, in_full, take_pages
from services.directory.feeds.reading import FeedUnreadable, Gathering, Reading


def read_feed(location: str, *, format: Format = "auto", fetch: Fetch | None = None, today: date | None = None) -> Reading:
    """Read the groups of a directory.

    `location` is a file, a folder (with a `datapackage.json`, of CSV tables, of JSON pages, of group files) or an http(s) address (a document, or the
    first page of an HSDS or Open Referral UK interface, of which all pages are read through `fetch`; without one over HTTP). With `today` schedules
    and prices that have ended are left out. Raises `FeedUnreadable` where nothing can be read at all, and never for a bad row.
    """
    if format == "openactive":
        raise refusal_of_openactive(location)
    gathering = Gathering()
    if urlsplit(location).scheme.lower() not in ("http", "https"):
        path = Path(location)
        if path.is_dir():
            read_folder(path, format, gathering, today)
        else:
            read_document(bytes_of(path), str(path), format, gathering, today)
    elif fetch is not None:
        _read_address(location, format, fetch, gathering, today)
    else:
        with http_fetch() as over_http:
            _read_address(location, format, over_http, gathering, today)
    return gathering.reading()


def _read_address(address: str, format: Format, fetch: Fetch, gathering: Gathering, today: date | None) -> None:
    asked, body = _first(address, format, fetch)
    if content_of(body, address, format) != "hsds json":
        return read_document(body, address, format, gathering, today)
    listed, value = first_page(asked, body, fetch)
    if not holds_services(value, listed):
        raise FeedUnreadable(f"{listed}: there are no services in this document")
    services = Services(gathering)
    take_pages(listed, value, fetch, services, gathering)
    return gather_all(services, gathering, today)


def _first(address: str, format: Format, fetch: Fetch) -> tuple[str, bytes]:
    """The first document and the address that gave it: nested services are asked for, where the other side will have it."""
    asked = [in_full(address), address] if format in HSDS else [address]
    for wanted in asked:
        try:
            return wanted, fetch(wanted)
        except NotFetched as failure:
            if wanted == asked[-1]:
                raise FeedUnreadable(f"{address}: {failure}") from None
    raise AssertionError("the last address returns or raises")
