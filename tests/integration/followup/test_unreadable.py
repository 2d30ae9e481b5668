"""What cannot be read may be a STOP: it stops the automation of its person, or of its group, until it is mended."""

from datetime import date

import pytest

from schemas.envelope import Event
from schemas.events import ALL
from schemas.events.follow_ups import FollowUpFailed, FollowUpSent
from schemas.events.places import PlaceWaitlisted
from services.chassis import log
from services.chassis.codec import Record
from services.chassis.database import open_database, transaction
from services.chassis.telemetry import Timings
from services.followup.handlers.facts import follow_people
from tests.integration.followup.town import Town, local

THEN = "2026-03-02T09:00:00+00:00"
DAMAGED = "01890a5d-ac96-774b-bcce-b302099a8057"


def append_unreadable(the_town: Town, stream: str, subject: str) -> None:
    """Put a record into the log that nobody can read."""
    append(the_town, Record(stream, subject, DAMAGED, "better-together.ConsentChanged", "/x", THEN, DAMAGED, None, None, b"{damaged"))


def append(the_town: Town, record: Record) -> None:
    """Put a record into the log."""
    with transaction(open_database(the_town.embedded.folder.database, writes=True), Timings()) as connection:
        log.append(connection, [record], the_town.clock.now().isoformat())


def to_ada(the_town: Town) -> list[str]:
    """What was sent to her."""
    return [step for step in the_town.steps(FollowUpSent) if step != "organiser_asked"]


@pytest.mark.parametrize(("stream", "subject"), [("referrals", "person-1"), ("outcomes", "person-1"), ("groups", "choir"), ("places", "choir")])
def test_it_stops_everything_of_its_person_or_its_group(placed: Town, stream: str, subject: str) -> None:
    append_unreadable(placed, stream, subject)
    placed.days(60)
    assert to_ada(placed) == ["first_session"]
    told = [(data.step, data.reason) for data in placed.facts(FollowUpFailed) if data.step != "organiser_asked"]
    assert told == [(step, "unreachable") for step in ("day_before", "day_after", "week_2", "week_6")]


def test_it_stops_nobody_else(placed: Town) -> None:
    append_unreadable(placed, "referrals", "person-2")
    placed.days(12)
    assert to_ada(placed) == ["first_session", "day_before", "day_after"]


def test_it_holds_until_what_could_not_be_read_can_be_read(placed: Town) -> None:
    append_unreadable(placed, "groups", "choir")
    placed.days(9)
    placed.later(hours=6)
    assert to_ada(placed) == ["first_session"]
    with placed.storing() as store:
        store.mend([DAMAGED])
        store.look_again([], ["choir"])
    placed.embedded.settle()
    assert to_ada(placed) == ["first_session", "day_before"]


def test_a_retry_that_can_be_read_lifts_it(placed: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    cleared = b'{"person": "person-1", "flag_ids": []}'
    with monkeypatch.context() as older_version:
        older_version.delitem(ALL, "RedFlagCleared")
        append(placed, Record("referrals", "person-1", DAMAGED, "better-together.RedFlagCleared", "/x", THEN, DAMAGED, None, None, cleared))
        placed.days(9)
        placed.later(hours=6)
    assert to_ada(placed) == ["first_session"]
    placed.embedded.retry(placed.embedded.dead_letters())
    placed.embedded.settle()
    assert to_ada(placed) == ["first_session", "day_before"]


@pytest.mark.parametrize(("id_", "looks_again"), [(DAMAGED, True), ("01890a5d-ac96-774b-bcce-b302099a8058", False)])
def test_somebody_else_s_place_is_no_reason_to_look_again_but_where_it_mends_the_group(placed: Town, id_: str, looks_again: bool) -> None:
    append_unreadable(placed, "places", "choir")
    placed.at(local(date(2026, 3, 11), 15))
    theirs = PlaceWaitlisted(place_id="place-2", person="person-2", case_id="case-2", group_id="choir", count=9)
    with placed.storing() as store:
        assert store.to_look_at(placed.clock.now(), 10) == []
        follow_people([Event(id_, "/better-together/directory", placed.clock.now(), theirs, correlationid=id_)], store, ())
        assert [touch.step for touch in store.to_look_at(placed.clock.now(), 10)] == (["day_before"] if looks_again else [])
