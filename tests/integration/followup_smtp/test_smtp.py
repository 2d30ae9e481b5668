"""E-mail by a real server that refuses, delays and hangs up at every stage: what arrived is what was recorded as sent, and the unknown ones."""

import ssl
from collections import Counter
from datetime import UTC, datetime
from email.headerregistry import Address
from inspect import signature
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from services.chassis.clock import HandSetClock
from services.chassis.errors import UserError
from services.followup.gateways import SmtpPort, ports
from services.followup.messages import Delivery, Message
from tests.integration.followup_smtp.mail_server import PASSWORD, USER, Running, running

CLOCK = HandSetClock(datetime(2026, 3, 9, 8, 0, tzinfo=UTC))
SENDER = Address("Better Together", addr_spec="hello@together.example.org")
PATIENT, IMPATIENT = 10, 0.5
"""Seconds, the latter for a server that falls silent: that lasts until its end."""

BEHAVIOURS: dict[str, Delivery] = {
    "ok": "sent",
    "rcpt.5xx": "refused",
    "rcpt.4xx": "unreachable",
    "rcpt.drop": "unreachable",
    "rcpt.silent": "unreachable",
    "data.5xx": "refused",
    "data.4xx": "unreachable",
    "data.drop": "unreachable",
    "data.silent": "unreachable",
    "dot.5xx": "refused",
    "dot.4xx": "unreachable",
    "dot.drop": "unknown",
    "dot.silent": "unknown",
    "end.drop": "unknown",
    "end.silent": "unknown",
}
"""What a recipient's name tells the server to do, and what is to be made of it. `dot` does it instead of keeping the message, `end` after."""

_numbers = count(1)


def touch(number: int) -> str:
    return f"018f0000-0000-7000-8000-{number:012x}"


def test_a_server_that_says_nothing_is_waited_for_ten_seconds_where_nothing_else_is_said() -> None:
    assert signature(SmtpPort).parameters["timeout"].default == 10


def message(to: str, text: str = "Hello\n", subject: str = "Tuesday 10 March") -> Message:
    return Message(touch(next(_numbers)), "email", to, subject, text)


def port_to(
    server: Running, scheme: str = "smtp", *, timeout: float = PATIENT, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> SmtpPort:
    return SmtpPort(f"{scheme}://{host}:{server.port}", SENDER, CLOCK, timeout=timeout, context=context)


def patience(behaviour: str) -> float:
    return IMPATIENT if "silent" in behaviour else PATIENT


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_what_became_of_a_message_is_told_by_how_far_it_got(behaviour: str) -> None:
    with running() as server:
        assert port_to(server, timeout=patience(behaviour)).send(message(f"{behaviour}-asha@example.org")) == BEHAVIOURS[behaviour]
        assert len(server.post.arrived) == (behaviour == "ok" or behaviour.startswith("end."))


def test_a_message_cut_off_before_its_final_dot_never_left() -> None:
    with running() as server:
        assert port_to(server).send(message("body.drop-asha@example.org", text="a line of words\n" * 2**19)) == "unreachable"
        assert server.post.arrived == []


@pytest.mark.parametrize(("behaviour", "delivery"), [("5xx", "refused"), ("4xx", "unreachable"), ("drop", "unreachable"), ("silent", "unreachable")])
def test_a_sender_who_is_not_welcome_is_told_apart_from_a_server_that_is_busy(behaviour: str, delivery: Delivery) -> None:
    with running(sender=behaviour) as server:
        assert port_to(server, timeout=patience(behaviour)).send(message("ok-asha@example.org")) == delivery


def test_nothing_listens() -> None:
    with running() as server:
        gone = port_to(server)
    assert gone.send(message("ok-asha@example.org")) == "unreachable"


def test_what_arrived_is_what_was_recorded_as_sent_and_perhaps_the_unknown_ones_and_nothing_twice() -> None:
    recorded: dict[str, Delivery] = {}
    with running() as server:
        usual, impatient = port_to(server), port_to(server, timeout=IMPATIENT)
        for round_ in range(8):
            for behaviour in BEHAVIOURS:
                if "silent" not in behaviour or round_ == 0:
                    sent = message(f"{behaviour}-{round_}@example.org")
                    recorded[sent.touch_id] = (impatient if "silent" in behaviour else usual).send(sent)
        arrived = server.post.touches()
    by_delivery = {delivery: {touch_id for touch_id, became in recorded.items() if became == delivery} for delivery in recorded.values()}
    assert max(Counter(arrived).values()) == 1
    assert by_delivery["sent"] <= {*arrived} <= by_delivery["sent"] | by_delivery["unknown"]
    assert {delivery: len(touches) for delivery, touches in by_delivery.items()} == {"sent": 8, "refused": 24, "unreachable": 42, "unknown": 18}


def test_what_arrives_is_what_was_written() -> None:
    text = "Hello Zoë,\n\n.a line with a dot\n..two\nand a long one: " + "ü" * 2000 + "\n"
    with running() as server:
        sent = message("ok-asha@example.org", text, "Grüße – Zoë")
        assert port_to(server).send(sent) == "sent"
        (mail,) = server.post.mails()
        (raw,) = server.post.arrived
    assert mail.get_content().replace("\r\n", "\n") == text
    assert mail["Subject"] == "Grüße – Zoë"
    assert mail["Message-ID"] == f"<{sent.touch_id}@together.example.org>"
    assert mail["X-Together-Touch"] == sent.touch_id
    assert mail["From"] == "Better Together <hello@together.example.org>"
    assert mail["Date"].datetime == CLOCK.now()
    assert max(map(len, raw.splitlines())) <= 998


@pytest.mark.parametrize(
    "inside", ["\r\nBcc: everyone@example.org", "\nX-Evil: yes\n\nbody", "\r\n.\r\nMAIL FROM:<x@example.org>", "\x00", "\u2028", "\ud800"]
)
def test_a_name_cannot_add_a_header_a_recipient_or_a_second_message(inside: str) -> None:
    with running() as server:
        port = port_to(server)
        assert port.send(message("ok-asha@example.org", f"Hello {inside}\n", f"Hello {inside} there")) == "sent"
        assert port.send(message(f"ok-asha@example.org{inside}")) == "refused"
        (mail,) = server.post.mails()
    assert mail.keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Together-Touch", "X-Together-Channel"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    ]
    assert "\n" not in mail["Subject"]


@pytest.mark.parametrize(
    "to", ["", "asha", "asha@", "@example.org", "a@example.org, b@example.org", "<a@example.org>", "jürgen@example.org", "a" * 300 + "@b.org"]
)
def test_what_is_no_single_address_is_refused_before_any_server_is_asked(to: str) -> None:
    port = SmtpPort("smtp://127.0.0.1:9", SENDER, CLOCK)
    assert port.send(message(to)) == "refused"


def test_an_address_in_another_script_s_domain_is_reached_as_dns_has_it() -> None:
    with running() as server:
        assert port_to(server).send(message("ok-asha@bücher.example")) == "sent"
        (mail,) = server.post.mails()
    assert mail["To"] == "ok-asha@xn--bcher-kva.example"


def test_a_text_message_is_not_a_mail_server_s() -> None:
    port = SmtpPort("smtp://127.0.0.1:9", SENDER, CLOCK)
    assert port.send(Message(touch(0), "sms", "+447700900118", "", "Hello")) == "refused"


def test_a_touch_cannot_be_asked_after_and_is_not_to_be_sent_again() -> None:
    port = SmtpPort("smtp://127.0.0.1:9", SENDER, CLOCK)
    assert port.repeatable is False
    assert port.was_sent(touch(0)) is None  # type: ignore[func-returns-value]


def test_starttls_with_a_password(serving_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with running(starttls=serving_tls, sign_in=True) as server:
        user = f"{USER}:{quote(PASSWORD, safe='')}@"
        port = SmtpPort(f"smtp://{user}127.0.0.1:{server.port}", SENDER, CLOCK, timeout=PATIENT, context=trusting)
        assert port.send(message("ok-asha@example.org")) == "sent"
        assert server.post.encrypted == server.post.signed_in == [True]


def test_tls_from_the_start(serving_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with running(tls=serving_tls) as server:
        assert port_to(server, "smtps", context=trusting).send(message("ok-asha@example.org")) == "sent"
        assert len(server.post.arrived) == 1


def test_a_wrong_password_or_a_certificate_that_nobody_vouches_for_is_no_way_out(serving_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with running(starttls=serving_tls, sign_in=True) as server:
        wrong = SmtpPort(f"smtp://{USER}:guess@127.0.0.1:{server.port}", SENDER, CLOCK, timeout=PATIENT, context=trusting)
        assert wrong.send(message("ok-asha@example.org")) == "unreachable"
        assert port_to(server).send(message("ok-asha@example.org")) == "unreachable"
    with running(tls=serving_tls) as server:
        assert port_to(server, "smtps").send(message("ok-asha@example.org")) == "unreachable"
        assert server.post.arrived == []


def test_a_server_elsewhere_that_offers_no_encryption_gets_nothing_unless_told_so() -> None:
    elsewhere = "127.1"  # a name of this machine that does not say so
    with running() as server:
        assert port_to(server, host=elsewhere).send(message("ok-asha@example.org")) == "unreachable"
        assert server.post.arrived == []
        plain = SmtpPort(f"smtp://{elsewhere}:{server.port}?tls=none", SENDER, CLOCK, timeout=PATIENT)
        assert plain.send(message("ok-asha@example.org")) == "sent"


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("mail.example.org", "hello@example.org"),
        ("http://mail.example.org", "hello@example.org"),
        ("smtp://", "hello@example.org"),
        ("smtp://mail.example.org:port", "hello@example.org"),
        ("smtp://mail.example.org:99999", "hello@example.org"),
        ("smtp://mail.example.org", None),
        ("smtp://mail.example.org", "nobody"),
        ("smtp://mail.example.org", "a@example.org, b@example.org"),
        (None, "a@b@c\n"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_at_once(url: str | None, sender: str | None, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="TOGETHER_S"):
        ports(tmp_path, CLOCK, smtp_url=url, sender=sender)


def test_with_a_mail_server_text_messages_have_no_way_out(tmp_path: Path) -> None:
    with running() as server:
        out = ports(tmp_path, CLOCK, smtp_url=f"smtp://127.0.0.1:{server.port}", sender="Better Together <hello@example.org>")
        assert [*out] == ["email"]
        assert out["email"].send(message("ok-asha@example.org")) == "sent"
        assert [mail["From"] for mail in server.post.mails()] == ["Better Together <hello@example.org>"]
