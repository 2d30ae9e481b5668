"""A case's status is a function of the set of facts about it: no order, no duplicate and no two facts of one moment change it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from schemas.events import ALL
from services.coordinator.companions import OF_COMPANIONS
from services.coordinator.domain import ENDED, Arrival, Case, CaseFact, Clear
from services.coordinator.places import ANSWERS, place_id_of
from services.coordinator.standing import Standing, case_of, standings_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ARRIVAL = Arrival("case", "ada", NOW, urgent=False, referral_id=b"")
OF_STATUS = (
    "ReferralReceived", "RedFlagRaised", "RedFlagCleared", "MatchesProposed", "NoMatchFound", "ReferralWithdrawn", "ReferralClosed",
    "ReferralReopened", "GroupChosen", "MatchesDeclined", "SessionAttended", "SessionMissed", "TaskOpened", "TaskClosed", *sorted(ANSWERS),
    *sorted(OF_COMPANIONS),
)  # fmt: skip
SAID_BY = ("person", "organiser", "coordinator")
EVERYTHING = tuple(sorted(ALL))


@some.composite
def case_facts(draw: some.DrawFn) -> list[CaseFact]:
    """Facts about one case; versions and counts are given out once, as their only writers do."""
    names = draw(some.lists(some.sampled_from(OF_STATUS) | some.sampled_from(EVERYTHING), max_size=14))
    return [_fact(number, name, draw) for number, name in enumerate(names)]


def _fact(number: int, name: str, draw: some.DrawFn) -> CaseFact:
    at, version = NOW + timedelta(minutes=draw(some.integers(0, 3))), draw(some.integers(1, 3))
    told: dict[str, Any] = {}
    if name in ("GroupChosen", "MatchesDeclined"):
        told = {"group_id": "choir", "version": number + 1}
    elif name in ANSWERS or name == "PlaceGivenUp":
        told = {"place_id": place_id_of("case", version), "group_id": "choir", "count": number, "reason": "full"}
    elif name in ("SessionAttended", "SessionMissed"):
        told = {"group_id": "choir", "on": NOW.date() + timedelta(days=version), "revision": number, "said_by": draw(some.sampled_from(SAID_BY))}
    elif name in ("TaskOpened", "TaskClosed"):
        told = {"task_id": f"task-{version}", "due_at": NOW}
    elif name == "RedFlagRaised":
        told = {"flag_id": f"flag-{version}"}
    elif name == "RedFlagCleared":
        told = {"flag_ids": tuple(f"flag-{one}" for one in range(1, version + 1))}
    elif name in OF_COMPANIONS:
        told = {"pair_id": f"pair-{version}", "place_id": place_id_of("case", version)}
    human = draw(some.booleans()) if name == "NoMatchFound" else False
    return CaseFact(f"event-{number}", "case", "ada", f"better-together.{name}", at, needs_human=human, clear=Clear(**told))


def cases_of(arrivals: Sequence[Arrival], known: Sequence[CaseFact]) -> list[Case]:
    standings = standings_of({one.case_id: one.person for one in arrivals}, known)
    return [case_of(one, standings[one.case_id]) for one in arrivals]


def standing(*known: CaseFact) -> Standing:
    return standings_of({"case": "ada"}, known)["case"]


def fact(name: str, number: int = 0, minutes: int = 0, **told: Any) -> CaseFact:
    at = NOW + timedelta(minutes=minutes)
    return CaseFact(f"event-{name}-{number}-{minutes}", "case", "ada", f"better-together.{name}", at, clear=Clear(**told))


def chosen(version: int, minutes: int = 0) -> CaseFact:
    return fact("GroupChosen", version, minutes, group_id="choir", version=version)


def answer(name: str, version: int, count: int, minutes: int = 0) -> CaseFact:
    return fact(name, count, minutes, place_id=place_id_of("case", version), group_id="choir", count=count)


@given(case_facts(), some.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(known: list[CaseFact], chance: Random) -> None:
    shuffled = [*known]
    chance.shuffle(shuffled)
    assert standing(*known) == standing(*shuffled)
    assert cases_of([ARRIVAL], known) == cases_of([ARRIVAL], shuffled)


@given(case_facts())
def test_a_duplicate_changes_nothing(known: list[CaseFact]) -> None:
    assert standing(*known) == standing(*known, *known)


@given(case_facts())
def test_the_first_line_that_holds_is_the_status(known: list[CaseFact]) -> None:
    names, stands = {one.name for one in known}, standing(*known)
    cleared = {flag for one in known for flag in one.clear.flag_ids or ()}
    flags = {one.clear.flag_id for one in known if one.name == "RedFlagRaised"} - cleared
    assert stands.flags == flags
    assert (stands.status == "withdrawn") == ("ReferralWithdrawn" in names)
    if "ReferralClosed" in names and "ReferralReopened" not in names and "ReferralWithdrawn" not in names:
        assert stands.status == "closed"
    if flags and not names & {"ReferralWithdrawn", "ReferralClosed"}:
        assert stands.status == "needs_human"
    [case] = cases_of([ARRIVAL], known)
    assert (case.red_flag, case.priority) == (bool(flags), 0 if flags else 2)


@given(case_facts(), some.sampled_from(["MatchesProposed", "NoMatchFound"]))
def test_a_new_proposal_never_changes_what_was_decided(known: list[CaseFact], name: str) -> None:
    before = standing(*known)
    if before.version:
        assert standing(*known, fact(name, 99, 999)) == before


@given(case_facts())
def test_nothing_that_is_no_part_of_the_status_changes_it(known: list[CaseFact]) -> None:
    assert standing(*known).status == standing(*(one for one in known if one.name in (*OF_STATUS, "PlaceGivenUp"))).status


def test_a_referral_alone_is_received() -> None:
    assert standing().status == "received"


def test_the_newest_answer_of_the_matcher_counts() -> None:
    older, newer = fact("MatchesProposed"), fact("NoMatchFound", minutes=60)
    assert standing(newer, older).status == "no_match"
    human = CaseFact("event-3", "case", "ada", newer.type, newer.time, needs_human=True)
    assert standing(human).status == "needs_human"


def test_the_answer_to_the_newest_decision_counts_even_where_all_is_of_one_moment() -> None:
    assert standing(chosen(1)).status == "agreed"
    assert standing(answer("PlaceWaitlisted", 1, 4), chosen(1)).status == "waitlisted"
    assert standing(answer("PlaceHeld", 1, 5), chosen(1), answer("PlaceWaitlisted", 1, 4)).status == "placed"
    assert standing(chosen(2), answer("PlaceHeld", 1, 5), chosen(1)).status == "agreed"
    assert standing(chosen(1), answer("PlaceReleased", 1, 6), answer("PlaceHeld", 1, 5)).status == "proposed"
    assert standing(chosen(1), fact("MatchesDeclined", version=2), answer("PlaceHeld", 1, 5)).status == "proposed"
    assert standing(chosen(2), fact("MatchesDeclined", version=2), answer("PlaceHeld", 2, 5)).status == "placed"


def test_a_case_that_is_closed_and_reopened_at_one_moment_is_open_and_closed_again_it_is_closed() -> None:
    closed, reopened = fact("ReferralClosed"), fact("ReferralReopened")
    assert standing(reopened, closed).status not in ENDED
    assert standing(reopened, closed, fact("ReferralClosed", 1)).status == "closed"
    assert standing(closed, fact("ReferralReopened", minutes=1)).status not in ENDED
    assert standing(reopened, fact("ReferralClosed", minutes=1)).status == "closed"


def test_a_visit_counts_by_the_newest_word_about_it() -> None:
    came = fact("SessionAttended", group_id="choir", on=NOW.date(), revision=1)
    missed = fact("SessionMissed", group_id="choir", on=NOW.date(), revision=2)
    other = fact("SessionAttended", 1, group_id="choir", on=NOW.date() + timedelta(days=7), revision=1)
    assert standing(came).status == "attended"
    assert standing(missed, came).status == "received"
    assert standing(missed, came, other).status == "attended"


@given(case_facts())
def test_what_others_say_later_never_overrules_a_coordinator(known: list[CaseFact]) -> None:
    settled = fact("SessionAttended", 1, group_id="choir", on=NOW.date(), revision=1, said_by="coordinator")
    others = [fact("SessionMissed", 2, 9, group_id="choir", on=NOW.date(), revision=99, said_by=by) for by in ("person", "organiser")]
    assert standing(*known, settled).status == standing(*known, settled, *others).status


def test_a_flag_of_one_case_holds_for_every_case_of_the_person() -> None:
    other = Arrival("other", "ada", NOW, urgent=True, referral_id=b"")
    raised = fact("RedFlagRaised", flag_id="f")
    assert [case.status for case in cases_of([ARRIVAL, other], [raised])] == ["needs_human", "needs_human"]
