"""Whatever two clients decide at once, one decision stands for each version, and nothing is asked for twice."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from schemas.events.matches import GroupChosen, MatchesDeclined
from schemas.events.places import PlaceGivenUp, PlaceRequested
from schemas.events.referrals import ReferralClosed, ReferralReopened
from services.chassis.errors import Conflict, Rejected
from services.coordinator.commands import ChooseGroup, CloseCase, Command, DeclineGroups, ReopenCase
from tests.integration.coordinator.desk import desk

ASKED: dict[str, tuple[type[Command], dict[str, Any]]] = {
    "choir": (ChooseGroup, {"group_id": "choir"}),
    "games": (ChooseGroup, {"group_id": "games"}),
    "decline": (DeclineGroups, {"reason": "too_far"}),
    "close": (CloseCase, {}),
    "reopen": (ReopenCase, {}),
}
moves = some.lists(some.tuples(some.sampled_from(sorted(ASKED)), some.none() | some.integers(0, 4), some.booleans()), min_size=2, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moves)
def test_one_decision_stands_for_each_version_and_every_place_but_the_last_is_given_up(asked: list[tuple[str, int | None, bool]]) -> None:
    with TemporaryDirectory() as folder, desk(Path(folder)) as opened:
        opened.refer()
        for name, version, settled in asked:
            kind, fields = ASKED[name]
            answered = opened.put(kind, **{**fields, "version": version})
            assert not isinstance(answered, Rejected) or (isinstance(answered, Conflict) and str(answered))
            if settled:
                opened.embedded.settle()
        opened.embedded.settle()
        chosen, declined = opened.written(GroupChosen), opened.written(MatchesDeclined)
        versions = Counter([*(one.version for one in chosen), *(one.version for one in declined)])
        assert sorted(versions) == list(range(1, len(versions) + 1))
        assert set(versions.values()) <= {1}
        requested = {one.place_id for one in opened.written(PlaceRequested)}
        given_up = Counter(one.place_id for one in opened.written(PlaceGivenUp))
        assert len(requested) == len(chosen)
        assert set(given_up.values()) <= {1}
        assert given_up.keys() <= requested
        case = opened.case()
        live = {case["place"]["place_id"]} if case["chosen_group_id"] else set()
        assert requested - given_up.keys() == live
        assert len(opened.written(ReferralClosed)) - len(opened.written(ReferralReopened)) == (case["status"] == "closed")
