"""A real SMTP server that does as the recipient's name tells it: takes a message, refuses it, hangs up or falls silent, at each stage.

A name is `<behaviour>-<anything>`; what has arrived is kept as it came. A silence lasts until the server is closed.
"""

import asyncio
import email
import email.policy
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ANSWERS = {
    "5xx": "550 5.1.1 no such mailbox",
    "4xx": "451 4.3.0 try again later",
}
USER, PASSWORD = "better-together", "a p@ss:word/?"


@dataclass
class Post:
    """What has arrived, and how the server behaves before any recipient is named."""

    sender: str = "ok"
    arrived: list[bytes] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    until_closed: asyncio.Event = field(default_factory=asyncio.Event)

    def mails(self) -> list[EmailMessage]:
        read = [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.arrived]
        return [mail for mail in read if isinstance(mail, EmailMessage)]

    def touches(self) -> list[str]:
        return [str(mail["X-Together-Touch"]) for mail in self.mails()]

    async def behave(self, server: SMTP, behaviour: str) -> str | None:
        """The answer of this behaviour where it has one, None where all is well."""
        if behaviour == "drop":
            _hang_up(server)
        if behaviour == "silent":
            await self.until_closed.wait()
        return ANSWERS.get(behaviour)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        self.encrypted.append(session.ssl is not None)
        self.signed_in.append(session.authenticated is True)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self.behave(server, self.sender) or "250 OK"

    async def handle_RCPT(self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        stage, behaviour = _asked(envelope)
        return (await self.behave(server, behaviour) if stage == "rcpt" else None) or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        stage, behaviour = _asked(envelope)
        if stage == "end" or stage == "ok":
            assert isinstance(envelope.original_content, bytes)
            self.arrived.append(envelope.original_content)
        answer = await self.behave(server, behaviour) if stage in ("end", "dot") else None
        return answer or "250 OK"


def _asked(envelope: Envelope) -> tuple[str, str]:
    stage, _, behaviour = (envelope.rcpt_tos[0] if envelope.rcpt_tos else "ok").split("@")[0].partition(".")
    return stage.split("-")[0], behaviour.split("-")[0]


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


class Server(SMTP):
    """Misbehaves at the command DATA too, and within what follows it."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        assert self.envelope is not None
        assert isinstance(self.event_handler, Post)
        stage, behaviour = _asked(self.envelope)
        if stage == "data":
            await self.push(await self.event_handler.behave(self, behaviour) or "451 gone")
        elif stage == "body":
            await self.push("354 go on")
            await self._reader.read(1000)
            _hang_up(self)
        else:
            await super().smtp_DATA(arg)


@dataclass
class Running:
    """A server that is up, and where."""

    port: int
    post: Post


@contextmanager
def running(
    *, sender: str = "ok", starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, sign_in: bool = False
) -> Iterator[Running]:
    """A server on a free port of this machine, in a thread with a loop of its own, until the block ends."""
    loop = asyncio.new_event_loop()
    post = Post(sender)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # with its protocol named, asyncio answers without delay
    listening.bind(("127.0.0.1", 0))
    options: dict[str, Any] = {"tls_context": starttls, "require_starttls": starttls is not None, "data_size_limit": 2**26}
    if sign_in:
        options |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": starttls is not None}
    serving = loop.run_until_complete(loop.create_server(lambda: Server(post, loop=loop, hostname="localhost", **options), sock=listening, ssl=tls))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Running(listening.getsockname()[1], post)
    finally:
        asyncio.run_coroutine_threadsafe(_close(serving, post), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _close(serving: asyncio.Server, post: Post) -> None:
    serving.close()
    post.until_closed.set()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*others, return_exceptions=True)


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)
