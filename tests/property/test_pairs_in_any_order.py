"""Two people, their facts in any order and batches, and whatever a link worker does: where they stand is the same, and no name comes early."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as some

from schemas.events.base import Data
from schemas.events.cases import CompanionAgreed, CompanionAsked
from schemas.events.matches import GroupChosen
from schemas.events.places import PlaceHeld, PlaceReleased
from schemas.events.referrals import (
    ConsentChanged,
    ConsentChoice,
    RedFlag,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralDetails,
    ReferralMatching,
    ReferralReceived,
)
from schemas.referral import Consent
from services.chassis.errors import Conflict
from services.coordinator.commands import TogetherAnswer
from services.coordinator.places import place_id_of
from tests.integration.coordinator.desk import NOW, TUESDAY, desk
from tests.integration.coordinator.pairs import AGREED, Pairs

PEOPLE = ("ada", "bo")
ENDINGS = ("flag", "flag and cleared", "closed", "consent", "released", None)
Lane = list[Data]


def lanes(person: str, ending: str | None) -> list[Lane]:
    """The facts about one person by stream, each stream in its order."""
    about: dict[str, Any] = {"person": person, "case_id": f"case-{person}"}
    place = {**about, "group_id": "choir", "place_id": place_id_of(f"case-{person}", 1)}
    details, matching = ReferralDetails(referral_id=person, person_id=person), ReferralMatching.model_validate({"consent": AGREED})
    referrals: Lane = [ReferralReceived(**about, received_at=NOW, details=details, matching=matching)]
    places: Lane = [PlaceHeld(**place, session=TUESDAY, count=1 + PEOPLE.index(person))]
    if ending in ("flag", "flag and cleared"):
        referrals.append(RedFlagRaised(**about, flag_id="f", matching=RedFlag(code="abuse", noticed_in="reply")))
    if ending == "flag and cleared":
        referrals.append(RedFlagCleared(person=person, flag_ids=["f"]))
    if ending == "closed":
        referrals.append(ReferralClosed(**about))
    if ending == "consent":
        referrals.append(ConsentChanged(person=person, matching=ConsentChoice(consent=Consent(match=True), said_by="person")))
    if ending == "released":
        places.append(PlaceReleased(**place, reason="refused_by_organiser", count=9))
    return [referrals, [GroupChosen(**about, group_id="choir", version=1)], places]


@some.composite
def batches(draw: some.DrawFn) -> tuple[str | None, list[Sequence[Data]]]:
    """How it ends for one of them, and all facts about both in some order and some batches."""
    ending = draw(some.sampled_from(ENDINGS))
    left = [*lanes("ada", None), *lanes("bo", ending)]
    merged: Lane = []
    while waiting := [lane for lane in left if lane]:
        merged.append(draw(some.sampled_from(waiting)).pop(0))
    sizes = draw(some.lists(some.integers(1, len(merged)), max_size=4))
    cuts = [0, *(cut for cut in accumulate(sizes) if cut < len(merged)), len(merged)]
    return ending, [merged[start:end] for start, end in pairwise(cuts)]


@settings(max_examples=25, deadline=None)
@given(batches())
def test_the_order_and_the_batches_of_facts_change_nothing(told: tuple[str | None, list[Sequence[Data]]]) -> None:
    ending, some_facts = told
    with TemporaryDirectory() as folder, desk(Path(folder)) as opened:
        pairs = Pairs(opened, {})
        for facts in some_facts:
            opened.say(*facts)
        opened.later(minutes=1)
        stands = {pairs.stands(person) for person in PEOPLE}
        kinds = {kind for person in PEOPLE for kind in pairs.to_do(person)}
        if ending is None:
            assert (stands, kinds) == ({"suggested"}, {"could_go_together"})
        elif ending != "flag and cleared":
            assert (stands, kinds) == ({None}, set())
        assert len(stands) == 1
        assert pairs.written(CompanionAsked, CompanionAgreed) == []


def acts() -> some.SearchStrategy[list[tuple[str, str]]]:
    """What is done about either of two people, one after the other."""
    return some.lists(some.tuples(some.sampled_from(PEOPLE), some.sampled_from(("ask", "yes", "yes", "no", "apart", "flag", "clear"))), max_size=7)


@settings(max_examples=20, deadline=None)
@given(acts())
def test_no_name_is_told_before_two_yeses_or_after_a_flag(done: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder, desk(Path(folder)) as opened:
        pairs = Pairs(opened, {})
        for person in PEOPLE:
            pairs.comes(person)
        yes: set[str] = set()
        asked = over = False
        for person, act in done:
            over = over or act in ("flag", "no", "apart")
            asked = asked or (act == "ask" and not over)
            if act == "yes" and asked and not over:
                yes.add(person)
            _do(pairs, person, act)
            for one in PEOPLE:
                beside = pairs.companion(one)
                name = beside["first_name"] if beside else None
                assert bool(name) == (yes == {*PEOPLE} and not over)
                assert not (over and pairs.stands(one))


def _do(pairs: Pairs, person: str, act: str) -> None:
    """What is refused changes nothing."""
    if act == "flag":
        pairs.desk.say(RedFlagRaised(person=person, case_id=f"case-{person}", flag_id="f", matching=RedFlag(code="abuse", noticed_in="reply")))
    elif act == "clear":
        pairs.desk.say(RedFlagCleared(person=person, flag_ids=["f"]))
    else:
        with suppress(Conflict):
            pairs.decide(person, cast("TogetherAnswer", act))
