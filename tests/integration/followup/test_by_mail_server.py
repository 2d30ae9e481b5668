"""With a mail server set, e-mail leaves by it, who has only a phone is a human's, and what the server may have taken is never sent again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.events.follow_ups import FollowUpFailed, FollowUpSent
from services.followup.gateways import ports
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.town import Town, town
from tests.integration.followup_smtp.mail_server import Running, running


@pytest.fixture
def server() -> Iterator[Running]:
    with running() as up:
        yield up


@pytest.fixture
def the_town(tmp_path: Path, server: Running) -> Iterator[Town]:
    url = f"smtp://127.0.0.1:{server.port}"
    with town(tmp_path, ways_out=lambda clock: ports(tmp_path, clock, smtp_url=url, sender="hello@together.example")) as opened:
        yield opened


def placed_by_mail(the_town: Town, behaviour: str) -> None:
    """Somebody for whom the server behaves like this has a place."""
    the_town.refer(consent={"match": True, "email": True}, contact={"name": "Ada Byron", "email": f"{behaviour}-ada@example.org"})
    the_town.hold(session=THURSDAY)


def ends(the_town: Town) -> tuple[list[str], list[tuple[str, str]]]:
    """What was sent to persons, and what failed."""
    sent = [step for step in the_town.steps(FollowUpSent) if step != "organiser_asked"]
    return sent, [(data.step, data.reason) for data in the_town.facts(FollowUpFailed) if data.step != "organiser_asked"]


def test_what_arrived_is_what_was_recorded(the_town: Town, server: Running) -> None:
    placed_by_mail(the_town, "ok")
    assert ends(the_town) == (["first_session"], [])
    assert server.post.touches() == [data.touch_id for data in the_town.facts(FollowUpSent) if data.step == "first_session"]


@pytest.mark.parametrize(
    ("behaviour", "said"), [("rcpt.5xx", "refused"), ("rcpt.drop", "unreachable"), ("dot.drop", "unknown"), ("end.drop", "unknown")]
)
def test_what_did_not_certainly_arrive_is_a_human_s_and_not_sent_again(the_town: Town, server: Running, behaviour: str, said: str) -> None:
    placed_by_mail(the_town, behaviour)
    arrived = len(server.post.arrived)
    the_town.restart()
    the_town.later(hours=2)
    assert ends(the_town) == ([], [("first_session", said)])
    assert len(server.post.arrived) == arrived == (1 if behaviour == "end.drop" else 0)


def test_who_has_only_a_phone_is_a_human_s(the_town: Town) -> None:
    the_town.refer(consent={"match": True, "sms": True})
    the_town.hold(session=THURSDAY)
    assert ends(the_town) == ([], [("first_session", "unreachable")])
