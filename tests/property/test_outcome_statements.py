"""Whoever says whatever about one session, in whatever order it is read: revisions count up, and a coordinator's last word stands."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as some

from schemas.events.outcomes import SaidBy
from services.coordinator.domain import CaseFact, Clear
from services.coordinator.outcomes import Statement, outcome_of
from services.coordinator.standing import sessions_known, what_stands

ON = date(2026, 7, 7)
AT = datetime(2026, 7, 8, 9, tzinfo=UTC)
BY: tuple[SaidBy, ...] = ("person", "organiser", "coordinator")
sayings = some.lists(some.tuples(some.sampled_from(BY), some.booleans()), min_size=1, max_size=12)


def taken_down(said: Sequence[tuple[SaidBy, bool]]) -> list[CaseFact]:
    """What is written when this is said, one after the other."""
    written: list[CaseFact] = []
    for by, attended in said:
        fact = outcome_of(Statement("ada", "case", "choir", ON, attended, by), written).fact
        if fact:
            clear = Clear(group_id="choir", on=ON, said_by=fact.said_by, revision=fact.revision)
            written.append(CaseFact(f"e-{len(written)}", "case", "ada", f"better-together.{type(fact).__name__}", AT, clear=clear))
    return written


def came(fact: CaseFact) -> bool:
    return fact.name == "SessionAttended"


@given(sayings)
def test_revisions_count_up_and_the_same_again_says_nothing_new(said: list[tuple[SaidBy, bool]]) -> None:
    written = taken_down(said)
    assert [fact.clear.revision for fact in written] == list(range(1, len(written) + 1))
    assert taken_down([*said, said[-1]]) == written


@given(sayings, some.randoms(use_true_random=False))
def test_what_stands_is_the_coordinator_s_last_word_else_the_last_word_in_any_order(said: list[tuple[SaidBy, bool]], chance: Random) -> None:
    written = taken_down(said)
    shuffled = [*written, *written]
    chance.shuffle(shuffled)
    [stands] = sessions_known(shuffled).values()
    assert stands == what_stands(written)
    settled = [fact for fact in written if fact.clear.said_by == "coordinator"]
    assert came(stands) == (came(settled[-1]) if settled else said[-1][1])


@given(sayings, some.booleans(), sayings)
def test_after_a_coordinator_has_settled_it_nobody_else_changes_it(
    before: list[tuple[SaidBy, bool]], settled: bool, after: list[tuple[SaidBy, bool]]
) -> None:
    others = [(by, attended) for by, attended in after if by != "coordinator"]
    contrary: tuple[SaidBy, bool] = ("coordinator", not settled)
    written = taken_down([*before, contrary, ("coordinator", settled), *others])
    assert came(what_stands(written)) == settled
