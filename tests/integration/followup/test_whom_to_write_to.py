"""Who is written to, by which name and when, and who is a human's to tell."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from schemas.events.follow_ups import FollowUpClaimed, FollowUpFailed, FollowUpSent
from schemas.events.outcomes import ContactLost
from schemas.events.referrals import ReferralReceived
from services.chassis.database import open_database
from services.chassis.vault import Vault
from services.followup.store import SqlFollowupStore
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.told import LIFE, ends, to_person
from tests.integration.followup.town import LONDON, Town, local


def test_messages_speak_to_the_person_by_their_first_name(the_town: Town) -> None:
    the_town.refer(consent={"match": True, "email": True})
    the_town.hold(session=THURSDAY)
    placed = the_town
    [details] = [data.touch_id for data in placed.facts(FollowUpSent) if data.step == "first_session"]
    text = placed.outbox()[details].get_content()
    assert "Ada" in text
    assert "Byron" not in text
    assert "https://together.example/p/" in text
    asked = [data.touch_id for data in placed.facts(FollowUpSent) if data.step == "organiser_asked"]
    assert [placed.outbox()[touch_id]["To"] for touch_id in asked] == ["choir@example.org"]
    assert "https://together.example/g/" in placed.outbox()[asked[0]].get_content()


def test_nothing_goes_out_at_night(the_town: Town) -> None:
    the_town.refer()
    the_town.at(local(date(2026, 3, 2), 22))
    the_town.hold(session=THURSDAY)
    assert the_town.outbox() == {}
    the_town.at(local(date(2026, 3, 3), 7, 59))
    assert the_town.outbox() == {}
    the_town.at(local(date(2026, 3, 3), 8))
    assert to_person(the_town.steps(FollowUpSent)) == ["first_session"]


def test_who_cannot_be_written_to_is_a_human_s(the_town: Town) -> None:
    the_town.refer(consent={"match": True})
    the_town.hold(session=THURSDAY)
    the_town.later(days=60)
    assert to_person(the_town.steps(FollowUpSent)) == []
    assert [step for step, reason in ends(the_town, FollowUpFailed) if reason == "unreachable"] == LIFE
    assert the_town.facts(ContactLost) == []


def test_an_organiser_is_written_to_once_a_day(the_town: Town) -> None:
    for number in (1, 2, 3):
        the_town.refer(number)
        the_town.hold(number, THURSDAY)
    assert the_town.steps(FollowUpSent).count("organiser_asked") == 1
    the_town.later(days=1, minutes=1)
    assert the_town.steps(FollowUpSent).count("organiser_asked") == 2


def test_times_are_those_of_the_person_s_own_zone(the_town: Town) -> None:
    the_town.refer(time_zone="America/New_York")
    the_town.hold(session=THURSDAY)
    assert to_person(the_town.steps(FollowUpSent)) == []
    the_town.at(datetime(2026, 3, 2, 12, 59, tzinfo=UTC))
    assert to_person(the_town.steps(FollowUpSent)) == []
    the_town.at(datetime(2026, 3, 2, 13, 0, tzinfo=UTC))
    assert to_person(the_town.steps(FollowUpSent)) == ["first_session"]


@pytest.mark.parametrize("later", [{"phone": "07700 900123"}, None, {"phone": "07700 900123", "safe_to_contact": True}])
def test_that_contact_is_not_safe_is_not_taken_back_by_saying_nothing(the_town: Town, later: dict[str, Any] | None) -> None:
    the_town.refer(contact={"phone": "07700 900123", "safe_to_contact": False})
    the_town.later(days=1)
    the_town.refer(2, person_id="P-1", contact=later)
    assert {data.person for data in the_town.facts(ReferralReceived)} == {"person-1"}
    the_town.hold(session=THURSDAY)
    is_safe = later is not None and "safe_to_contact" in later
    assert to_person(the_town.steps(FollowUpSent)) == (["first_session"] if is_safe else [])
    assert (("first_session", "unreachable") in ends(the_town, FollowUpFailed)) is not is_safe


def test_what_an_organiser_was_asked_long_ago_is_not_looked_through(the_town: Town) -> None:
    for number in (1, 2):
        the_town.refer(number)
        the_town.hold(number, THURSDAY)
        the_town.later(days=20)
    the_town.refer(3)
    the_town.hold(3, local(date(2026, 4, 16), 14))
    [*_, newest] = [one.time for one in the_town.log("follow-ups") if isinstance(one.data, FollowUpClaimed)]
    looked_through: list[tuple[str, Any]] = []
    engine = open_database(the_town.embedded.folder.database, writes=False)
    event.listen(engine, "before_cursor_execute", lambda *told: looked_through.append((told[2], told[3])))
    with engine.connect() as connection:
        vault = Vault("followup", the_town.embedded.keys, frozenset({"group"}))
        asked = SqlFollowupStore(connection, vault, LONDON).groups(["choir"], the_town.clock.now(), ["choir"])["choir"].asked
        queries = [one for one in looked_through if "followup_touches" in one[0]]
        rows = [row for query, values in queries for row in connection.exec_driver_sql(query, values)]
    engine.dispose()
    assert asked == (newest,)
    assert len(rows) == 1
