"""The shell behind a real server: large and broken requests over a real socket, and what the server itself writes."""

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from services.chassis.errors import UserError
from services.chassis.web.serving import address, address_here, listen
from tests.integration.web_server import served
from tests.unit.chassis.web_shell import BEARER, Shell

JSON = BEARER | {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def shell() -> Shell:
    return Shell()


@pytest.fixture(scope="module")
def base(shell: Shell) -> Iterator[str]:
    with served(shell.app) as address_served:
        yield address_served


@pytest.mark.parametrize("size", [2_000_000, 20_000_000])
def test_a_sender_of_too_much_is_told_so_although_it_sends_on(base: str, size: int) -> None:
    pieces = (b"x" * 65_536 for _ in range(size // 65_536))
    assert httpx.post(f"{base}/v1/things", content=b"x" * size, headers=JSON, timeout=30).status_code == 413
    assert httpx.post(f"{base}/v1/things", content=pieces, headers=JSON, timeout=30).status_code == 413
    assert httpx.post(f"{base}/v1/things", content=b"x" * size, timeout=30).status_code == 401


def test_one_connection_serves_on_after_a_refusal(base: str) -> None:
    with httpx.Client(base_url=base, headers=JSON) as client:
        statuses = [client.post("/v1/things", content=body).status_code for body in (b"{}", b"x" * 2_000_000, b"[", b"{}")]
    assert statuses == [202, 413, 422, 202]


def exchanged(base: str, sent: bytes) -> bytes:
    """What the server answers to these bytes; one that refuses early may be gone before it has read them all."""
    parts, answer = urlsplit(base), bytearray()
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
        with suppress(OSError):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while piece := connection.recv(65_536):
                answer += piece
    return bytes(answer)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/things HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nnot-a-size\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
    ],
    ids=["TLS", "no host", "two hosts", "long header", "two lengths", "broken chunk", "bad header"],
)
def test_what_is_hardly_http_is_refused_and_the_server_goes_on(base: str, sent: bytes) -> None:
    assert exchanged(base, sent).split(b" ")[1] in (b"400", b"401")
    assert httpx.get(f"{base}/health/live").status_code == 200


def test_an_http_1_0_request_without_a_host_is_a_bad_request(base: str) -> None:
    assert exchanged(base, b"GET /health/live HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_neither_the_server_s_own_words_nor_its_headers_tell_anything(shell: Shell, base: str, capfd: pytest.CaptureFixture[str]) -> None:
    key = shell.guard.new_sign_in_key()
    first = httpx.get(f"{base}/sign-in?key={key}")
    httpx.get(f"{base}/sign-in?key={key}")
    httpx.get(f"{base}/Jane/Doe?name=Jane")
    httpx.get(f"{base}/fails", headers=BEARER)
    exchanged(base, b"GET /Jane HTTP/9.9\r\nJane: Doe\r\n\r\n")
    said = capfd.readouterr()
    assert not [secret for secret in (key, "Jane", "Doe", first.cookies[shell.guard.cookie]) if secret in said.out + said.err]
    assert "server" not in first.headers


def test_an_address_that_is_taken_or_is_none_is_a_mistake_told_in_one_line() -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"cannot listen on 127.0.0.1 port {port}: .*; choose another with --port"):
            listen("127.0.0.1", port)
    for host, port in (("256.0.0.1", 0), ("127.0.0.1", 99_999), ("no.such.host.invalid", 0)):
        with pytest.raises(UserError, match="cannot listen on"):
            listen(host, port)


def test_the_address_that_is_printed_carries_the_sign_in_key() -> None:
    with closing(listen("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert address(listening, "a-key") == f"http://127.0.0.1:{port}/sign-in?key=a-key"


@pytest.mark.parametrize(("bound", "reached"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])
def test_where_every_address_is_bound_this_machine_reaches_its_own(bound: str, reached: str) -> None:
    with closing(listen(bound, 0)) as listening:
        assert address_here(listening) == f"http://{reached}:{listening.getsockname()[1]}/"


def test_a_connection_sends_at_once_and_does_not_wait_for_the_other_side() -> None:
    with closing(listen("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()), closing(listening.accept()[0]) as accepted:
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
