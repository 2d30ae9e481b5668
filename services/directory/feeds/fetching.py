"""Fetches documents over HTTP: bounded in time, size and tries, and never from another machine than the one that was named.

A directory's own links could otherwise lead into the network that this runs in.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import httpx

Fetch = Callable[[str], bytes]
"""Gives the body at an address; raises `NotFetched` where there is none to be had."""

TRIES: Final = 3
LARGEST: Final = 256 << 20
SECONDS: Final = httpx.Timeout(30.0, connect=10.0)
LONGEST_FETCH_SECONDS: Final = 300.0
MOST_REDIRECTS: Final = 3

_WORTH_ANOTHER_TRY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


_IN_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (socket.gaierror, "no such host is known here"),
    (ConnectionRefusedError, "nothing answers at this address"),
    (ssl.SSLError, "no protected connection could be made"),
    (httpx.TimeoutException, "it does not answer in time"),
    (OSError, "the connection failed"),
    (httpx.ConnectError, "no connection could be made"),
)
"""What a failure is called, the first that fits."""


class NotFetched(Exception):
    """The body could not be had, and why; `gone` where the other side says that there is nothing at that address."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class _Passing(Exception):
    """A failure that may be over in a moment."""


@contextmanager
def http_fetch(
    *, pause: Callable[[float], None] = time.sleep, monotonic: Callable[[], float] = time.monotonic, transport: httpx.BaseTransport | None = None
) -> Iterator[Fetch]:
    """A fetch over one HTTP client; `pause` waits between tries (seconds), `transport` is for tests."""
    with httpx.Client(timeout=SECONDS, transport=transport, headers={"accept": "application/json, text/csv;q=0.9, */*;q=0.1"}) as client:

        def fetch(address: str) -> bytes:
            for attempt in range(1, TRIES + 1):
                try:
                    return _body(client, address, monotonic)
                except (_Passing, httpx.TransportError) as failure:
                    if attempt == TRIES:
                        raise NotFetched(f"{_told(failure)}, tried {TRIES} times") from None
                    pause(0.5 * 4 ** (attempt - 1))
                except httpx.HTTPError as failure:
                    raise NotFetched(_told(failure)) from None
            raise AssertionError("every try returns or raises")

        yield fetch


def _body(client: httpx.Client, address: str, monotonic: Callable[[], float]) -> bytes:
    until = monotonic() + LONGEST_FETCH_SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        with client.stream("GET", address) as response:
            if response.is_redirect and response.next_request is not None:
                onward = str(response.next_request.url)
                if not same_site(address, onward):
                    raise NotFetched(f"it leads on to another site, {urlsplit(onward).netloc}")
                address = onward
                continue
            _check(response)
            return _bounded(response, until, monotonic)
    raise NotFetched("it leads on again and again")


def _check(response: httpx.Response) -> None:
    if response.status_code in _WORTH_ANOTHER_TRY:
        raise _Passing(f"status {response.status_code}")
    if response.status_code != httpx.codes.OK:
        raise NotFetched(f"status {response.status_code}", gone=response.status_code in (404, 410))


def _bounded(response: httpx.Response, until: float, monotonic: Callable[[], float]) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > LARGEST:
            raise NotFetched(f"larger than {LARGEST >> 20} MiB")
        if monotonic() > until:
            raise _Passing("it takes too long")
    return bytes(body)


def same_site(first: str, second: str) -> bool:
    """Whether two addresses are of the same machine and port, and the second is not less protected than the first."""
    one, other = urlsplit(first), urlsplit(second)
    upgraded = (one.scheme, other.scheme) == ("http", "https") and one.hostname == other.hostname and one.port is None and other.port is None
    return (one.scheme, one.netloc) == (other.scheme, other.netloc) or upgraded


def _told(failure: BaseException) -> str:
    """Why nothing was had, in plain words; what lies beneath is the system's own failure, where there is one."""
    deepest = failure
    while (beneath := deepest.__cause__ or deepest.__context__) is not None:
        deepest = beneath
    for kind, words in _IN_WORDS:
        if isinstance(failure, kind) or isinstance(deepest, kind):
            return words
    return str(failure) or type(failure).__name__
