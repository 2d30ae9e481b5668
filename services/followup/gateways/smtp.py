"""E-mail by a mail server: what became of a message, told by how far the exchange (RFC 5321) got.

Nothing is a server's before the final dot, so whatever fails earlier is `unreachable`, or `refused` where the server said so for good. Once
the dot is on its way the message may be out, and only the server's answer to it settles that: without one it is `unknown`.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from services.chassis.clock import Clock
from services.chassis.errors import UserError
from services.followup.gateways.letter import letter
from services.followup.messages import Delivery, Message

_PORTS: Final = {"smtp": 587, "smtps": 465}
_GO_ON: Final = 354
_LINE_WITH_A_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpPort:
    """Hands e-mail to the server of `url`: smtps:// (TLS from the start) or smtp:// (STARTTLS), user:password@ where it asks for them.

    STARTTLS is insisted on, because who can leave it out of an answer can read along; not so with `?tls=none`, nor on this machine. Each
    message has a connection of its own, and no step of it waits longer than `timeout` seconds for the server.
    """

    repeatable = False

    def __init__(self, url: str, sender: Address, clock: Clock, *, timeout: float = 10, context: ssl.SSLContext | None = None) -> None:
        read = urlsplit(url)
        if read.scheme not in _PORTS or not read.hostname:
            raise UserError(
                "TOGETHER_SMTP_URL: expected smtp://host or smtps://host, with user:password@ before the host and :port after it if need be"
            )
        self._host, self._port, self._from_the_start = read.hostname, _port(url), read.scheme == "smtps"
        self._insists = not self._from_the_start and not _is_this_machine(read.hostname) and parse_qs(read.query).get("tls") != ["none"]
        self._user, self._password = unquote(read.username or ""), unquote(read.password or "")
        self._sender, self._clock, self._timeout = sender, clock, timeout
        self._context = context or ssl.create_default_context()

    def send(self, message: Message) -> Delivery:
        """Hand the message over and say what became of it."""
        mail = letter(message, self._sender, self._clock.now()) if message.channel == "email" else None
        if mail is None:
            return "refused"
        try:
            with self._connected() as server:
                return self._offer(server, mail)
        except (OSError, ValueError):  # an SMTPException is an OSError; a server's line that cannot be read is a ValueError
            return "unreachable"

    def was_sent(self, touch_id: str) -> None:
        """Nobody can tell: a mail server cannot be asked."""

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        name = self._sender.domain  # said in EHLO; else the machine's own is looked up, which may take long
        if self._from_the_start:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, name, timeout=self._timeout, context=self._context)
        else:
            server = smtplib.SMTP(self._host, self._port, name, timeout=self._timeout)
        try:
            if server.sock:
                server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the final dot is sent by itself, and would wait
            self._greet(server)
            yield server
            with suppress(OSError, ValueError):
                server.quit()
        finally:
            server.close()

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if not self._from_the_start and (self._insists or server.has_extn("starttls")):
            server.starttls(context=self._context)
            server.ehlo()
        if self._user:
            server.login(self._user, self._password)

    def _offer(self, server: smtplib.SMTP, mail: EmailMessage) -> Delivery:
        code, _ = server.mail(self._sender.addr_spec)
        if code // 100 == 2:
            code, _ = server.rcpt(mail["To"].addresses[0].addr_spec)
        if code // 100 != 2:
            return _not_taken(code)
        code, _ = server.docmd("DATA")
        if code != _GO_ON:
            return _not_taken(code)
        body = mail.as_bytes(policy=SMTP)
        server.send(_LINE_WITH_A_DOT.sub(b"..", body))
        return _ended(server)


def _ended(server: smtplib.SMTP) -> Delivery:
    """Send the final dot, from which on the message may be out."""
    try:
        server.send(b".\r\n")
        code, _ = server.getreply()
    except (OSError, ValueError):
        return "unknown"
    if code // 100 == 2:
        return "sent"
    return _not_taken(code) if code // 100 in (4, 5) else "unknown"


def _not_taken(code: int) -> Delivery:
    return "refused" if code // 100 == 5 else "unreachable"


def _port(url: str) -> int:
    read = urlsplit(url)
    try:
        return read.port or _PORTS[read.scheme]
    except ValueError as error:
        raise UserError("TOGETHER_SMTP_URL: the port is a number up to 65535") from error


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
