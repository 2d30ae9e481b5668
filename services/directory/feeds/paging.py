"""The services of a paged HSDS or Open Referral UK interface: every page, and in full those that a page gives by their heads alone.

A page or a service that cannot be had leaves the reading not whole; the pages after it are read all the same.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from services.directory.feeds.fetching import Fetch, NotFetched, same_site
from services.directory.feeds.hsds_json import Page, Services, is_full, page_of
from services.directory.feeds.json_text import document
from services.directory.feeds.reading import FeedUnreadable, Gathering, Problem, Spot

MOST_PAGES = 20_000
MOST_FAILURES_IN_A_ROW = 3


def first_page(address: str, body: bytes, fetch: Fetch) -> tuple[str, Any]:
    """The list of services: the document itself, or where that only describes the interface (`openapi_url`) what stands at its `/services`."""
    value, _ = document(body, address)
    if not (isinstance(value, dict) and "openapi_url" in value and "contents" not in value):
        return address, value
    services = in_full(_beside(address, "services"))
    try:
        return services, document(fetch(services), services)[0]
    except NotFetched as failure:
        raise FeedUnreadable(f"{services}: {failure}") from None


def take_pages(address: str, value: Any, fetch: Fetch, services: Services, gathering: Gathering) -> None:
    """Take in the first page (`value`, which came from `address`) and all that follow."""
    _Pages(address, fetch, services, gathering).take(page_of(value))


class _Pages:
    def __init__(self, address: str, fetch: Fetch, services: Services, gathering: Gathering) -> None:
        self._address, self._fetch, self._services, self._gathering = address, fetch, services, gathering
        self._items = 0
        self._total: int | None = None
        self._seen = {address}
        self._details_in_vain = 0

    def take(self, page: Page) -> None:
        self._keep(self._address, page)
        at, number, pages, failures = self._address, page.number or 1, page.pages, 0
        for _ in range(MOST_PAGES):
            following = None if failures else page.following
            if following is None and (pages is None or number >= pages):
                return self._end()
            number += 1
            at = urljoin(at, following) if following else _with_page(self._address, number)
            read = self._read(at, None if following else number)
            failures = 0 if read else failures + 1
            if failures > MOST_FAILURES_IN_A_ROW or (following and read is None):
                return None
            if read:
                page, pages = read, read.pages or pages
                self._keep(at, page)
        return self._fail(at, f"more than {MOST_PAGES:,} pages, the rest is not read")

    def _keep(self, address: str, page: Page) -> None:
        self._items += len(page.items)
        self._total = page.total if page.total is not None else self._total
        for position, item in enumerate(page.items, start=1):
            spot = Spot(address, position)
            for in_full in self._in_full(spot, item):
                self._services.take_item(in_full, spot)

    def _end(self) -> None:
        """A list that announced more items than it gave was not read whole."""
        if self._total is not None and self._items < self._total:
            self._fail(self._address, f"{self._total} items were announced, {self._items} came")

    def _read(self, address: str, number: int | None) -> Page | None:
        """One page, or None where it cannot be had, or is another page than was asked for."""
        try:
            if address in self._seen or not same_site(self._address, address):
                raise NotFetched("the next page is one that was read before, or at another site; not followed")
            self._seen.add(address)
            page = page_of(document(self._fetch(address), address)[0])
        except (NotFetched, FeedUnreadable) as failure:
            self._fail(address, f"the page could not be read: {str(failure)[:200]}")
            return None
        if number is None or page.number in (None, number):
            return page
        self._fail(address, f"page {number} was asked for, page {page.number} came")
        return None

    def _in_full(self, spot: Spot, item: Any) -> Iterator[Any]:
        """An item of the list in full; the head stays where the interface has nothing more, or already gave it in full.

        A head is never given for the whole where the whole failed to come: it would take away what is known of the group.
        """
        if self._details_in_vain > MOST_FAILURES_IN_A_ROW or not isinstance(item, dict) or is_full(item) or not isinstance(item.get("id"), str):
            yield item
            return
        own = _beside(self._address, quote(item["id"], safe=""))
        try:
            value = document(self._fetch(own), own)[0]
        except (NotFetched, FeedUnreadable) as failure:
            if isinstance(failure, NotFetched) and failure.gone:
                self._details_in_vain += 1
                yield item
            else:
                self._fail(spot.file, f"the service could not be read in full: {str(failure)[:200]}", spot.row)
            return
        self._details_in_vain = -MOST_PAGES
        yield value if isinstance(value, dict) and value.get("id") == item["id"] else item

    def _fail(self, address: str, reason: str, row: int = 1) -> None:
        self._gathering.report([Problem(address, row, "", reason, "rejected")])
        self._gathering.not_whole()


def in_full(address: str) -> str:
    """The address with HSDS's `full=true`, which asks for nested services; an address that says something about it stays."""
    parts = urlsplit(address)
    query = parse_qsl(parts.query, keep_blank_values=True)
    return address if any(name == "full" for name, _ in query) else urlunsplit(parts._replace(query=urlencode([*query, ("full", "true")])))


def _with_page(address: str, number: int) -> str:
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "page"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("page", str(number))])))


def _beside(address: str, name: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", query="", fragment=""))
