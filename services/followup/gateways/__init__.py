"""The ways out: a folder of messages by default, a mail server where one is set."""

from collections.abc import Mapping
from email.headerregistry import Address
from pathlib import Path
from typing import Final

from services.chassis.clock import Clock
from services.chassis.errors import UserError
from services.followup.domain.touches import MessageChannel
from services.followup.gateways.letter import address
from services.followup.gateways.outbox import LocalOutbox
from services.followup.gateways.smtp import SmtpPort
from services.followup.messages import Port

__all__ = ["LocalOutbox", "SmtpPort", "ports"]

LOCAL_SENDER: Final = Address("Better Together", "better-together", "localhost")
"""Who the files of the outbox are from where nobody has set a sender."""


def ports(data: Path, clock: Clock, *, smtp_url: str | None = None, sender: str | None = None) -> Mapping[MessageChannel, Port]:
    """The port of each channel that has one: `data`/outbox for both; or e-mail by the mail server, and then text messages have none.

    Raises:
        UserError: a setting cannot be used as it is.
    """
    read = address(sender) if sender else None
    if sender and read is None:
        raise UserError("TOGETHER_SENDER: expected an address such as 'Better Together <hello@example.org>'")
    if smtp_url is None:
        outbox = LocalOutbox(data / "outbox", clock, read or LOCAL_SENDER)
        return {"sms": outbox, "email": outbox}
    if read is None:
        raise UserError("TOGETHER_SENDER: a mail server is set, so say who the messages are from, such as 'Better Together <hello@example.org>'")
    return {"email": SmtpPort(smtp_url, read, clock)}
