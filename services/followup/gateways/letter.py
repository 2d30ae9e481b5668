"""A message as mail: the same for a file in the outbox and for a mail server.

What people and feeds wrote gets into headers and bodies, so it is brought to plain text first: a header is one line, whatever was in it, and
an address is one address or none. A text message's number stands as the name of an empty group (`To: +447700900118:;`, RFC 5322 section
3.4), which is valid mail that no mail server would deliver to anybody.
"""

import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, getaddresses

from services.followup.messages import Message

TOUCH_HEADER = "X-Together-Touch"
CHANNEL_HEADER = "X-Together-Channel"

_TOUCH_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PHONE = re.compile(r"\+?[0-9](?:[ -]?[0-9]){4,19}")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST_PLAIN_LINE = 900
_LONGEST_ADDRESS = 254


def checked(touch_id: str) -> str:
    """`touch_id`, where it has the shape of ours, and so is safe as a file's name and in a header.

    Raises:
        ValueError: it has not.
    """
    if not _TOUCH_ID.fullmatch(touch_id):
        raise ValueError("this is no touch id of ours")
    return touch_id


def letter(message: Message, sender: Address, at: datetime) -> EmailMessage | None:
    """The message as mail written at this moment; None where nothing can be sent to what it is addressed to.

    Raises:
        ValueError: the touch id is not one of ours.
    """
    touch_id, to = checked(message.touch_id), _addressed(message)
    if to is None:
        return None
    mail = EmailMessage(default)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{touch_id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: what answers by itself leaves this alone
    mail[TOUCH_HEADER] = touch_id
    mail[CHANNEL_HEADER] = message.channel
    text = _UNWRITABLE.sub("", message.text.replace("\r\n", "\n").replace("\r", "\n")).rstrip("\n") + "\n"
    mail.set_content(text, charset="utf-8", cte="7bit" if _is_plain(text) else "quoted-printable")
    return mail


def address(written: str) -> Address | None:
    """One address, with or without a name before it; None where `written` is anything else."""
    if len(written) > _LONGEST_ADDRESS * 2 or _UNWRITABLE.search(written) or "\n" in written:
        return None
    read = getaddresses([written])
    return _bare_address(read[0][1], read[0][0]) if len(read) == 1 else None


def one_line(text: str) -> str:
    """`text` in one line, without characters that cannot be written."""
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def _addressed(message: Message) -> Address | Group | None:
    if message.channel == "sms":
        return Group(message.to) if _PHONE.fullmatch(message.to) else None
    return _bare_address(message.to, "")


def _bare_address(written: str, name: str) -> Address | None:
    """An address whose local part is ASCII, which every mail server takes; a domain in other letters is put as DNS has it."""
    local, _, domain = written.rpartition("@")
    if not local.isascii() or not domain or len(written) > _LONGEST_ADDRESS or _UNWRITABLE.search(written) or re.search(r"\s", written):
        return None
    try:
        read = Address(name, addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (MessageError, ValueError, IndexError):
        return None
    return read if read.username else None


def _is_plain(text: str) -> bool:
    return text.isascii() and max(map(len, text.split("\n"))) <= _LONGEST_PLAIN_LINE
