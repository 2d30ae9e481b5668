"""What a coordinator decides, over a real folder: what is written, what stands after it, and what is refused."""

from typing import Any

import pytest

from schemas.events.cases import NoteWritten
from schemas.events.matches import MatchesDeclined, MatchesProposed, NoMatchFound, Unmet
from schemas.events.places import PlaceGivenUp, PlaceRefused, PlaceRequested, PlaceWaitlisted, WeeklySession
from schemas.events.referrals import PersonErased, RedFlag, RedFlagRaised, ReferralClosed, ReferralReopened, ReferralWithdrawn
from services.chassis.errors import Ambiguous, Conflict, NotFound, Rejected
from services.coordinator.commands import ChooseGroup, ClearFlags, CloseCase, DeclineGroups, RaiseFlag, ReopenCase
from services.coordinator.handlers import UnknownGroup
from tests.integration.coordinator.desk import Desk, proposal


def test_choosing_asks_for_a_place_and_the_answer_is_the_status(the_desk: Desk) -> None:
    chosen, requested = the_desk.ask(ChooseGroup, group_id="choir", note="She sang as a girl")
    assert (chosen.group_id, chosen.version, requested.group_id, requested.case_id) == ("choir", 1, "choir", "case-1")
    assert the_desk.case()["status"] == "agreed"
    the_desk.held(requested)
    case = the_desk.case()
    assert (case["status"], case["version"], case["chosen_group_id"]) == ("placed", 1, "choir")
    assert (case["place"]["state"], case["place"]["session"]["date"]) == ("held", "2026-07-07")
    assert [entry["event"] for entry in case["history"]][-2:] == ["GroupChosen", "PlaceHeld"]


def test_the_weekly_session_asked_for_is_one_when_the_person_is_free(the_desk: Desk) -> None:
    the_desk.refer("bob", "case-2", "REF-2", availability=[{"weekday": "tue", "start": "09:00", "end": "13:00"}])
    the_desk.refer("cyn", "case-3", "REF-3", availability=[{"weekday": "tue", "start": "11:00", "end": "13:00"}])
    weekly = [the_desk.ask(ChooseGroup, case, group_id="choir")[1].weekly for case in ("case-1", "case-2", "case-3")]
    assert weekly == [None, WeeklySession(weekday="tue", start="10:00"), None]


def test_the_same_choice_again_changes_nothing(the_desk: Desk) -> None:
    the_desk.ask(ChooseGroup, group_id="choir")
    assert the_desk.ask(ChooseGroup, group_id="choir") == []
    assert the_desk.ask(ChooseGroup, group_id="choir", version=0) == []
    assert the_desk.ask(ChooseGroup, group_id="choir", version=1) == []
    assert len(the_desk.written(PlaceRequested)) == 1


def test_another_choice_needs_the_version_and_gives_the_place_up(the_desk: Desk) -> None:
    [_, first] = the_desk.ask(ChooseGroup, group_id="choir")
    with pytest.raises(Conflict, match="the group choir is chosen"):
        the_desk.ask(ChooseGroup, group_id="games")
    with pytest.raises(Conflict, match="you saw version 0"):
        the_desk.ask(ChooseGroup, group_id="games", version=0)
    chosen, given_up, requested = the_desk.ask(ChooseGroup, group_id="games", version=1)
    assert (chosen.version, given_up.place_id, given_up.reason) == (2, first.place_id, "changed")
    assert requested.place_id != first.place_id
    the_desk.held(first)
    assert the_desk.case()["status"] == "agreed"


def test_after_a_refusal_the_same_group_is_a_new_decision(the_desk: Desk) -> None:
    [_, first] = the_desk.ask(ChooseGroup, group_id="choir")
    the_desk.place(PlaceRefused, first, reason="full")
    case = the_desk.case()
    assert (case["status"], case["chosen_group_id"], case["place"]["reason"]) == ("proposed", None, "full")
    assert case["history"][-1]["reason"] == "full"
    chosen, requested = the_desk.ask(ChooseGroup, group_id="choir")
    assert (chosen.version, requested.place_id == first.place_id) == (2, False)


def test_a_choice_whose_answer_was_lost_may_be_asked_for_again_whatever_became_of_its_place(the_desk: Desk) -> None:
    [_, first] = the_desk.ask(ChooseGroup, group_id="choir", version=0)
    the_desk.place(PlaceRefused, first, reason="full")
    assert the_desk.ask(ChooseGroup, group_id="choir", version=0) == []
    with pytest.raises(Conflict, match="you saw version 0"):
        the_desk.ask(ChooseGroup, group_id="games", version=0)
    [chosen, _] = the_desk.ask(ChooseGroup, group_id="choir", version=1)
    assert chosen.version == 2


def test_a_group_that_does_not_exist_is_refused(the_desk: Desk) -> None:
    for kind in (ChooseGroup, DeclineGroups):
        with pytest.raises(UnknownGroup):
            the_desk.ask(kind, group_id="chess")


def test_declining_all_names_every_proposed_group_once(the_desk: Desk) -> None:
    [declined, note] = the_desk.ask(DeclineGroups, reason="too_far", note="No bus")
    assert isinstance(declined, MatchesDeclined)
    assert isinstance(note, NoteWritten)
    assert (declined.version, declined.matching and declined.matching.groups) == (1, {"choir": "too_far"})  # type: ignore[union-attr]
    assert the_desk.ask(DeclineGroups, reason="too_far") == []
    assert the_desk.ask(DeclineGroups, group_id="choir", reason="too_far") == []
    [again] = the_desk.ask(DeclineGroups, group_id="choir", reason="too_loud")
    assert again.version == 2
    assert the_desk.case()["status"] == "proposed"


def test_declining_what_is_chosen_needs_the_version_and_gives_the_place_up(the_desk: Desk) -> None:
    [_, first] = the_desk.ask(ChooseGroup, group_id="choir")
    the_desk.place(PlaceWaitlisted, first)
    assert the_desk.case()["status"] == "waitlisted"
    with pytest.raises(Conflict):
        the_desk.ask(DeclineGroups, group_id="choir")
    [declined, given_up] = the_desk.ask(DeclineGroups, group_id="choir", version=1)
    assert (declined.version, given_up.reason) == (2, "declined")
    assert (the_desk.case()["status"], the_desk.case()["place"]) == ("proposed", None)
    [chosen, _] = the_desk.ask(ChooseGroup, group_id="choir")
    assert chosen.version == 3


def test_declining_another_group_lets_the_chosen_one_stand(the_desk: Desk) -> None:
    the_desk.ask(ChooseGroup, group_id="choir")
    [declined] = the_desk.ask(DeclineGroups, group_id="games", version=1)
    assert declined.version == 1
    assert (the_desk.case()["status"], the_desk.case()["chosen_group_id"]) == ("agreed", "choir")


def test_a_new_proposal_may_be_declined_for_the_same_reason_by_whoever_saw_it(the_desk: Desk) -> None:
    the_desk.ask(DeclineGroups, reason="too_far")
    the_desk.later(days=1)
    the_desk.say(MatchesProposed(person="ada", case_id="case-1", matching=proposal("choir", "games")))
    [declined] = the_desk.ask(DeclineGroups, reason="too_far", version=1)
    assert (declined.version, set(declined.matching.groups)) == (2, {"choir", "games"})


@pytest.mark.parametrize("asked", [{"reason": "too_far"}, {"reason": "too_far", "version": 0}, {"reason": "too_far", "group_id": "choir"}, {}])
@pytest.mark.parametrize("answer", ["proposal", "nothing"])
def test_the_same_decline_again_declines_no_newer_proposal(the_desk: Desk, asked: dict[str, Any], answer: str) -> None:
    the_desk.ask(DeclineGroups, **{**asked, "version": None})
    the_desk.later(seconds=1)
    fresh = MatchesProposed(person="ada", case_id="case-1", matching=proposal("games", "chess"))
    nothing = NoMatchFound(person="ada", case_id="case-1", matching=Unmet(model="m", directory_version="d"))
    the_desk.say(fresh if answer == "proposal" else nothing)
    the_desk.later(seconds=1)
    assert the_desk.ask(DeclineGroups, **asked) == []
    assert len(the_desk.written(MatchesDeclined)) == 1


def test_a_decline_of_one_group_is_no_decline_of_all(the_desk: Desk) -> None:
    the_desk.later(seconds=1)
    the_desk.say(MatchesProposed(person="ada", case_id="case-1", matching=proposal("choir", "games")))
    the_desk.later(seconds=1)
    the_desk.ask(DeclineGroups, group_id="choir", reason="too_far")
    the_desk.later(seconds=1)
    [declined] = the_desk.ask(DeclineGroups, reason="too_far")
    assert set(declined.matching.groups) == {"choir", "games"}


def test_a_choice_by_what_was_seen_before_two_others_is_refused(the_desk: Desk) -> None:
    the_desk.ask(ChooseGroup, group_id="choir", version=0)
    the_desk.ask(ChooseGroup, group_id="games", version=1)
    with pytest.raises(Conflict, match="you saw version 0"):
        the_desk.ask(ChooseGroup, group_id="choir", version=0)
    the_desk.ask(DeclineGroups, version=2)
    with pytest.raises(Conflict, match="you saw version 1"):
        the_desk.ask(ChooseGroup, group_id="games", version=1)


def test_closing_gives_the_place_up_and_reopening_lets_decide_again(the_desk: Desk) -> None:
    [_, first] = the_desk.ask(ChooseGroup, group_id="choir")
    the_desk.held(first)
    [closed, given_up] = the_desk.ask(CloseCase, reason="moved_away", note="To Hull")
    assert isinstance(closed, ReferralClosed)
    assert given_up.reason == "closed"
    assert the_desk.ask(CloseCase) == []
    assert (the_desk.case()["status"], the_desk.case()["history"][-1]["reason"]) == ("closed", "moved_away")
    for kind in (ChooseGroup, DeclineGroups):
        with pytest.raises(Conflict, match="closed"):
            the_desk.ask(kind, group_id="choir")
    [reopened] = the_desk.ask(ReopenCase)
    assert isinstance(reopened, ReferralReopened)
    assert the_desk.ask(ReopenCase) == []
    assert the_desk.case()["status"] == "proposed"
    [chosen, _] = the_desk.ask(ChooseGroup, group_id="choir")
    assert chosen.version == 2
    assert len(the_desk.written(PlaceGivenUp)) == 1


def test_a_withdrawn_referral_gives_its_place_up_and_stays_ended(the_desk: Desk) -> None:
    [_, first] = the_desk.ask(ChooseGroup, group_id="choir")
    the_desk.say(ReferralWithdrawn(person="ada", case_id="case-1"))
    [given_up] = the_desk.written(PlaceGivenUp)
    assert (given_up.place_id, given_up.reason) == (first.place_id, "withdrawn")
    for kind, fields in ((ChooseGroup, {"group_id": "choir"}), (DeclineGroups, {}), (ReopenCase, {})):
        with pytest.raises(Conflict, match="withdrawn"):
            the_desk.ask(kind, **fields)
    assert the_desk.case()["status"] == "withdrawn"


def test_erasure_gives_every_live_place_up_by_its_clear_ids(the_desk: Desk) -> None:
    the_desk.refer("ada", "case-2", "REF-2")
    places = {the_desk.ask(ChooseGroup, case, group_id="choir")[1].place_id for case in ("case-1", "case-2")}
    the_desk.say(PersonErased(person="ada"))
    assert {(one.place_id, one.reason) for one in the_desk.written(PlaceGivenUp)} == {(place_id, "erased") for place_id in places}
    with pytest.raises(NotFound):
        the_desk.ask(ChooseGroup, group_id="choir")


def test_a_second_worry_under_an_open_flag_is_noted(the_desk: Desk) -> None:
    assert len(the_desk.ask(RaiseFlag, reason="abuse", note="Her son shouts")) == 2
    [note] = the_desk.ask(RaiseFlag, reason="abuse", note="He takes her money")
    assert isinstance(note, NoteWritten)
    for again in ("Her son shouts", "He takes her money", None):
        assert the_desk.ask(RaiseFlag, reason="abuse", note=again) == []
    assert {one["text"] for one in the_desk.case()["notes"]} == {"Her son shouts", "He takes her money"}


@pytest.mark.parametrize(("noticed_in", "told"), [("flags", True), ("text", True), ("reply", False), ("coordinator", False)])
def test_what_a_flag_is_about_is_told_to_the_referrer_only_where_it_is_in_what_they_sent(the_desk: Desk, noticed_in: Any, told: bool) -> None:
    flag = RedFlag(code="abuse", noticed_in=noticed_in)
    the_desk.say(RedFlagRaised(person="ada", case_id="case-1", flag_id="f-1", matching=flag))
    [entry] = [one for one in the_desk.status()["history"] if one["event"] == "RedFlagRaised"]
    assert entry.get("reason") == ("abuse" if told else None)
    [entry] = [one for one in the_desk.case()["history"] if one["event"] == "RedFlagRaised"]
    assert (entry["reason"], the_desk.case()["flag_ids"]) == ("abuse", ["f-1"])


def test_flags_are_raised_once_a_code_and_cleared_together(the_desk: Desk) -> None:
    [raised] = the_desk.ask(RaiseFlag, reason="abuse")
    assert the_desk.ask(RaiseFlag, reason="abuse") == []
    [other] = the_desk.ask(RaiseFlag)
    assert other.matching.code == "other"
    case = the_desk.case()
    assert (case["status"], case["red_flag"], case["version"]) == ("needs_human", True, 0)
    [cleared] = the_desk.ask(ClearFlags, note="She is with her sister")
    assert cleared.flag_ids == sorted([raised.flag_id, other.flag_id])
    assert the_desk.ask(ClearFlags) == []
    assert (the_desk.case()["status"], the_desk.case()["red_flag"]) == ("proposed", False)


def test_a_flag_that_was_raised_since_is_not_cleared_unread(the_desk: Desk) -> None:
    [seen] = the_desk.ask(RaiseFlag, reason="abuse")
    [unread] = the_desk.ask(RaiseFlag, reason="self_harm")
    with pytest.raises(Conflict, match="another flag was raised since"):
        the_desk.ask(ClearFlags, note="Settled", settled_by="Sam Okafor", seen=frozenset({seen.flag_id}))
    assert the_desk.case()["red_flag"] is True
    both = frozenset({seen.flag_id, unread.flag_id})
    [cleared] = the_desk.ask(ClearFlags, note="Settled", settled_by="Sam Okafor", seen=both)
    assert (cleared.details.note, cleared.details.settled_by) == ("Settled", "Sam Okafor")
    assert the_desk.case()["red_flag"] is False


def test_of_two_decisions_on_one_version_one_wins_and_the_other_is_told(the_desk: Desk) -> None:
    first, second = (the_desk.put(ChooseGroup, group_id=group, version=0) for group in ("choir", "games"))
    assert not isinstance(first, Rejected)
    assert isinstance(second, Conflict)
    assert "the group choir is chosen (version 1)" in str(second)


def test_two_commands_in_one_transaction_are_decided_in_turn(the_desk: Desk) -> None:
    both = [the_desk.command(ChooseGroup, group_id=group) for group in ("choir", "games")]
    won, lost = the_desk.embedded.decide("coordinator", both)
    assert not isinstance(won, Rejected)
    assert isinstance(lost, Conflict)
    the_desk.put(CloseCase)
    assert the_desk.put(CloseCase) == []


def test_a_referral_id_of_two_cases_names_neither(the_desk: Desk) -> None:
    the_desk.refer("bob", "case-2", "REF-1")
    with pytest.raises(Ambiguous) as refused:
        the_desk.ask(CloseCase, "REF-1")
    assert set(refused.value.choices) == {"case-1", "case-2"}
