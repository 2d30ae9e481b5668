"""What the matcher leaves to chance: within bounds, the same for the same work, as often as it says, and in the order of the scores."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from models.exploration import MOST
from models.matching import Ranked, RankedMatch
from models.seeker import Seeker
from services.chassis.service import Fact
from services.matcher.settings import PROPOSED, MatcherSettings
from tests.unit.matcher.matcher_cases import Matching, event, referral

CASES = 2_000
EXPLORING = MatcherSettings(exploration=MOST).chance


def rank_many(seekers: Sequence[Seeker], most: int) -> list[Ranked]:
    """As many groups as are asked for, for everybody, by falling score."""
    matches = tuple(RankedMatch(f"g{number:02d}", number + 1, 0.9 - number / 100, None, 1.0, (), (), ()) for number in range(most))
    return [Ranked("model", "directory", matches) for _ in seekers]


def proposed(matching: Matching, cases: int = CASES) -> list[Any]:
    """The rankings of so many cases."""
    facts: list[Fact] = matching.told(*(event(number, referral(f"case-{number}")) for number in range(cases)))
    return [fact.data.matching for fact in facts]  # type: ignore[attr-defined]


def test_nothing_is_left_to_chance_where_nothing_is_set() -> None:
    [ranking] = proposed(Matching(rank_many, MatcherSettings().chance), 1)
    assert [match["group_id"] for match in ranking.matches] == [f"g{number:02d}" for number in range(PROPOSED)]
    assert {match["propensity"] for match in ranking.matches} == {1.0}
    assert ranking.exploration == 0.0


def test_groups_are_proposed_as_often_as_their_propensity_says() -> None:
    rankings = proposed(Matching(rank_many, EXPLORING))
    seen = Counter(match["group_id"] for ranking in rankings for match in ranking.matches)
    said = {match["group_id"]: match["propensity"] for ranking in rankings for match in ranking.matches}
    assert {ranking.exploration for ranking in rankings} == {MOST}
    assert said["g00"] == 1.0
    assert set(said) == {f"g{number:02d}" for number in range(PROPOSED + 3)}
    for group, likely in said.items():
        assert abs(seen[group] / CASES - likely) <= 4 * (likely * (1 - likely) / CASES) ** 0.5


def test_the_first_stays_first_and_ranks_follow_the_scores() -> None:
    for ranking in proposed(Matching(rank_many, EXPLORING), 200):
        scores = [match["score"] for match in ranking.matches]
        assert ranking.matches[0]["group_id"] == "g00"
        assert [match["rank"] for match in ranking.matches] == list(range(1, PROPOSED + 1))
        assert scores == sorted(scores, reverse=True)


def test_the_same_work_done_twice_proposes_the_same() -> None:
    assert proposed(Matching(rank_many, EXPLORING), 200) == proposed(Matching(rank_many, EXPLORING), 200)
