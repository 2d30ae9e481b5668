"""What is kept of people, and what becomes of promotions."""

import pytest

from models.registry import PRIOR
from schemas.events.models import ModelPromoted
from schemas.events.referrals import PersonErased
from services.chassis.errors import Rejected
from services.learning.domain import Kept, Promote, RollBack
from services.learning.handlers import keep_facts, promote_model, roll_back
from tests.unit.learning.learning_cases import NOW, StoreInMemory, event, referral, session

FIRST, SECOND, BEFORE = Kept("first", "learned-1", "aa"), Kept("second", "learned-2", "bb"), Kept(PRIOR, "prior-1", None)


def test_of_the_erased_nothing_is_kept_whatever_comes_later() -> None:
    store = StoreInMemory()
    keep_facts([event(0, referral()), event(1, session()), event(2, referral("bo"))], store)
    keep_facts([event(3, session()), event(4, PersonErased(person="ada")), event(5, session())], store)
    keep_facts([event(6, session())], store)
    assert sorted(store.facts) == ["event-002", "event-004"]


def promoted(store: StoreInMemory, *kept: Kept) -> list[ModelPromoted]:
    facts = [fact.data for one in kept for fact in promote_model(Promote(one, "wins", NOW), store)]
    return [fact for fact in facts if isinstance(fact, ModelPromoted)]


def test_each_promotion_counts_one_more() -> None:
    first, second = promoted(StoreInMemory(), FIRST, SECOND)
    assert (first.promotion, first.snapshot, first.sha256, first.because) == (1, "first", "aa", "wins")
    assert (second.promotion, second.model) == (2, "learned-2")


def test_what_serves_already_is_refused() -> None:
    store = StoreInMemory()
    promoted(store, FIRST)
    with pytest.raises(Rejected, match="serves already"):
        promoted(store, FIRST)


def test_rolling_back_ends_at_the_prior_which_has_no_snapshot() -> None:
    store = StoreInMemory()
    promoted(store, FIRST, SECOND)
    [back] = roll_back(RollBack("second", FIRST, NOW), store)
    [further] = roll_back(RollBack("first", BEFORE, NOW), store)
    assert isinstance(back.data, ModelPromoted)
    assert isinstance(further.data, ModelPromoted)
    assert (back.data.promotion, back.data.snapshot) == (3, "first")
    assert (further.data.promotion, further.data.model, further.data.snapshot, further.data.sha256) == (4, "prior-1", None, None)
    assert store.history()[-1].name == PRIOR


def test_a_roll_back_is_refused_where_nothing_is_left_to_roll_back() -> None:
    store = StoreInMemory()
    promoted(store, FIRST)
    roll_back(RollBack("first", BEFORE, NOW), store)
    with pytest.raises(Rejected, match="nothing left to roll back"):
        roll_back(RollBack(PRIOR, BEFORE, NOW), store)
    assert len(store.history()) == 2


def test_a_roll_back_of_what_serves_no_more_is_refused() -> None:
    store = StoreInMemory()
    with pytest.raises(Rejected, match="nothing was promoted"):
        roll_back(RollBack(PRIOR, BEFORE, NOW), store)
    promoted(store, FIRST, SECOND)
    with pytest.raises(Rejected, match="meanwhile"):
        roll_back(RollBack("first", BEFORE, NOW), store)
    assert len(store.history()) == 2
