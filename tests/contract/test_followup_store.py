"""What follow-up's store promises over either database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.envelope import Event
from schemas.events.base import Data, Purpose, Sealed
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.outcomes import SessionAttended
from schemas.events.places import HeldSession
from schemas.events.referrals import (
    ConsentChanged,
    ConsentChoice,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralDetails,
    ReferralMatching,
    ReferralReceived,
    ReferralReopened,
)
from schemas.group import Group, GroupContact
from schemas.referral import Consent, PersonContact
from services.chassis.service import Cause
from services.followup.domain.people import Known
from services.followup.domain.touches import Place, Touch
from tests.contract.conftest import Ground

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CAUSE = Cause("event-1", "correlation", "00-trace")
SESSION = HeldSession(date=date(2026, 3, 3), start=datetime(2026, 3, 3, 10, tzinfo=UTC))


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def told(id_: str, data: Data, minutes: int = 0) -> Event[Any]:
    return Event(id_, "", at(minutes), data, "")


def sealed(ground: Ground, event: Event[Any], name: str, purpose: Purpose, part: Any) -> Event[Any]:
    vault = ground.vault("directory" if purpose == "group" else "intake")
    text = vault.seal(purpose, event.data.subject, event.id, event.type, part.model_dump_json().encode())
    assert text is not None
    return replace(event, sealed={**event.sealed, name: Sealed(purpose, event.data.subject, event.id, event.type, text)})


def referral(ground: Ground, person: str = "ada", case_id: str = "case-1", minutes: int = 0) -> Event[Any]:
    event = told(f"ref-{case_id}", ReferralReceived(person=person, case_id=case_id, received_at=at(minutes)), minutes)
    details = ReferralDetails(referral_id="REF", person_id=f"of-{person}", contact=PersonContact(name="Ada", phone="07700 900123"))
    event = sealed(ground, event, "details", "details", details)
    return sealed(ground, event, "matching", "matching", ReferralMatching(consent=Consent(sms=True)))


def touch(id_: str, minutes: int = 60, **more: Any) -> Touch:
    made = Touch(id_, "ada", "case-1", "day_before", "sms", at(minutes), at(minutes + 600), CAUSE, "p", "choir", SESSION)
    return replace(made, **more)


def test_a_person_is_put_together_from_all_that_was_said(ground: Ground) -> None:
    stop = told("stop", ConsentChanged(person="ada"), 5)
    choice = ConsentChoice(consent=Consent(sms=False), about=["sms"], said_by="person")
    with ground.turn("followup") as store:
        store.receive([referral(ground), referral(ground, case_id="case-2", minutes=1)])
        store.receive([referral(ground)])
        assert store.people(["ada", "bo"])["ada"].consent.sms
        store.change_consent([sealed(ground, stop, "matching", "matching", choice)] * 2)
        store.end_cases([told("c", ReferralClosed(person="ada", case_id="case-1"), 7)])
        [ada] = store.people(["ada", "bo"], NOW).values()
        assert (ada.consent.sms, ada.turned_off, ada.contact.phone) == (False, {"sms"}, "07700 900123")
        assert (ada.flagged, ada.ended) == (False, {"case-1": "closed"})
        store.end_cases([told("r", ReferralReopened(person="ada", case_id="case-1"), 7)])
        assert store.people(["ada"])["ada"].ended == {}
        assert store.persons_called("of-ada") == store.persons_called("ada") == ["ada"]
        assert store.newest_case("ada") == "case-2"
        assert store.newest_case("bo") is None


def test_a_flag_that_was_cleared_before_it_was_learned_of_stays_cleared(ground: Ground) -> None:
    def flagged() -> bool:
        return bool(store.people(["ada"])["ada"].flagged)

    raised, again = (told(flag, RedFlagRaised(person="ada", case_id="case-1", flag_id=flag)) for flag in ("one", "two"))
    with ground.turn("followup") as store:
        store.receive([referral(ground)])
        store.clear_flags([told("x", RedFlagCleared(person="ada", flag_ids=["one"]))])
        store.raise_flags([raised, raised])
        assert not flagged()
        store.raise_flags([again])
        assert flagged()


def test_of_a_group_the_newest_word_counts_and_of_one_moment_the_last(ground: Ground) -> None:
    def listed(id_: str, name: str, minutes: int) -> Event[Any]:
        group = Group.model_validate({"group_id": "choir", "name": name})
        event = told(id_, GroupListed(group_id="choir", group=group, feed="town", content="00"), minutes)
        return sealed(ground, event, "contact", "group", GroupContact(email=f"{id_}@example.org"))

    with ground.turn("followup") as store:
        store.list_groups([listed("b", "Newer", 2), listed("a", "Older", 1), listed("c", "Newest", 2)])
        [choir] = store.groups(["choir"], NOW, ["choir"]).values()
        assert (choir.group.name, choir.listed, choir.address) == ("Newest", True, "c@example.org")
        store.list_groups([told("d", GroupDelisted(group_id="choir", feed="town"), 3)])
        assert not store.groups(["choir"], NOW)["choir"].runs


def test_what_could_not_be_read_is_remembered_until_it_is_mended(ground: Ground) -> None:
    with ground.turn("followup") as store:
        assert store.mend(["1"]) == set()
        store.receive([referral(ground)])
        store.mark_unreadable([("1", "referrals", "ada"), ("2", "groups", "choir"), ("1", "referrals", "ada")])
        assert store.people(["ada"])["ada"].unreadable
        assert store.groups(["choir"], NOW)["choir"].unreadable
        assert store.mend(["1", "3"]) == {"ada"}
        assert not store.people(["ada"])["ada"].unreadable


def test_a_place_and_who_came_are_kept_as_they_were_told_last(ground: Ground) -> None:
    waiting = Place("p", "choir", "ada", "case-1", 1, "waitlisted", CAUSE, at(0), CAUSE, at(0))
    held = replace(waiting, count=2, state="held", session=SESSION, confirmed=True)
    came = told("s", SessionAttended(person="ada", case_id="case-1", group_id="choir", on=date(2026, 3, 3), said_by="organiser"))
    with ground.turn("followup") as store:
        store.put_places([waiting, held])
        assert store.places(["p", "q"]) == {"p": held}
        assert store.places_of(["ada"]) == [held]
        store.know([came, came])
        assert store.known_of(["ada"]) == [Known("ada", "choir", date(2026, 3, 3), "organiser")]


def test_touches_are_looked_at_when_their_time_has_come(ground: Ground) -> None:
    with ground.turn("followup") as store:
        store.plan([touch("late", 2), touch("Z", 1), touch("a", 1), touch("far", 900)])
        store.plan([touch("a", 1, channel="email")])
        assert [one.touch_id for one in store.to_look_at(at(5), 10)] == ["Z", "a", "late"]
        store.postpone([("Z", at(30))])
        store.settle([touch("a", 1, state="claimed", claimed_at=at(5)), touch("late", 2, state="cancelled", reason="stopped")])
        assert store.to_look_at(at(5), 10) == []
        assert store.left_behind(10) == [touch("a", 1, state="claimed", claimed_at=at(5))]
        assert store.touch("late") == touch("late", 2, state="cancelled", reason="stopped")
        store.look_again(["nobody"], ["choir"])
        assert [one.touch_id for one in store.to_look_at(at(5), 10)] == ["Z"]
        assert len(store.touches_of(["ada"])) == 4


def test_an_answer_is_waited_for_until_it_comes(ground: Ground) -> None:
    with ground.turn("followup") as store:
        store.plan([touch("a"), touch("b")])
        store.wait_for_answers(["a", "b"], at(5))
        assert [one.touch_id for one in store.silent(at(5), 10)] == ["a", "b"]
        store.stop_waiting(["a"])
        assert [one.touch_id for one in store.silent(at(5), 10)] == ["b"]
        store.answered("ada")
        assert store.silent(at(5), 10) == []
        assert store.measure("a")
        assert not store.measure("a")


def test_what_was_said_last_is_known_again(ground: Ground) -> None:
    def again(minutes: int, *words: str) -> bool:
        return bool(store.says_again("ada", words, at(minutes), timedelta(minutes=10)))

    with ground.turn("followup") as store:
        assert [again(0, "yes"), again(5, "yes"), again(6, "no"), again(7, "yes"), again(18, "yes")] == [False, True, False, False, False]


def test_of_who_is_erased_only_that_and_their_messages_to_delete_are_left(ground: Ground) -> None:
    claimed = touch("sent", state="claimed", claimed_at=NOW)
    with ground.turn("followup") as store:
        store.receive([referral(ground), referral(ground, "bo", "case-2")])
        store.plan([touch("sent"), touch("planned")])
        store.settle([claimed])
        store.mark_unreadable([("1", "referrals", "ada")])
        store.forget(["ada"])
        store.forget(["ada"])
        assert store.erased(["ada", "bo"]) == {"ada"}
        assert store.people(["ada", "bo"]).keys() == {"bo"}
        assert store.touches_of(["ada"]) == []
        assert store.messages_to_delete() == ["sent"]
        store.deleted(["sent"])
        assert store.messages_to_delete() == []


def test_when_an_organiser_was_written_to_is_known_for_a_week(ground: Ground) -> None:
    asked = touch("o", step="organiser_asked", state="claimed", claimed_at=NOW)
    with ground.turn("followup") as store:
        store.plan([touch("o", step="organiser_asked")])
        store.settle([asked])
        assert store.groups(["choir"], at(5), ["choir"])["choir"].asked == (NOW,)
        assert store.groups(["choir"], NOW + timedelta(days=9), ["choir"])["choir"].asked == ()
