"""A geocoder built by name asks a server that speaks Nominatim's JSON, on loopback alone: in time, at its pace, and without a word in a log."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest
from geopy.exc import GeocoderNotFound

from models.geography import Place
from models.geography.geocoder import NetworkGeocoder, build_geocoder

PARIS = [{"lat": "48.8612", "lon": "2.3812", "display_name": "75011 Paris"}]


class _Nominatim(ThreadingHTTPServer):
    """Answers every search with `body` and `status`, and keeps what was asked and when; while `held`, it does not answer."""

    daemon_threads = True

    def __init__(self, body: bytes, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Search)
        self.body, self.status = body, status
        self.asked: list[str] = []
        self.asked_at: list[float] = []
        self.released = Event()
        self.released.set()


class _Search(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Nominatim)
        server.asked.append(parse_qs(urlsplit(self.path).query)["q"][0])
        server.asked_at.append(monotonic())
        server.released.wait(10)
        self.send_response(server.status)
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a test's server has no log."""


@contextmanager
def _nominatim(answer: object, status: int = 200) -> Iterator[_Nominatim]:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    server = _Nominatim(body, status)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _geocoder(server: _Nominatim, *, timeout_seconds: float = 5.0, pause_seconds: float = 0.0) -> NetworkGeocoder:
    options = {"domain": f"127.0.0.1:{server.server_port}", "scheme": "http", "user_agent": "better-together-tests", "proxies": {}}
    return build_geocoder("nominatim", options, timeout_seconds=timeout_seconds, pause_seconds=pause_seconds)


def test_an_address_gets_the_position_that_the_service_gives_and_is_asked_once() -> None:
    with _nominatim(PARIS) as server:
        geocoder = _geocoder(server)
        places = [geocoder.find("75011 Paris") for _ in range(3)]
    assert places == [Place(48.8612, 2.3812, "48.9,2.4", "geocoder")] * 3
    assert server.asked == ["75011 paris"]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ([], 200),
        (b"not json", 200),
        (["odd"], 200),
        ({"lat": "1"}, 200),
        (b"", 500),
        (b"slow down", 429),
        (b"who are you", 403),
        ([{"lat": "95", "lon": "0"}], 200),
    ],
)
def test_whatever_the_service_says_instead_the_position_is_not_known(answer: object, status: int) -> None:
    with _nominatim(answer, status) as server:
        assert _geocoder(server).find("somewhere") is None
        assert server.asked == ["somewhere"]


def test_a_service_that_does_not_answer_is_given_up_in_time() -> None:
    with _nominatim(PARIS) as server:
        server.released.clear()
        started = monotonic()
        assert _geocoder(server, timeout_seconds=0.2).find("somewhere") is None
        assert monotonic() - started < 5


def test_a_service_that_is_not_there_means_not_known() -> None:
    with _nominatim(PARIS) as server:
        geocoder = _geocoder(server)
    assert geocoder.find("somewhere") is None


def test_requests_keep_their_distance() -> None:
    with _nominatim(PARIS) as server:
        geocoder = _geocoder(server, pause_seconds=0.2)
        for address in ("one", "two", "three"):
            geocoder.find(address)
    gaps = [later - earlier for earlier, later in zip(server.asked_at, server.asked_at[1:], strict=False)]
    assert len(gaps) == 2
    assert min(gaps) > 0.15


@pytest.mark.parametrize("status", [200, 500])
def test_no_address_reaches_a_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with _nominatim(PARIS, status) as server:
        _geocoder(server).find("17 Plantagenet Crescent")
    assert server.asked
    assert "plantagenet" not in caplog.text.lower()


def test_a_geocoder_that_does_not_exist_is_an_error_when_it_is_built() -> None:
    with pytest.raises(GeocoderNotFound):
        build_geocoder("no such service", {})
