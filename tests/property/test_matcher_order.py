"""What the matcher knows and offers does not depend on how its streams fall together, nor on what comes twice."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as some

from models.directory import Directory, Listed
from models.matching import propose
from models.ranker import packaged_prior
from models.seeker import Seeker
from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.places import PlaceHeld
from schemas.events.referrals import RedFlagCleared, RedFlagRaised, ReferralClosed, ReferralReceived, ReferralReopened, ReferralWithdrawn
from schemas.group import Capacity, Group
from services.chassis.clock import HandSetClock
from services.matcher.directory_view import DirectoryView
from services.matcher.history import open_cases, sought_for
from tests.property.matching_cases import directories, easily_pleased
from tests.unit.matcher.matcher_cases import (
    ABOUT,
    NOW,
    PERIOD,
    PERSON,
    Matching,
    consent,
    declined,
    event,
    ranking_by,
    referral,
    refused,
    released,
    session,
)

RANKER = packaged_prior()
PERSONAL: tuple[Data, ...] = (
    referral(), referral(match=False), referral("case-2", flags=["self_harm"]), consent(True), consent(False), consent(True, "referrer"),
    RedFlagRaised(**ABOUT, flag_id="flag-1"), RedFlagRaised(person=PERSON, case_id="case-2", flag_id="flag-2"),
    RedFlagCleared(person=PERSON, flag_ids=["flag-1"]), RedFlagCleared(person=PERSON, flag_ids=["flag-1", "flag-2"]),
    ReferralClosed(**ABOUT), ReferralReopened(**ABOUT), ReferralWithdrawn(person=PERSON, case_id="case-2"),
    declined("choir"), declined("band"), refused("full"), refused("not_suitable"), released("refused_by_organiser"), released("changed"),
    session(True), session(False, 2), session(True, 3),
)  # fmt: skip
personal = some.lists(some.sampled_from(PERSONAL), max_size=14).map(lambda facts: [event(number, data) for number, data in enumerate(facts)])
randoms = some.randoms(use_true_random=False)


def fallen_together(events: Sequence[Event[Data]], chance: Random) -> list[Event[Data]]:
    """The same facts, each stream in its order and the streams mixed anew; some stretches come twice."""
    streams: dict[str, list[Event[Data]]] = {}
    for one in events:
        streams.setdefault(one.data.stream, []).append(one)
    mixed: list[Event[Data]] = []
    while any(streams.values()):
        name = chance.choice([name for name, waiting in streams.items() if waiting])
        mixed.append(streams[name].pop(0))
        if chance.random() < 0.2:
            mixed += [one for one in mixed if one.data.stream == name]
    return mixed


def batches(events: Sequence[Event[Data]], chance: Random) -> list[Sequence[Event[Data]]]:
    """The same in batches."""
    cuts = sorted(chance.choices(range(len(events) + 1), k=3))
    return [events[start:end] for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)]


def known(matching: Matching) -> object:
    """Everything that the next answer will go by."""
    facts = matching.store.facts_about([PERSON]).get(PERSON, [])
    cases = {case.id: (case.data.case_id, sought_for(case.data, facts, matching.now - PERIOD)) for case in open_cases(facts)}
    return matching.store.facts.keys(), cases


@given(personal, randoms)
def test_the_order_of_streams_batches_and_duplicates_change_nothing_that_is_known(events: list[Event[Data]], chance: Random) -> None:
    straight, mixed = Matching(), Matching()
    straight.told(*events)
    for batch in batches(fallen_together(events, chance), chance):
        mixed.told(*batch)
    assert known(mixed) == known(straight)


@given(personal, randoms)
def test_no_fact_is_answered_twice_for_a_case_and_none_while_a_flag_is_open(events: list[Event[Data]], chance: Random) -> None:
    matching = Matching()
    answers = [answer for batch in batches(fallen_together(events, chance), chance) for answer in matching.told(*batch)]
    ids = [(answer.cause.id, type(answer.data), answer.ordinal) for answer in answers]  # type: ignore[union-attr]
    assert len(ids) == len(set(ids))
    first = [isinstance(answer.cause.data, ReferralReceived) for answer in answers]  # type: ignore[union-attr]
    again = [answer for answer, is_first in zip(answers, first, strict=True) if not is_first]
    assert all(answer.data.matching.needs_human != "red_flag" for answer in again if not answer.data.matching.matches)  # type: ignore[attr-defined]


capacities = some.none() | some.builds(Capacity, maximum=some.just(9), available=some.sampled_from((None, 0, 4)), waitlist=some.booleans())
listings = some.builds(
    lambda group_id, capacity, name: GroupListed(
        group_id=group_id, feed="town", content="", group=Group(group_id=group_id, name=name, tags=["music"], capacity=capacity)
    ),
    some.sampled_from(("choir", "band")),
    capacities,
    some.sampled_from(("Choir", "Band")),
)
delistings = some.builds(GroupDelisted, group_id=some.sampled_from(("choir", "band")), feed=some.just("town"))
frees = some.tuples(some.sampled_from(("choir", "band")), some.integers(0, 2))


def places(told: Sequence[tuple[str, int]]) -> list[Data]:
    """Place events that count as the directory does."""
    return [
        PlaceHeld(person="p", case_id="c", place_id=str(count), group_id=group_id, count=count, free=free)
        for count, (group_id, free) in enumerate(told, 1)
    ]


def view_of(events: Sequence[Sequence[Event[Data]]], strength: float = 0.0) -> DirectoryView:
    """The matcher's view after these batches."""
    view = DirectoryView(ranking_by(RANKER, clock := HandSetClock(NOW)), clock, strength)
    for batch in events:
        view.apply(batch)
    return view


@given(some.lists(listings | delistings, max_size=8), some.lists(frees, max_size=8).map(places), some.sampled_from((0.0, 0.5)), randoms)
def test_what_is_offered_does_not_depend_on_how_groups_and_places_fall_together(
    groups: list[Data], told: list[Data], strength: float, chance: Random
) -> None:
    in_time = [*groups, *told]
    chance.shuffle(in_time)
    times = {id(data): NOW + timedelta(minutes=minute) for minute, data in enumerate(in_time)}
    events = [Event(f"e-{number}", "/test", times[id(data)], data, "e") for number, data in enumerate(in_time)]
    events = [
        *sorted((one for one in events if one.data.stream == "groups"), key=lambda one: one.time),
        *(e for e in events if e.data.stream == "places"),
    ]
    straight = view_of([events], strength)
    mixed = view_of(batches(fallen_together(events, chance), chance), strength)
    [one], [other] = straight.propose([Seeker(referral().matching)]), mixed.propose([Seeker(referral().matching)])  # type: ignore[arg-type]
    assert one == other


@settings(deadline=None)
@given(directories(), easily_pleased(), some.integers(1, 3))
def test_a_place_event_of_one_group_leaves_the_ranking_of_the_others_alone(listed: list[Listed], seeker: Seeker, state: int) -> None:
    directory = Directory.of(listed)
    changed = directory.with_places({"g00": state, "never listed": state})
    before, after = (propose([seeker], one, RANKER, today=NOW.date())[0].matches for one in (directory, changed))
    others = [[(match.group_id, match.score) for match in matches if match.group_id != "g00"] for matches in (before, after)]
    assert others[0] == others[1]
    assert changed.with_places({"g00": int(directory.columns.place[directory.rows["g00"]])}).version == directory.version
