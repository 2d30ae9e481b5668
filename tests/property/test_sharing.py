"""Places shared among people: whatever is said of it is so by the places that are left once everybody has theirs."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from models.explain import Reason
from models.matching import Ranked, RankedMatch
from models.sharing import Waiting, share_places

FEWER = settings(max_examples=200)
"""Each example is a whole placing."""

SHARING = {"first_when_shared", "shared_out", "shared_out_alike", "likely_full"}
GROUPS = ("choir", "games", "swim", "walk")
scores = st.sampled_from((0.2, 0.3, 0.300001, 0.4))  # in whole millionths, as every score is
frees = st.fixed_dictionaries({group_id: st.none() | st.integers(0, 3) for group_id in GROUPS})
by_score_alone = st.just(dict.fromkeys(GROUPS, 1.0))
spread = st.fixed_dictionaries({group_id: st.sampled_from((0.1, 0.5, 1.0)) for group_id in GROUPS})
liked = st.lists(st.dictionaries(st.sampled_from(GROUPS), scores), min_size=1, max_size=6)


def ranked(by_group: dict[str, float], counts: dict[str, float]) -> Ranked:
    """These scores by group, ranked by what counts of them, and the first says where something fits better."""
    matches = [RankedMatch(group_id, 0, score, None, 1.0, (), (Reason("place"),), (), counts[group_id]) for group_id, score in by_group.items()]
    matches.sort(key=lambda match: (-match.worth, match.group_id))
    if matches and max(match.score for match in matches) > matches[0].score:
        matches[0] = matches[0]._replace(reasons=(Reason("spread_first"), *matches[0].reasons))
    return Ranked("model", "version", tuple(match._replace(rank=rank) for rank, match in enumerate(matches, start=1)))


@FEWER
@given(liked, frees, by_score_alone | spread)
def test_every_word_about_sharing_is_true(people: list[dict[str, float]], free: dict[str, int | None], counts: dict[str, float]) -> None:
    before = [ranked(one, counts) for one in people]
    shared = share_places([Waiting(answer, f"{number}", float(number)) for number, answer in enumerate(before)], free, top=len(GROUPS))
    chosen = [answer.matches[0].group_id if expected else None for answer, expected in zip(shared.answers, shared.jointly.expected, strict=True)]
    taken = Counter(chosen)
    full = {group_id for group_id, places in free.items() if places is not None and taken[group_id] >= places}
    for as_ranked, answer, own in zip(before, shared.answers, chosen, strict=True):
        for match in answer.matches:
            said = {reason.code for reason in match.reasons} & SHARING
            if match.group_id != own:
                assert said == ({"likely_full"} if match.group_id in full and free[match.group_id] else set())
                continue
            better = {other.group_id for other in answer.matches if other.score > match.score}
            alike = {other.group_id for other in answer.matches if other.score == match.score} - {own}
            truths = {
                "first_when_shared": not better,
                "shared_out": better and better <= full,
                "shared_out_alike": not better and alike & full,
                "likely_full": False,
            }
            assert len(said) <= 1
            assert all(truths[code] for code in said), said
            assert said or counts != dict.fromkeys(GROUPS, 1.0), "nobody is moved without a word"
            if counts == dict.fromkeys(GROUPS, 1.0) and round(as_ranked.matches[0].score, 6) > round(match.score, 6):
                assert said == {"shared_out"}
