"""What learning's store promises over either database."""

from dataclasses import replace
from datetime import UTC, datetime

from models.registry import Promotion
from schemas.envelope import Event
from schemas.events.base import Data, Sealed
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.referrals import PersonErased, ReferralMatching, ReferralReceived
from services.learning.domain import Run
from tests.contract.conftest import Ground

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def received(ground: Ground, id_: str, person: str) -> Event[Data]:
    """A referral as learning reads it: what it may know is sealed."""
    event: Event[Data] = Event(id_, "", NOW, ReferralReceived(person=person, case_id=f"case-{person}", received_at=NOW), "")
    text = ground.vault("intake").seal("matching", person, id_, event.type, ReferralMatching(tags=["choir"]).model_dump_json().encode())
    assert text is not None
    return replace(event, sealed={"matching": Sealed("matching", person, id_, event.type, text)})


def session(id_: str, person: str, *, came: bool = True) -> Event[Data]:
    kind = SessionAttended if came else SessionMissed
    return Event(id_, "", NOW, kind(person=person, case_id="c", group_id="g", on=NOW.date(), said_by="person"), "")


def test_facts_are_kept_once_and_opened_for_a_training_run(ground: Ground) -> None:
    facts = [received(ground, "1", "ada"), session("2", "ada"), session("3", "bo", came=False)]
    with ground.turn("learning") as store:
        store.keep(facts, ["ada", "ada", "bo"])
        store.keep([facts[0], facts[0]], ["ada", "ada"])
    with ground.turn("learning") as store:
        found = store.everybody()
        assert {person: {event.id for event in some} for person, some in found.items()} == {"ada": {"1", "2"}, "bo": {"3"}}
        [opened] = [event.data.matching for event in found["ada"] if isinstance(event.data, ReferralReceived)]
        assert isinstance(opened, ReferralMatching)
        assert opened.tags == ["choir"]
        assert store.facts_about(["bo", "nobody"]) == {"bo": found["bo"]}
        assert store.outcomes() == 2


def test_what_is_sealed_is_kept_sealed_and_is_nothing_once_the_key_is_destroyed(ground: Ground) -> None:
    with ground.turn("learning") as store:
        store.keep([received(ground, "1", "ada")], ["ada"])
        assert b"choir" not in repr(store._connection.exec_driver_sql("SELECT * FROM learning_facts").all()).encode()
    ground.keys_of("intake").destroy("ada")
    with ground.turn("learning") as store:
        [fact] = store.everybody()["ada"]
        assert fact.data.matching is None


def test_of_who_is_forgotten_nothing_is_left(ground: Ground) -> None:
    with ground.turn("learning") as store:
        store.keep([session("1", "ada"), session("2", "bo")], ["ada", "bo"])
        assert store.erased(["ada", "bo"]) == set()
        store.forget(["ada"])
        store.keep([Event("3", "", NOW, PersonErased(person="ada"), "")], ["ada"])
        assert store.erased(["ada", "bo"]) == {"ada"}
        assert store.outcomes() == 1


def test_runs_and_promotions_are_remembered_in_their_order(ground: Ground) -> None:
    first, second = Run(1, NOW, 60), Run(2, NOW, 90, "too_few", "30 new outcomes")
    promotions = [Promotion("a", "learned-a", NOW.isoformat(), "wins"), Promotion("b", "learned-b", NOW.isoformat(), "wins again")]
    with ground.turn("learning") as store:
        assert (store.last_run(), store.history()) == (None, [])
        store.begin(first)
        store.end(replace(first, found="promoted", because="wins", model="learned-a", people=12))
        store.begin(second)
        for number, promotion in enumerate(promotions, 1):
            store.promoted(number, promotion)
    with ground.turn("learning") as store:
        assert store.last_run() == second
        assert store.runs() == [replace(first, found="promoted", because="wins", model="learned-a", people=12), second]
        assert store.history() == promotions
