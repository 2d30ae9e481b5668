"""The ways out: a folder of messages by default, a mail server where one is set."""

from collections.abc import Mapping
from pathlib import Path

from services.chassis.clock import Clock
from services.followup.gateways.outbox import LocalOutbox
from services.followup.gateways.smtp import SmtpPort
from services.followup.messages import MessageChannel, Port

__all__ = ["LocalOutbox", "SmtpPort", "ports"]


def ports(data: Path, clock: Clock, *, smtp_url: str | None = None, sender: str | None = None) -> Mapping[MessageChannel, Port]:
    """The port of each channel that has one: `data`/outbox for both, or e-mail by the mail server, and then text messages have none."""
    if smtp_url is None:
        outbox = LocalOutbox(data / "outbox", clock, sender)
        return {"sms": outbox, "email": outbox}
    return {"email": SmtpPort(smtp_url, sender or "", clock)}
