"""Which hosts this server answers for, and whether a change was asked for by one of its own pages.

A page elsewhere that has its name resolve to this machine is turned away by the Host header; one that sends a form here, by the Origin. Cookies
do not tell ports apart, so for the origin the port counts.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from services.chassis.web.problems import Problem

HERE = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Origins:
    """The hosts that are this server's, or None where it answers by whatever name it was reached, and its public origin where it has one."""

    hosts: frozenset[str] | None
    public: str | None = None

    def misdirected(self, request: Request) -> Problem | None:
        """What is wrong with the Host header; its port does not count."""
        if self.hosts is None:
            return None
        host = _HOST.fullmatch(request.headers.get("host", ""))
        if host is None:
            return Problem(400, "The Host header is missing or malformed.")
        return None if host[1].lower() in self.hosts else Problem(421, "This server does not answer for that host.")

    def from_elsewhere(self, request: Request, *, must_say: bool) -> bool:
        """Whether a page of another origin asked; one that does not say (`must_say`) counts as another."""
        said = request.headers.get("origin") or _origin(request.headers.get("referer", ""))
        if not said:
            return must_say
        host = request.headers.get("host", "").lower()
        return said.lower() not in {f"http://{host}", f"https://{host}", self.public}


WHATEVER_NAME = Origins(None)
"""Of a server that has no page and no session, so that no page elsewhere could misuse one: probes and monitors call it by addresses of their own."""


def origins(public_url: str | None = None, bound_to: str | None = None) -> Origins:
    """This machine's own names, the host of the public address, and the host that the server was told to listen on."""
    public = _origin(public_url or "").lower() or None
    told = {urlsplit(public).netloc} if public else set()
    hosts = {host[1].lower() for name in told | {bound_to or "localhost"} if (host := _HOST.fullmatch(name))}
    return Origins(HERE | hosts, public)


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
