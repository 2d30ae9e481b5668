"""What is too large, too slow or too much at once is refused by a problem document before it is kept."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter

from services.chassis.web.limits import Limits
from tests.unit.chassis.web_shell import BEARER, Shell

JSON = BEARER | {"Content-Type": "application/json"}
LARGE = 1 << 20


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """A JSON text of so many bytes, its length not declared."""
    yield b'"'
    for start in range(0, size - 2, 65_536):
        yield b"x" * min(65_536, size - 2 - start)
    yield b'"'


@pytest.fixture(scope="module")
def shell() -> Shell:
    return Shell(limits=Limits(bodies={"/v1/things/large": 2 * LARGE}))


def test_a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_not(shell: Shell) -> None:
    assert shell.send_json(b'"' + b"x" * (LARGE - 2) + b'"').status_code == 202
    answer = shell.send_json(b'"' + b"x" * (LARGE - 1) + b'"')
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


def test_a_body_without_a_declared_length_is_counted_as_it_comes(shell: Shell) -> None:
    assert shell.call("POST", "/v1/things", JSON, in_pieces(LARGE)).status_code == 202
    assert shell.call("POST", "/v1/things", JSON, in_pieces(LARGE + 1)).status_code == 413


def test_a_length_that_was_declared_too_small_does_not_help(shell: Shell) -> None:
    assert shell.call("POST", "/v1/things", JSON | {"Content-Length": "10"}, in_pieces(LARGE + 1)).status_code == 413


def test_a_path_may_take_more(shell: Shell) -> None:
    answer = shell.send_json(b'"' + b"x" * LARGE + b'"', "PUT", "/v1/things/large")
    assert answer.status_code == 422  # it was read, and is no capacity
    assert shell.send_json(b'"' + b"x" * 2 * LARGE + b'"', "PUT", "/v1/things/large").status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "", "٣", "1, 1"])
def test_a_length_that_is_no_number_is_refused(shell: Shell, length: str) -> None:
    async def called() -> int:
        sent: list[int] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                sent.append(int(str(message["status"])))

        headers = [(b"host", b"localhost"), (b"authorization", BEARER["Authorization"].encode()), (b"content-length", length.encode())]
        scope = {"type": "http", "method": "POST", "path": "/v1/things", "raw_path": b"/v1/things", "query_string": b"", "headers": headers}
        await shell.app(scope, receive, send)  # type: ignore[arg-type]
        return sent[0]

    assert asyncio.run(called()) == 400


def test_headers_and_addresses_have_a_limit(shell: Shell) -> None:
    assert shell.get("/v1/things", BEARER | {"X-Long": "x" * 20_000}).status_code == 431
    assert shell.get("/v1/things?" + "x" * 9_000, BEARER).status_code == 414
    assert shell.get("/" + "x" * 9_000, BEARER).status_code == 414


def test_a_body_that_does_not_arrive_in_time_is_given_up() -> None:
    shell, never = Shell(limits=Limits(seconds=0.01)), asyncio.Event()

    async def stalled() -> AsyncIterator[bytes]:
        yield b'{"a"'
        await never.wait()

    assert shell.call("POST", "/v1/things", JSON, stalled()).status_code == 408


def test_more_requests_at_once_than_can_be_served_are_told_to_come_again() -> None:
    arrived, leave = asyncio.Event(), asyncio.Event()
    router = APIRouter()

    @router.get("/slow")
    async def slow() -> None:
        arrived.set()
        await leave.wait()

    shell = Shell(router, limits=Limits(at_once=1))

    async def both() -> tuple[httpx.Response, httpx.Response, httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(shell.app), base_url="http://localhost", headers=BEARER) as client:
            first = asyncio.create_task(client.get("/slow"))
            await arrived.wait()
            second = await client.get("/slow")
            leave.set()
            return await first, second, await client.get("/slow")

    first, second, third = asyncio.run(both())
    assert (first.status_code, second.status_code, third.status_code) == (200, 503, 200)
    assert second.headers["retry-after"] == "1"
    assert second.headers["content-type"] == "application/problem+json"
