"""E-mail by a mail server."""

from services.chassis.clock import Clock
from services.followup.messages import Delivery, Message


class SmtpPort:
    """Hands messages to the server at `url` (smtp:// with STARTTLS where offered, or smtps://; user:password@ where it asks for them)."""

    repeatable = False

    def __init__(self, url: str, sender: str, clock: Clock, timeout: float = 30) -> None:
        self._url, self._sender, self._clock, self._timeout = url, sender, clock, timeout

    def send(self, message: Message) -> Delivery:
        """Hand the message over in a connection of its own."""
        raise NotImplementedError(message)

    def was_sent(self, touch_id: str) -> None:
        """Nobody can tell: a mail server cannot be asked."""
