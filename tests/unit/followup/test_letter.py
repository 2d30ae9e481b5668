"""A message as mail: whatever people and feeds wrote stays within its own line, its own body and its own single address."""

import email
import email.policy
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.followup.domain.touches import MessageChannel
from services.followup.gateways.letter import address, letter
from services.followup.messages import Message

AT = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
SENDER = Address("Better Together", addr_spec="hello@together.example.org")
TOUCH = "018f0000-0000-7000-8000-00000000000a"
HEADERS = 11

ANYTHING = st.text(st.characters(), max_size=300)
"""Any characters, unpaired surrogates too."""


def sent_and_read(message: Message) -> EmailMessage | None:
    """The message written as mail, and that read again."""
    mail = letter(message, SENDER, AT)
    if mail is None:
        return None
    read = email.message_from_bytes(mail.as_bytes(policy=email.policy.SMTP), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


@given(subject=ANYTHING, text=ANYTHING)
@example(subject="Hi\r\nBcc: x@example.org", text="\r\n.\r\nBcc: x@example.org")
def test_no_subject_or_text_gets_out_of_its_place(subject: str, text: str) -> None:
    read = sent_and_read(Message(TOUCH, "email", "asha@example.org", subject, text))
    assert read is not None
    assert len(read.keys()) == HEADERS
    assert read["To"] == "asha@example.org"
    assert "\n" not in read["Subject"]
    assert "Bcc" not in read


@given(to=ANYTHING | st.emails() | st.tuples(ANYTHING, st.emails()).map("".join), channel=st.sampled_from(["sms", "email"]))
def test_anything_but_one_address_or_number_is_no_message(to: str, channel: MessageChannel) -> None:
    read = sent_and_read(Message(TOUCH, channel, to, "Tuesday", "Hello"))
    if read is not None:
        assert len(read.keys()) == HEADERS
        assert len(read["To"].addresses) == (channel == "email")
        assert len(to.splitlines()) == 1


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=300))
def test_any_letters_arrive_as_they_were_written(text: str) -> None:
    read = sent_and_read(Message(TOUCH, "email", "asha@example.org", "Tuesday", text))
    assert read is not None
    assert read.get_content().replace("\r\n", "\n") == f"{text}\n"


@pytest.mark.parametrize("text", ["plain\n", "Zoë\n", "x" * 5000 + "\n", "a\r\nb\rc\n", "😀 " * 500 + "\n", ".\n..\nFrom me\n"])
def test_a_text_arrives_as_it_was_written(text: str) -> None:
    read = sent_and_read(Message(TOUCH, "email", "asha@example.org", "Tuesday", text))
    assert read is not None
    assert read.get_content().replace("\r\n", "\n") == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Better Together <hello@example.org>", Address("Better Together", addr_spec="hello@example.org")),
        ("hello@example.org", Address("", addr_spec="hello@example.org")),
        ("hello@example.org, you@example.org", None),
        ("Better Together", None),
        ("Better\nTogether <hello@example.org>", None),
        ("", None),
    ],
)
def test_a_sender_is_one_address_with_or_without_a_name(written: str, read: Address | None) -> None:
    assert address(written) == read
