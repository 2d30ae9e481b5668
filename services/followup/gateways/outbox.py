"""Messages as files in a folder: the way out where no other is set."""

from pathlib import Path

from services.chassis.clock import Clock
from services.followup.messages import Delivery, Message


class LocalOutbox:
    """`folder`/<touch id>.eml, one file for one touch, ever."""

    repeatable = True

    def __init__(self, folder: Path, clock: Clock, sender: str | None = None) -> None:
        self._folder, self._clock, self._sender = folder, clock, sender

    def send(self, message: Message) -> Delivery:
        """Write the message's file, durably; one that is there already stays as it is."""
        raise NotImplementedError(message)

    def was_sent(self, touch_id: str) -> bool:
        """Whether the touch's file is there."""
        raise NotImplementedError(touch_id)

    def forget(self, touch_id: str) -> None:
        """Delete the touch's file and what was left of writing it; nothing where there is none."""
        raise NotImplementedError(touch_id)
