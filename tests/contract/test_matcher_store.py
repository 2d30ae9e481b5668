"""What the matcher's store promises over either database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from schemas.envelope import Event
from schemas.events.base import Data, Sealed
from schemas.events.referrals import RedFlagRaised, ReferralMatching, ReferralReceived
from services.matcher.domain import Rematch
from tests.contract.conftest import Ground

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def received(ground: Ground, id_: str, person: str) -> Event[Data]:
    """A referral as the matcher reads it: what it may know is sealed."""
    event: Event[Data] = Event(id_, "", NOW, ReferralReceived(person=person, case_id=f"case-{person}", received_at=NOW), "")
    text = ground.vault("intake").seal("matching", person, id_, event.type, ReferralMatching(tags=["choir"]).model_dump_json().encode())
    assert text is not None
    return replace(event, sealed={"matching": Sealed("matching", person, id_, event.type, text)})


def flag(id_: str, person: str) -> Event[Data]:
    return Event(id_, "", NOW, RedFlagRaised(person=person, case_id="case-1", flag_id=f"flag-{id_}"), "")


def test_facts_are_kept_once_and_opened_when_they_are_asked_for(ground: Ground) -> None:
    facts = [received(ground, "1", "ada"), flag("2", "ada"), received(ground, "3", "bo")]
    with ground.turn("matcher") as store:
        store.keep(facts, ["ada", "ada", "bo"])
        store.keep([facts[0], facts[0]], ["ada", "ada"])
    with ground.turn("matcher") as store:
        found = store.facts_about(["ada", "nobody"])
        assert {event.id for event in found["ada"]} == {"1", "2"}
        assert found.keys() == {"ada"}
        [opened] = [event.data.matching for event in store.opened(found["ada"]) if isinstance(event.data, ReferralReceived)]
        assert isinstance(opened, ReferralMatching)
        assert opened.tags == ["choir"]


def test_whom_a_flag_holds_back_is_remembered_until_they_are_let_go(ground: Ground) -> None:
    with ground.turn("matcher") as store:
        store.hold_back({"case-1": "ada", "case-2": "bo"})
        store.hold_back({"case-1": "ada"})
        assert store.held_back(["ada", "bo", "cy"]) == {"case-1": "ada", "case-2": "bo"}
        store.let_go(["case-1"])
        assert store.held_back(["ada", "bo"]) == {"case-2": "bo"}


def test_of_who_is_forgotten_nothing_is_left(ground: Ground) -> None:
    with ground.turn("matcher") as store:
        store.keep([flag("1", "ada"), flag("2", "bo")], ["ada", "bo"])
        store.hold_back({"case-1": "ada"})
        store.answered({"case-1": "choir", "case-2": "walk"}, {"case-1": "ada", "case-2": "bo"})
        store.forget(["ada"])
        assert store.facts_about(["ada", "bo"]).keys() == {"bo"}
        assert store.held_back(["ada"]) == {}
        assert store.proposed_first() == {"case-2": "walk"}


def test_what_is_proposed_first_is_that_of_the_newest_answer(ground: Ground) -> None:
    persons = {"case-1": "ada", "case-2": "bo", "case-3": "cy"}
    with ground.turn("matcher") as store:
        store.answered({"case-1": "choir", "case-2": "walk"}, persons)
        assert store.proposed_first() == {"case-1": "choir", "case-2": "walk"}
        store.answered({"case-1": "walk", "case-3": "choir"}, persons)
    with ground.turn("matcher") as store:
        assert store.proposed_first() == {"case-1": "walk", "case-3": "choir"}


def test_everybodys_facts_are_opened(ground: Ground) -> None:
    with ground.turn("matcher") as store:
        store.keep([received(ground, "1", "ada"), flag("2", "ada"), received(ground, "3", "bo")], ["ada", "ada", "bo"])
        everybody = store.everybody()
    assert {person: {fact.id for fact in facts} for person, facts in everybody.items()} == {"ada": {"1", "2"}, "bo": {"3"}}
    referrals = [fact.data.matching for facts in everybody.values() for fact in facts if isinstance(fact.data, ReferralReceived)]
    assert all(isinstance(matching, ReferralMatching) for matching in referrals)


def test_a_night_is_kept_once_and_the_newest_is_told(ground: Ground) -> None:
    one, two = Rematch(NOW.date()), Rematch(NOW.date() + timedelta(days=1), "done", 7, 2, 1.5, 1.25, 5, 4, "travels by walk", 0.125, 0.0625)
    with ground.turn("matcher") as store:
        assert store.last_rematch() is None
        store.keep_rematch(replace(two, found="begun"))
        store.keep_rematch(one)
        store.keep_rematch(two)
    with ground.turn("matcher") as store:
        assert store.last_rematch() == two
        assert store.rematches() == [one, two]
