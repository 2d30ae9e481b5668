"""Who could go together is told by what they stated alone: the best pair first, whatever the order in which they came."""

from random import Random

from hypothesis import given
from hypothesis import strategies as some

from services.coordinator.companions import pair_id_of
from services.coordinator.pairing import Pair, Willing, best_pairs, pair_of

HOME, NEXT_DOOR, FAR = (52.62, -1.11), (52.621, -1.111), (52.75, -1.3)
WILLING = some.builds(
    Willing,
    place_id=some.sampled_from([f"place-{number}" for number in range(9)]),
    person=some.sampled_from([f"person-{number}" for number in range(6)]),
    case_id=some.just("case"),
    languages=some.sampled_from([(), ("en",), ("ur",), ("en-GB", "ur")]),
    home=some.sampled_from([None, HOME, NEXT_DOOR, FAR]),
)
SESSION = some.lists(WILLING, max_size=8, unique_by=lambda one: one.place_id)


def willing(name: str, languages: tuple[str, ...] = (), home: tuple[float, float] | None = None) -> Willing:
    return Willing(f"place-{name}", name, f"case-{name}", languages, home)


def names(pairs: list[Pair]) -> list[str]:
    return ["".join(side.person for side in pair.sides) for pair in pairs]


def test_who_share_a_language_come_before_who_live_near_and_ties_go_by_id() -> None:
    assert names(best_pairs([willing("a", ("en",), HOME), willing("b", (), HOME), willing("c", ("en",), FAR)])) == ["ac"]
    assert names(best_pairs([willing("a", (), HOME), willing("b", (), FAR), willing("c", (), NEXT_DOOR), willing("d")])) == ["ac", "bd"]
    assert names(best_pairs([willing(name) for name in "dcba"])) == ["ab", "cd"]


def test_a_reason_is_told_where_it_is_true_and_known() -> None:
    near = pair_of(willing("a", ("en-GB",), HOME), willing("b", ("EN",), NEXT_DOOR))
    assert near
    assert near.reasons == ("shared_language", "near")
    far = pair_of(willing("a", ("en",), HOME), willing("b", (), FAR))
    assert far
    assert far.reasons == ()


def test_nobody_goes_with_themselves_or_without_a_word_in_common_or_again_with_the_same() -> None:
    assert pair_of(willing("a"), Willing("place-z", "a", "another-case")) is None
    assert pair_of(willing("a", ("en",)), willing("b", ("ur",))) is None
    ended = pair_id_of("place-b", "place-a")
    assert names(best_pairs([willing("a"), willing("b"), willing("c")], {ended})) == ["ac"]
    assert best_pairs([willing("a"), willing("b")], {ended}) == []


@given(SESSION, some.randoms(use_true_random=False))
def test_the_order_in_which_they_came_changes_nothing_and_nobody_is_in_two_pairs(session: list[Willing], chance: Random) -> None:
    shuffled = [*session]
    chance.shuffle(shuffled)
    pairs = best_pairs(session)
    assert best_pairs(shuffled) == pairs
    persons = [side.person for pair in pairs for side in pair.sides]
    assert len(persons) == len(set(persons))


@given(SESSION)
def test_nobody_is_left_alone_who_could_go_with_somebody_else_who_is(session: list[Willing]) -> None:
    taken = {side.person for pair in best_pairs(session) for side in pair.sides}
    alone = [one for one in session if one.person not in taken]
    assert not any(pair_of(one, other) for one in alone for other in alone)
