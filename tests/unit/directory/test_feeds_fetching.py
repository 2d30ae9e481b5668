"""Fetching is bounded: in tries, in size, in time, in redirects, and to one site."""

import socket
import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from services.directory.feeds import fetching
from services.directory.feeds.fetching import NotFetched, http_fetch, same_site

ADDRESS = "https://feed.example/services"


def fetched(*answers: httpx.Response | Exception, tick: float = 0.0) -> tuple[bytes | str, list[float]]:
    """What comes of these answers one after the other (the body, or why there is none), and the pauses between the tries."""
    pauses: list[float] = []
    queue: Iterator[httpx.Response | Exception] = iter(answers)
    now = iter(range(10_000))

    def answer(_: httpx.Request) -> httpx.Response:
        given = next(queue)
        if isinstance(given, Exception):
            raise given
        return given

    monotonic: Callable[[], float] = lambda: next(now) * tick  # noqa: E731  # a clock that goes on by itself
    with http_fetch(pause=pauses.append, monotonic=monotonic, transport=httpx.MockTransport(answer)) as fetch:
        try:
            return fetch(ADDRESS), pauses
        except NotFetched as failure:
            return str(failure), pauses


def test_a_body_is_given() -> None:
    assert fetched(httpx.Response(200, content=b"{}")) == (b"{}", [])


def test_a_passing_failure_is_tried_again_and_a_lasting_one_is_given_up() -> None:
    assert fetched(httpx.Response(503), httpx.ConnectError("refused"), httpx.Response(200, content=b"ok")) == (b"ok", [0.5, 2.0])
    assert fetched(*(httpx.Response(500) for _ in range(3))) == ("status 500, tried 3 times", [0.5, 2.0])
    assert fetched(httpx.Response(403)) == ("status 403", [])


def caused(failure: httpx.TransportError, cause: OSError) -> httpx.TransportError:
    failure.__cause__ = cause
    return failure


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (caused(httpx.ConnectError("[Errno 111] Connection refused"), ConnectionRefusedError(111, "Connection refused")), "nothing answers at this"),
        (caused(httpx.ConnectError("[Errno -2] Name or service not known"), socket.gaierror(-2, "Name or service")), "no such host is known here"),
        (caused(httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER]"), ssl.SSLError(1, "[SSL]")), "no protected connection could be made"),
        (caused(httpx.ReadError("[Errno 104] Connection reset by peer"), ConnectionResetError(104, "reset")), "the connection failed"),
        (httpx.ConnectError("refused"), "no connection could be made"),
        (httpx.ReadTimeout("timed out"), "it does not answer in time"),
        (httpx.RemoteProtocolError("peer closed"), "peer closed"),
    ],
)
def test_what_gives_no_answer_is_told_in_plain_words(failure: httpx.TransportError, words: str) -> None:
    told, _ = fetched(failure, failure, failure)
    assert isinstance(told, str)
    assert told.startswith(words)
    assert told.endswith(", tried 3 times")


def test_a_port_where_nobody_listens_is_told_so() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with http_fetch(pause=lambda _: None) as fetch, pytest.raises(NotFetched) as failure:
            fetch(f"http://127.0.0.1:{nobody.getsockname()[1]}/groups")
    assert str(failure.value) == "nothing answers at this address, tried 3 times"


def test_only_what_is_not_there_is_gone() -> None:
    for status, gone in ((404, True), (410, True), (403, False)):
        transport = httpx.MockTransport(lambda _, status=status: httpx.Response(status))
        with http_fetch(transport=transport) as fetch, pytest.raises(NotFetched) as failure:
            fetch(ADDRESS)
        assert failure.value.gone is gone


def test_a_body_larger_than_allowed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 1 << 20)
    assert fetched(httpx.Response(200, content=b"x" * ((1 << 20) + 1))) == ("larger than 1 MiB", [])


def test_a_body_that_never_ends_is_given_up() -> None:
    slow = [httpx.Response(200, content=b"x" * 100) for _ in range(3)]
    assert fetched(*slow, tick=fetching.LONGEST_FETCH_SECONDS + 1) == ("it takes too long, tried 3 times", [0.5, 2.0])


def test_a_redirect_is_followed_on_the_same_site_only_and_not_for_ever() -> None:
    def to(address: str) -> httpx.Response:
        return httpx.Response(302, headers={"location": address})

    assert fetched(to("/other"), httpx.Response(200, content=b"ok")) == (b"ok", [])
    assert fetched(to("http://169.254.169.254/latest")) == ("it leads on to another site, 169.254.169.254", [])
    assert fetched(*(to("/again") for _ in range(4))) == ("it leads on again and again", [])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://a.example/x", "https://a.example/y", True),
        ("http://a.example/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/x", "https://a.example:8443/x", False),
        ("https://a.example/x", "file:///etc/passwd", False),
    ],
)
def test_a_site_is_one_machine_and_port(first: str, second: str, same: bool) -> None:
    assert same_site(first, second) is same
