"""Serves an application on one address, without an access log: the request line is the only record of a request."""

import socket
from collections.abc import Callable
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

from services.chassis.errors import UserError

_HEADERS = 32 << 10  # bytes; the limits' own, smaller bound answers with a problem document
_BACKLOG = 1024
_LAST_PORT = 65_535


class Server(uvicorn.Server):
    """A server that says when it serves."""

    def __init__(self, app: ASGIApp, listening: socket.socket, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app, http="h11", ws="none", lifespan="off", access_log=False, log_config=None, server_header=False, proxy_headers=False,
                h11_max_incomplete_event_size=_HEADERS, backlog=_BACKLOG, timeout_graceful_shutdown=5,
            )
        )  # fmt: skip
        self._listening, self._on_ready = listening, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets or [self._listening])
        self._on_ready()

    def run_until_stopped(self) -> None:
        """Serve until a signal, or `should_exit`."""
        self.run(sockets=[self._listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        UserError: the address cannot be had, with the reason.
    """
    if not 0 <= port <= _LAST_PORT:
        raise UserError(f"cannot listen on {host} port {port}: a port is a number up to {_LAST_PORT}; choose another with --port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UserError(f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port") from error
    # Every connection inherits it; asyncio sets it only where the socket names its protocol. Without it a body waits 40 ms behind its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address_here(listening: socket.socket) -> str:
    """The address of what is served there as this machine reaches it: where every address is bound, its own."""
    shown, host = address(listening), listening.getsockname()[0]
    return shown.replace(host, "::1" if ":" in host else "127.0.0.1", 1) if ip_address(host).is_unspecified else shown


def address(listening: socket.socket, sign_in_key: str | None = None) -> str:
    """The address of what is served there, with a sign-in key where one is given: never to be logged then."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + (f"sign-in?key={sign_in_key}" if sign_in_key else "")
