"""Answers arranged by a joint choice, on rankings written down here."""

from random import Random

from models.explain import Reason, render
from models.matching import NeedsHuman, Ranked, RankedMatch
from models.sharing import Waiting, share_places

IMPROVE = (Reason("if_free"),)


def somebody(name: str, scores: dict[str, float], arrived: float = 0.0, needs_human: NeedsHuman | None = None) -> Waiting:
    """Somebody with these scores by group."""
    best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    matches = (
        RankedMatch(group_id, rank, score, None, 1.0, (), (Reason("place"),), () if rank == 1 else IMPROVE)
        for rank, (group_id, score) in enumerate(best, start=1)
    )
    return Waiting(Ranked("model", "version", tuple(matches), needs_human=needs_human), name, arrived)


def told(answer: Ranked) -> list[tuple[str, list[str]]]:
    return [(match.group_id, [reason.code for reason in match.reasons]) for match in answer.matches]


ADA = somebody("ada", {"choir": 0.6, "walk": 0.5}, 2.0)
BEN = somebody("ben", {"choir": 0.6, "walk": 0.1}, 1.0)
CYD = somebody("cyd", {"choir": 0.2}, 3.0)
FREE = {"choir": 1, "walk": None}


def test_who_has_another_good_group_leaves_the_place_to_who_has_none_and_it_is_said() -> None:
    shared = share_places([ADA, BEN], FREE, top=10)
    assert told(shared.answers[0]) == [("walk", ["shared_out", "place"]), ("choir", ["likely_full"])]
    assert told(shared.answers[1]) == [("choir", ["first_when_shared", "place"]), ("walk", ["place"])]
    assert [match.rank for match in shared.answers[0].matches] == [1, 2]
    assert [match.score for match in shared.answers[0].matches] == [0.5, 0.6]


def test_what_would_make_a_group_first_is_said_only_where_the_first_is_first_by_score() -> None:
    moved, kept = share_places([ADA, BEN], FREE, top=10).answers
    assert [match.would_improve for match in moved.matches] == [(), ()]
    assert [match.would_improve for match in kept.matches] == [(), IMPROVE]


def test_who_gets_no_place_keeps_the_order_by_score_and_hears_what_is_likely_to_be_full() -> None:
    assert told(share_places([BEN, CYD], {"choir": 1, "walk": 0}, top=10).answers[1]) == [("choir", ["likely_full"])]


def test_a_group_with_a_waiting_list_and_no_place_is_nobodys_choice_and_nothing_new_is_said_of_it() -> None:
    assert told(share_places([CYD], {"choir": 0}, top=10).answers[0]) == [("choir", ["place"])]


def test_of_two_groups_that_fit_alike_nothing_is_said_to_fit_better() -> None:
    alike = {"choir": 0.6, "walk": 0.6}
    first, second = sorted(share_places([somebody(name, alike) for name in ("eve", "fay")], {"choir": 1, "walk": 1}, top=10).answers, key=told)
    assert told(first) == [("choir", ["first_when_shared", "place"]), ("walk", ["likely_full"])]
    assert told(second) == [("walk", ["shared_out_alike", "place"]), ("choir", ["likely_full"])]


def test_no_more_than_asked_for_is_proposed_and_the_chosen_group_always() -> None:
    assert told(share_places([ADA, BEN], FREE, top=1).answers[0]) == [("walk", ["shared_out", "place"])]


def test_whom_nothing_suits_still_needs_a_human() -> None:
    nobody = somebody("dan", {}, needs_human="nobody_in_reach")
    assert share_places([nobody, ADA], FREE, top=10).answers[0] == nobody.answer


def test_the_order_of_rows_changes_nobodys_answer() -> None:
    chance = Random(3)
    people = [somebody(f"p{number:02d}", {f"g{group}": chance.choice((0.3, 0.4)) for group in range(4)}, chance.random()) for number in range(30)]
    free = {f"g{group}": 5 for group in range(4)}
    before = dict(zip([one.key for one in people], share_places(people, free, top=3).answers, strict=True))
    chance.shuffle(people)
    assert dict(zip([one.key for one in people], share_places(people, free, top=3).answers, strict=True)) == before


def test_the_same_referral_twice_takes_one_place() -> None:
    shared = share_places([BEN, BEN, CYD], {"choir": 2, "walk": 0}, top=10)
    assert shared.answers[0] == shared.answers[1]
    assert (shared.jointly.placed, shared.jointly.total) == (2, 0.8)
    assert shared.jointly.expected.tolist() == [0.6, 0.6, 0.2]


def test_both_ways_of_sharing_are_told_one_by_one_in_the_order_of_arrival() -> None:
    shared = share_places([ADA, somebody("eve", {"choir": 0.55}, 3.0)], FREE, top=10)
    assert (shared.one_by_one.total, shared.one_by_one.placed, shared.one_by_one.groups) == (0.6, 1, 1)
    assert (shared.jointly.total, shared.jointly.placed, shared.jointly.groups) == (1.05, 2, 2)
    assert shared.bound == 1.05


def test_nobody_at_all_is_shared_out_too() -> None:
    shared = share_places([], FREE, top=10)
    assert (shared.answers, shared.jointly.total, shared.bound) == ([], 0.0, 0.0)


def test_the_sentences_are_plain() -> None:
    assert render(Reason("shared_out")) == "chosen together with the others who are referred: what fits even better is likely to be full"
    assert render(Reason("shared_out_alike")) == "chosen together with the others who are referred: another that fits as well is likely to be full"
