"""Who is written to, by which name and when, and who is a human's to tell."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.events.follow_ups import FollowUpFailed, FollowUpSent
from schemas.events.outcomes import ContactLost
from schemas.events.referrals import ReferralReceived
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.told import LIFE, ends, to_person
from tests.integration.followup.town import Town, local


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
