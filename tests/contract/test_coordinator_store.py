"""What the coordinator's store promises over either database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from schemas.envelope import Event, event_type
from schemas.events.base import Data
from schemas.events.cases import TaskKind
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.matches import NoMatchFound, Unmet
from schemas.events.places import PlaceHeld, PlaceWaitlisted
from schemas.group import Group
from services.coordinator.domain import Arrival, Case, CaseFact, CasePlace, Clear, QueuePlace, Side, Touch
from tests.contract.conftest import Ground

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TASK: TaskKind = get_args(TaskKind)[0]


def fact(id_: str, case_id: str = "case-1", person: str = "ada", minutes: int = 0, **more: Any) -> CaseFact:
    return replace(CaseFact(id_, case_id, person, "better-together.X", at(minutes)), **more)


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def put(ground: Ground, *cases: Case) -> None:
    with ground.turn("coordinator") as store:
        store.arrivals_of([case.person for case in cases])
        arrivals = [Arrival(one.case_id, one.person, one.received_at, one.priority == 1, store.hash("referral_id", "REF")) for one in cases]
        store.put(arrivals, cases)


def case(id_: str, status: Any = "proposed", minutes: int = 0, priority: Any = 2, **more: Any) -> Case:
    return Case(id_, f"person-{id_}", at(minutes), status, priority == 0, priority, **more)


def queue(ground: Ground, part: Any = None, after: QueuePlace | None = None, limit: int = 10) -> list[str]:
    with ground.turn("coordinator") as store:
        found = [one.case_id for one in store.queue(part, NOW, limit, after)]
        assert after or limit < 10 or store.count(part, NOW) == len(found)
    return found


def test_a_fact_is_kept_once_and_told_in_the_order_of_time(ground: Ground) -> None:
    later = fact("1", minutes=5, details=b"sealed", matching=b"\x00", needs_human=True, clear=Clear(version=2, accepted=False), kind=TASK)
    beside = fact("3", case_id="", minutes=-5)
    with ground.turn("coordinator") as store:
        store.add([fact("1"), later, fact("2"), beside, fact("4", "case-2", "bo")])
        assert store.known(["1", "2", "9"]) == {"1", "2"}
        assert {one.event_id for one in store.facts_of(["ada"])} == {"1", "2", "3"}
        store.add([later])
    put(ground, Case("case-1", "ada", NOW, "proposed", False, 2))
    with ground.turn("coordinator") as store:
        assert [(one.event_id, one.time) for one in store.history("case-1")] == [("3", at(-5)), ("2", at(0)), ("1", at(5))]
        store.add([replace(later, event_id="5")])
        assert replace(later, event_id="5") in store.history("case-1")


def test_the_queue_has_open_flags_first_then_urgent_ones_then_who_has_waited_longest(ground: Ground) -> None:
    put(ground, case("b", minutes=1), case("Z", minutes=1), case("é", minutes=1), case("u", priority=1, minutes=9), case("f", priority=0, minutes=9))
    assert queue(ground) == ["f", "u", "Z", "b", "é"]
    assert queue(ground, limit=2) == ["f", "u"]
    assert queue(ground, after=QueuePlace(1, at(9).isoformat(), "u")) == ["Z", "b", "é"]
    assert queue(ground, after=QueuePlace(2, at(1).isoformat(), "Z")) == ["b", "é"]
    with ground.turn("coordinator") as store:
        assert store.counts() == {"proposed": 5}
        assert [one.case_id for one in store.cases_called("REF")] == ["f", "u", "Z", "b", "é"]


def test_every_part_of_the_queue_has_its_cases(ground: Ground) -> None:
    waiting = case("waiting", "waitlisted", version=1, silent=True)
    late = case("late", "agreed", version=2, task=TASK, due_at=at(-1))
    put(ground, case("new"), case("flag", priority=0), case("urgent", priority=1, version=1), waiting, late, case("ended", "closed"))
    told = {"new": ["flag", "new"], "urgent": ["urgent"], "red_flag": ["flag"], "waiting": ["waiting"], "silent": ["waiting"]}
    told |= {"to_do": ["late"], "overdue": ["late"], "closed": ["ended"], "agreed": ["late"], "withdrawn": []}
    assert {part: queue(ground, part) for part in told} == told
    with ground.turn("coordinator") as store:
        assert store.view_counts(NOW) == {"new": 2, "urgent": 1, "red_flag": 1, "waiting": 1, "to_do": 1, "overdue": 1, "silent": 1}


def test_where_a_case_stands_is_what_was_put_last(ground: Ground) -> None:
    put(ground, case("1"), case("2"))
    with ground.turn("coordinator") as store:
        arrivals = store.arrivals_of(["person-1", "person-2"])
        assert [one.urgent for one in arrivals] == [False, False]
        moved = [case(one.case_id, "placed", version=4, task=TASK, due_at=at(3)) for one in arrivals]
        store.put(arrivals, moved)
    with ground.turn("coordinator") as store:
        assert sorted(store.queue(None, NOW, 9, None), key=lambda one: one.case_id) == sorted(moved, key=lambda one: one.case_id)


def test_a_place_is_as_it_was_told_last_even_within_one_batch(ground: Ground) -> None:
    asked, held = CasePlace("p", "case-1", "ada", "choir", "requested", at(9)), CasePlace("p", "case-1", "ada", "choir", "held", at(5))
    lost = CasePlace("q", "case-1", "ada", "choir", "refused", None)
    with ground.turn("coordinator") as store:
        store.put_places([asked, lost, held])
        assert store.places_in(["choir"]) == [held]
        assert {one.place_id for one in store.places_of(["ada"])} == {"p", "q"}
        assert store.organisers_silent(at(5), 10) == [held]
        assert store.organisers_silent(at(4), 10) == []
        store.organisers_asked(["p"])
        assert store.organisers_silent(at(5), 10) == []


def test_when_a_place_was_given_is_the_first_time_that_it_was(ground: Ground) -> None:
    given: list[tuple[type[Data], int, str]] = [(PlaceWaitlisted, 3, "p"), (PlaceHeld, 7, "p"), (PlaceHeld, 4, "q")]
    facts = [
        fact(str(minutes), minutes=minutes, type=event_type(kind), clear=Clear(group_id="choir", place_id=place)) for kind, minutes, place in given
    ]
    with ground.turn("coordinator") as store:
        store.put_places([CasePlace("p", "case-1", "ada", "choir", "held"), CasePlace("q", "case-1", "ada", "choir", "held")])
        store.add([*facts, fact("old", type=event_type(PlaceHeld))])
        assert store.given_in("choir") == {"p": at(3).isoformat(), "q": at(4).isoformat()}


def test_a_touch_never_goes_back(ground: Ground) -> None:
    planned = Touch("t", "case-1", "ada", "p", "day_before", "planned", at(0), "email", at(60))
    sent, claimed = (Touch("t", "case-1", "ada", "p", "day_before", state, at(2)) for state in ("sent", "claimed"))
    with ground.turn("coordinator") as store:
        store.put_touches([sent, claimed, planned])
        [touch] = store.touches_of("case-1")
        assert (touch.state, touch.at, touch.channel, touch.due_at) == ("sent", at(2), "email", at(60))
        assert store.touches_called(["t", "u"]) == {"t": touch}
        assert store.touches_about(["p"]) == [touch]
        assert store.spoken_of(["p", "q"]) == {"p"}


def test_of_a_group_the_newest_word_counts_whenever_it_arrives(ground: Ground) -> None:
    def listed(minutes: int, name: str, **more: Any) -> Event[Any]:
        group = Group.model_validate({"group_id": "choir", "name": name, **more})
        return Event(f"l{minutes}", "", at(minutes), GroupListed(group_id="choir", group=group, feed="town", content="00"), "")

    gone: Event[Any] = Event("d", "", at(5), GroupDelisted(group_id="choir", feed="town"), "")
    with ground.turn("coordinator") as store:
        store.put_groups([gone, listed(3, "Later"), listed(1, "First")])
        assert store.group("choir").name == "Later"
        assert store.stopped(["choir", "chess"]) == {"choir"}
        store.put_groups([listed(6, "Again")])
        assert store.stopped(["choir"]) == set()
        assert store.group("choir").name == "Again"
        assert store.group("chess") is None


def test_the_ledger_counts_a_kind_once_a_case(ground: Ground) -> None:
    ground.vault("intake").fetch("matching", ["ada"])
    unmet = Unmet(model="m", directory_version="d", kinds=["singing"], area="LS6").model_dump_json().encode()
    type_ = event_type(NoMatchFound)
    told = [fact(id_, type=type_, matching=ground.vault("intake").seal("matching", "ada", id_, type_, unmet)) for id_ in ("1", "2")]
    with ground.turn("coordinator") as store:
        store.add(told)
        assert [(row[0], row[1], row[-1]) for row in store.unmet()] == [("singing", "LS6", 1)]
        assert store.unmet_from() is None


def test_of_who_is_erased_nothing_is_left_but_that_they_are(ground: Ground) -> None:
    with ground.turn("coordinator") as store:
        store.add([fact("1"), fact("2", "case-2", "bo")])
        store.put_places([CasePlace("p", "case-1", "ada", "choir", "held")])
        store.put_touches([Touch("t", "case-1", "ada", "p", "day_before", "sent", NOW)])
    put(ground, Case("case-1", "ada", NOW, "proposed", False, 2))
    with ground.turn("coordinator") as store:
        store.forget(["ada"])
        store.forget(["ada"])
        assert store.erased(["ada", "bo"]) == {"ada"}
        assert [one.person for one in store.facts_of(["ada", "bo"])] == ["bo"]
        assert store.places_of(["ada"]) == store.touches_of("case-1") == store.cases_called("case-1") == []


def test_who_could_go_together_is_found_by_the_session_of_a_new_place(ground: Ground) -> None:
    def place(id_: str, company: Any, minutes: int = 60, group_id: str = "choir") -> CasePlace:
        return CasePlace(id_, f"case-{id_}", f"person-{id_}", group_id, "held", None, at(minutes) if company else None, company)

    new, sought, late, elsewhere, waiting = (
        place("a", "new"), place("b", "sought"), place("c", "new", 5), place("d", "sought", 60, "games"), place("e", "open", 7),
    )  # fmt: skip
    with ground.turn("coordinator") as store:
        store.put_places([new, sought, late, elsewhere, waiting, place("f", None)])
        assert store.seeking_company(at(5), 10) == [new, sought]
        assert store.seeking_company(at(4), 1) == [late]
        assert store.company_open(at(7), 10) == [waiting]
        assert store.company_open(at(6), 10) == []
        store.company_sought(["a"])
        assert not store.seeking_company(at(5), 10)
        store.put_places([new])
        assert store.seeking_company(at(5), 10) == [new, sought]


def test_both_sides_of_a_pair_are_found_by_either_and_an_erased_one_is_gone(ground: Ground) -> None:
    one, other = Side("pair", "ada", "case-1", "p"), Side("pair", "bo", "case-2", "q", 2)
    with ground.turn("coordinator") as store:
        store.put_sides([one, other, Side("else", "cy", "case-3", "r")])
        store.put_sides([replace(one, reached=3)])
        assert store.pairs_of(["bo"]) == [replace(one, reached=3), other]
        assert store.companions() == {"possible": 1, "asked": 1, "agreed": 1, "went_together": 0}
        assert store.pairs_of(["nobody"]) == []
        store.forget(["ada"])
        assert store.pairs_of(["bo"]) == [other]
        assert store.companions()["possible"] == 0
