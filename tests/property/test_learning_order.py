"""In whatever order and batches facts come, the same is learned from them."""

from hypothesis import given, settings
from hypothesis import strategies as some

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.referrals import PersonErased
from services.learning.handlers import keep_facts
from services.learning.history import agrees_to_learning, rows_of, seeker_of
from tests.unit.learning.learning_cases import StoreInMemory, consent, declined, event, proposed, referral, session

PEOPLE = ("ada", "bo")
people = some.sampled_from(PEOPLE)
facts = some.one_of(
    some.builds(lambda person, learning: referral(person, learning=learning), people, some.sampled_from([True, True, True, False, None])),
    some.builds(lambda person, learning: consent(learning, person), people, some.booleans()),
    some.builds(lambda person, group: proposed(group, "drama", person=person), people, some.sampled_from(("choir", "band"))),
    some.builds(lambda person, group: declined(group, person=person), people, some.sampled_from(("choir", "band"))),
    some.builds(
        lambda person, came, group, by, revision: session(came, group, said_by=by, revision=revision, person=person),
        people,
        some.booleans(),
        some.sampled_from(("choir", "band")),
        some.sampled_from(("person", "organiser", "coordinator")),
        some.integers(1, 2),
    ),
)


def learned(events: list[Event[Data]], sizes: list[int]) -> object:
    """What a training run would see after these batches."""
    store, rest = StoreInMemory(), list(events)
    for size in [*sizes, len(events)]:
        keep_facts(rest[:size], store)
        rest = rest[size:]
    agreeing = {person: told for person, told in store.everybody().items() if agrees_to_learning(told)}
    return {person: (rows_of(person, told), seeker_of(told)) for person, told in agreeing.items()}


@given(some.lists(facts, min_size=2, max_size=14), some.sampled_from([(), ("ada",)]), some.data())
@settings(max_examples=120)
def test_order_batches_and_duplicates_change_nothing(told: list[Data], erased: tuple[str, ...], data: some.DataObject) -> None:
    events = [event(number, one) for number, one in enumerate([*told, *(PersonErased(person=person) for person in erased)])]
    turned = data.draw(some.permutations([*events, *events[:3]]))
    sizes = data.draw(some.lists(some.integers(1, 4), max_size=5))
    first = learned(events, [len(events)])
    assert learned(list(turned), sizes) == first
    assert not set(erased) & set(first if isinstance(first, dict) else ())
