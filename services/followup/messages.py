"""One message on its way out, and the port that it leaves by.

A port never raises for what the outside does: it says what became of the message. Only a port that is `repeatable` may be given the same
touch twice; of any other, a touch that was claimed and not recorded is asked after by nobody but a human (DESIGN.md section 7).
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from services.followup.domain.touches import MessageChannel

Delivery = Literal["sent", "refused", "unreachable", "unknown"]
"""Taken by the other side; refused for good; never handed over; or handed over, perhaps, and not heard of again."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to whom: `to` is an e-mail address or a phone number in international form. A text message's `subject` is not shown."""

    touch_id: str
    channel: MessageChannel
    to: str
    subject: str
    text: str


class Port(Protocol):
    """A way out."""

    @property
    def repeatable(self) -> bool:
        """Whether sending the same touch again is harmless."""

    def send(self, message: Message, /) -> Delivery:
        """Hand the message over, and say what became of it.

        Raises:
            ValueError: the message is not one that we make; a bug, never what the outside did.
        """

    def was_sent(self, touch_id: str, /) -> bool | None:
        """Whether the touch has left already; None where that cannot be told."""
