"""A case's status is a function of the set of facts about it: no order and no duplicate changes it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from services.coordinator.domain import Arrival, Case, CaseFact
from services.coordinator.standing import case_of, standing_of, standings_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ARRIVAL = Arrival("case", "ada", NOW, urgent=False, referral_id=b"")
KINDS = ("ReferralReceived", "RedFlagRaised", "MatchesProposed", "NoMatchFound", "ReferralWithdrawn")

facts = some.lists(
    some.builds(
        lambda number, kind, minute, human: CaseFact(
            f"event-{number}", "case", "ada", f"better-together.{kind}", NOW + timedelta(minutes=minute), needs_human=human
        ),
        some.integers(0, 99),
        some.sampled_from(KINDS),
        some.integers(0, 5),
        some.booleans(),
    ),
    unique_by=lambda fact: fact.event_id,
    max_size=8,
)


def cases_of(arrivals: list[Arrival], known: list[CaseFact]) -> list[Case]:
    standings = standings_of({one.case_id: one.person for one in arrivals}, known)
    return [case_of(one, standings[one.case_id]) for one in arrivals]


def status_of(*known: CaseFact) -> str:
    return standings_of({"case": "ada"}, known)["case"].status


@given(facts, some.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(known: list[CaseFact], chance: object) -> None:
    shuffled = [*known]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert cases_of([ARRIVAL], known) == cases_of([ARRIVAL], shuffled)


@given(facts)
def test_a_duplicate_changes_nothing(known: list[CaseFact]) -> None:
    assert cases_of([ARRIVAL], known) == cases_of([ARRIVAL], [*known, *known])


@given(facts)
def test_a_withdrawal_stands_above_all_and_a_flag_above_every_proposal(known: list[CaseFact]) -> None:
    [case] = cases_of([ARRIVAL], known)
    names = {fact.name for fact in known}
    assert (case.status == "withdrawn") == ("ReferralWithdrawn" in names)
    assert case.red_flag == ("RedFlagRaised" in names)
    assert case.priority == (0 if case.red_flag else 2)


def test_a_referral_alone_is_received() -> None:
    assert standing_of({}).status == "received"


def test_the_newest_answer_of_the_matcher_counts() -> None:
    older = CaseFact("event-1", "case", "ada", "better-together.MatchesProposed", NOW)
    newer = CaseFact("event-2", "case", "ada", "better-together.NoMatchFound", NOW + timedelta(hours=1))
    assert status_of(newer, older) == "no_match"
    assert status_of(CaseFact("event-3", "case", "ada", newer.type, newer.time, needs_human=True)) == "needs_human"


def test_a_flag_of_one_case_holds_for_every_case_of_the_person() -> None:
    other = Arrival("other", "ada", NOW, urgent=True, referral_id=b"")
    flag = CaseFact("event-1", "case", "ada", "better-together.RedFlagRaised", NOW)
    assert [case.status for case in cases_of([ARRIVAL, other], [flag])] == ["needs_human", "needs_human"]
