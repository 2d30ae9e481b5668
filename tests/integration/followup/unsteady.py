"""A way out that fails: it refuses, is not reached, does not say what became of a message, or has the process end between claim and record."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Final, Literal

from services.followup.gateways import LocalOutbox
from services.followup.messages import Delivery, Message

Fault = Literal["refused", "unreachable", "unknown", "killed"]
FAULTS: Final[Mapping[Fault, float]] = MappingProxyType({"refused": 0.02, "unreachable": 0.01, "unknown": 0.03, "killed": 0.03})
"""To which share of the messages each happens."""


class Killed(BaseException):
    """The process ends here."""


@dataclass
class UnsteadyPort:
    """An outbox with faults; one that is not `repeatable` tells of nothing afterwards, as a mail server does not.

    Of what it says nothing about, and of what it had in hand when the process ended, one half has left.
    """

    outbox: LocalOutbox
    chance: Random
    faults: Mapping[Fault, float] = field(default_factory=lambda: FAULTS)
    repeatable: bool = True
    happened: Counter[Fault] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)

    def send(self, message: Message) -> Delivery:
        """Hand over, or not."""
        fault = self._drawn()
        if fault is None:
            return self._hand_over(message)
        self.happened[fault] += 1
        if fault in ("unknown", "killed") and self.chance.random() < 0.5:
            self._hand_over(message)
        if fault == "killed":
            raise Killed
        return fault

    def was_sent(self, touch_id: str) -> bool | None:
        """Whether the file is there, where somebody may look."""
        return self.outbox.was_sent(touch_id) if self.repeatable else None

    def _hand_over(self, message: Message) -> Delivery:
        delivery = self.outbox.send(message)
        self.left[message.touch_id] += delivery == "sent"
        return delivery

    def _drawn(self) -> Fault | None:
        drawn = self.chance.random()
        for fault, share in self.faults.items():
            drawn -= share
            if drawn < 0:
                return fault
        return None
