"""With a mail server set, e-mail leaves by it, who has only a phone is a human's, and what the server may have taken is never sent again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from schemas.events.follow_ups import FollowUpFailed, FollowUpSent
from services.followup.gateways import ports
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.town import Town, town


@dataclass
class Server:
    """Takes mail; `refuses` has it say no after the data, `drops` hang up there."""

    refuses: bool = False
    drops: bool = False
    taken: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802, the server's name for it
        """Take a message, or not."""
        content: Any = envelope.content
        if self.refuses:
            return "550 not here"
        self.taken.append(bytes(content).decode())
        if self.drops and server.transport:
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 taken"


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def the_town(tmp_path: Path, server: Server) -> Iterator[Town]:
    controller = Controller(server, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        assert controller.server is not None
        address = controller.server.sockets[0].getsockname()
        url = f"smtp://127.0.0.1:{address[1]}"
        with town(tmp_path, ways_out=lambda clock: ports(tmp_path, clock, smtp_url=url, sender="hello@together.example")) as opened:
            opened.refer(consent={"match": True, "email": True})
            yield opened
    finally:
        controller.stop()


def ends(the_town: Town) -> tuple[list[str], list[tuple[str, str]]]:
    """What was sent to the person, and what failed."""
    sent = [step for step in the_town.steps(FollowUpSent) if step != "organiser_asked"]
    return sent, [(data.step, data.reason) for data in the_town.facts(FollowUpFailed) if data.step != "organiser_asked"]


def test_what_arrived_is_what_was_recorded(the_town: Town, server: Server) -> None:
    the_town.hold(session=THURSDAY)
    assert ends(the_town) == (["first_session"], [])
    [to_ada] = [mail for mail in server.taken if "ada@example.org" in mail]
    assert the_town.facts(FollowUpSent)[0].touch_id in to_ada


def test_what_was_refused_is_a_human_s(the_town: Town, server: Server) -> None:
    server.refuses = True
    the_town.hold(session=THURSDAY)
    assert ends(the_town) == ([], [("first_session", "refused")])


def test_what_may_have_been_taken_is_unknown_and_not_sent_again(the_town: Town, server: Server) -> None:
    server.drops = True
    the_town.hold(session=THURSDAY)
    server.drops = False
    the_town.restart()
    the_town.later(hours=2)
    assert ends(the_town) == ([], [("first_session", "unknown")])
    assert len([mail for mail in server.taken if "ada@example.org" in mail]) == 1


def test_who_has_only_a_phone_is_a_human_s(the_town: Town) -> None:
    the_town.refer(2, consent={"match": True, "sms": True})
    the_town.hold(2, THURSDAY)
    assert ends(the_town) == ([], [("first_session", "unreachable")])
