"""Messages as files: one for one touch, whole or not there, readable by its owner alone, and never outside the outbox."""

import email
import email.policy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.chassis.clock import HandSetClock
from services.followup.domain.touches import MessageChannel
from services.followup.gateways import LocalOutbox, ports
from services.followup.gateways.letter import address
from services.followup.messages import Message

START = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
TOUCH = "018f0000-0000-7000-8000-00000000000a"
SENDER = address("Better Together <hello@together.example.org>")


def message(
    to: str = "asha@example.org", channel: MessageChannel = "email", *, touch_id: str = TOUCH, text: str = "Hello\n", subject: str = "Tuesday"
) -> Message:
    return Message(touch_id, channel, to, subject, text)


@pytest.fixture
def clock() -> HandSetClock:
    return HandSetClock(START)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def outbox(folder: Path, clock: HandSetClock) -> LocalOutbox:
    assert SENDER is not None
    return LocalOutbox(folder, clock, SENDER)


def read(file: Path) -> EmailMessage:
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_an_email_is_a_file_by_its_touch(outbox: LocalOutbox, folder: Path) -> None:
    assert outbox.send(message(text="Hello Zoë\n")) == "sent"
    (file,) = folder.iterdir()
    mail = read(file)
    assert file.name == f"{TOUCH}.eml"
    assert mail["X-Together-Touch"] == TOUCH
    assert mail["To"] == "asha@example.org"
    assert mail["Date"].datetime == START
    assert mail.get_content() == "Hello Zoë\n"
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_text_message_is_one_too_with_the_number_as_the_name_of_a_group_of_nobody(outbox: LocalOutbox, folder: Path) -> None:
    assert outbox.send(message("+447700900118", "sms", subject="")) == "sent"
    mail = read(folder / f"{TOUCH}.eml")
    assert mail["X-Together-Channel"] == "sms"
    assert mail["To"] == "+447700900118:;"
    assert [(group.display_name, group.addresses) for group in mail["To"].groups] == [("+447700900118", ())]
    assert mail["To"].defects == ()


def test_a_repeat_is_harmless(outbox: LocalOutbox, folder: Path, clock: HandSetClock) -> None:
    outbox.send(message())
    first = (folder / f"{TOUCH}.eml").read_bytes()
    clock.set(START + timedelta(days=1))
    assert outbox.send(message()) == "sent"
    assert [file.read_bytes() for file in folder.iterdir()] == [first]
    assert outbox.repeatable is True


def test_whether_a_touch_has_left_is_told_by_its_file(outbox: LocalOutbox, folder: Path) -> None:
    assert outbox.was_sent(TOUCH) is False
    folder.mkdir()
    (folder / f".{TOUCH}.eml.part").write_bytes(b"half a mess")
    assert outbox.was_sent(TOUCH) is False
    assert outbox.send(message()) == "sent"
    assert outbox.was_sent(TOUCH) is True
    assert [file.name for file in folder.iterdir()] == [f"{TOUCH}.eml"]


def test_what_is_forgotten_is_gone_with_what_was_left_of_writing_it(outbox: LocalOutbox, folder: Path) -> None:
    outbox.forget(TOUCH)
    outbox.send(message())
    (folder / f".{TOUCH}.eml.part").write_bytes(b"half a mess")
    outbox.forget(TOUCH)
    outbox.forget(TOUCH)
    assert [*folder.iterdir()] == []


@pytest.mark.parametrize(
    "touch_id", ["../../etc/passwd", "/etc/passwd", "", ".", TOUCH + "/..", TOUCH + "\n", TOUCH.upper(), "a\x00b", TOUCH[:-1] + "١"]
)
@pytest.mark.parametrize("does", [LocalOutbox.was_sent, LocalOutbox.forget, lambda outbox, touch_id: outbox.send(message(touch_id=touch_id))])
def test_a_touch_id_that_is_not_ours_names_no_file(
    does: Callable[[LocalOutbox, str], object], touch_id: str, outbox: LocalOutbox, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="no touch id of ours"):
        does(outbox, touch_id)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("to", "channel"),
    [
        ("", "email"),
        ("a@b.org\nBcc: c@d.org", "email"),
        ("a@b.org, c@d.org", "email"),
        ("asha", "email"),
        ("", "sms"),
        ("none", "sms"),
        ("+44\n7700900118", "sms"),
    ],
)
def test_what_nothing_can_be_sent_to_is_refused(to: str, channel: MessageChannel, outbox: LocalOutbox, folder: Path) -> None:
    assert outbox.send(message(to, channel)) == "refused"
    assert not folder.exists()


def test_a_very_long_text_of_any_letters_is_kept_whole(outbox: LocalOutbox, folder: Path) -> None:
    text = "Grüße 你好 😀 " * 20_000 + "\n"
    outbox.send(message(text=text))
    assert read(folder / f"{TOUCH}.eml").get_content() == text


def test_a_folder_that_cannot_be_written_is_no_way_out_and_leaves_nothing(outbox: LocalOutbox, folder: Path) -> None:
    folder.write_text("a file, where the folder should be")
    assert outbox.send(message()) == "unreachable"
    assert outbox.was_sent(TOUCH) is False


def test_many_at_once_are_one_file_each(outbox: LocalOutbox, folder: Path) -> None:
    touches = [f"{TOUCH[:-4]}{number:04x}" for number in range(60)]
    with ThreadPoolExecutor(8) as threads:
        assert {*threads.map(lambda touch_id: outbox.send(message(touch_id=touch_id)), touches)} == {"sent"}
    assert {file.stem for file in folder.iterdir()} == {*touches}


def test_the_outbox_is_the_way_out_of_every_channel_where_nothing_is_set(tmp_path: Path, clock: HandSetClock) -> None:
    out = ports(tmp_path, clock)
    assert {*out} == {"sms", "email"}
    out["sms"].send(message("+447700900118", "sms"))
    out["email"].send(message(touch_id=TOUCH[:-1] + "b"))
    assert [read(file)["From"] for file in (tmp_path / "outbox").iterdir()] == ["Better Together <better-together@localhost>"] * 2
