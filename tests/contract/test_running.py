"""What both runners promise: every fact is taken in once and in order, whatever one of them does to the others."""

from dataclasses import replace

import pytest

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.codec import Record
from services.chassis.consumption import ATTEMPTS
from services.chassis.errors import Rejected, Transient
from services.chassis.handling import REFUSED_IN_A_ROW, FloodOfRefusals
from tests.contract.sites import Site, letters, refer, subjects


def test_every_referral_is_answered_once(site: Site) -> None:
    refer(site, "ada", "bo")
    site.settle()
    site.settle()
    assert subjects(site, "matches") == ["ada", "bo"]


def test_a_start_goes_on_where_the_last_one_ended(site: Site) -> None:
    refer(site, "ada")
    site.settle()
    site.stop()
    refer(site, "bo")
    site.settle()
    assert subjects(site, "matches") == ["ada", "bo"]


def test_state_facts_and_position_are_undone_together_when_a_handler_fails(site: Site) -> None:
    def fail(_event: Event[Data]) -> None:
        raise RuntimeError("a bug")

    site.answering.fault = fail
    refer(site, "ada")
    with pytest.raises(RuntimeError, match="a bug"):
        site.settle()
    assert subjects(site, "matches") == []
    assert site.seen() == set()
    site.answering.fault = lambda _: None
    site.settle()
    assert subjects(site, "matches") == ["ada"]


def test_one_record_that_is_refused_goes_to_the_dead_letters_and_the_rest_flows(site: Site) -> None:
    def refuse_bo(event: Event[Data]) -> None:
        if event.data.subject == "bo":
            raise Rejected("not this one")

    site.answering.fault = refuse_bo
    refer(site, "ada", "bo", "cy")
    site.settle()
    assert subjects(site, "matches") == ["ada", "cy"]
    assert letters(site) == [("bo", "not this one", 1)]


def test_what_may_pass_is_tried_again(site: Site) -> None:
    tries: list[str] = []

    def fail_twice(event: Event[Data]) -> None:
        tries.append(event.data.subject)
        if len(tries) <= 2:
            raise Transient("not now")

    site.answering.fault = fail_twice
    refer(site, "ada")
    site.settle()
    assert tries == ["ada", "ada", "ada"]
    assert subjects(site, "matches") == ["ada"]


def test_what_never_passes_is_given_up_after_its_attempts(site: Site) -> None:
    def fail_ada(event: Event[Data]) -> None:
        if event.data.subject == "ada":
            raise Transient("not now")

    site.answering.fault = fail_ada
    refer(site, "ada", "bo")
    site.settle()
    assert subjects(site, "matches") == ["bo"]
    assert letters(site) == [("ada", f"tried {ATTEMPTS} times: not now", ATTEMPTS)]


def test_a_flood_of_refusals_stops_the_service(site: Site) -> None:
    def refuse(_event: Event[Data]) -> None:
        raise Rejected("none of them")

    site.answering.fault = refuse
    refer(site, *(f"person-{number}" for number in range(REFUSED_IN_A_ROW + 50)))
    with pytest.raises(FloodOfRefusals):
        site.settle()
    site.answering.fault = lambda _: None
    site.settle()
    assert len(letters(site)) == REFUSED_IN_A_ROW
    assert len(subjects(site, "matches")) == 50


def _a_record(site: Site) -> Record:
    refer(site, "ada")
    site.settle()
    [stored] = site.running.all_of("referrals")
    return stored.record


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "better-together.SomethingElse"}, "unknown event type 'better-together.SomethingElse'"),
        ({"data": b"{}"}, "person: missing"),
        ({"data": b'{"person": "bo", "case_'}, "json_invalid"),
        ({"data": b"\xff\xfe"}, "json_invalid"),
        ({"subject": "cy"}, "the subject is not the person in its data"),
    ],
)
def test_a_foreign_record_is_put_aside_with_the_reason(site: Site, change: dict[str, str | bytes], reason: str) -> None:
    record = replace(_a_record(site), id="0199-foreign")
    site.put(replace(record, **change))  # type: ignore[arg-type]
    refer(site, "dee")
    site.settle()
    assert subjects(site, "matches") == ["ada", "dee"]
    [(_, told, _)] = letters(site)
    assert reason in told


def test_a_newer_minor_version_is_taken_in(site: Site) -> None:
    record = _a_record(site)
    newer = record.data.replace(b'{"person":"ada"', b'{"a_field_of_tomorrow":[1],"person":"ada"')
    assert newer != record.data
    site.put(replace(record, id="0199-newer", data=newer))
    site.settle()
    assert len(site.seen()) == 1 or letters(site) == []


def test_the_causes_of_an_answer_are_told(site: Site) -> None:
    refer(site, "ada")
    site.settle()
    [cause], [answer] = site.running.all_of("referrals"), site.running.all_of("matches")
    assert answer.record.causationid == cause.record.id
    assert answer.record.correlationid == cause.record.correlationid == cause.record.id


def test_all_records_of_one_subject_are_found(site: Site) -> None:
    refer(site, "ada", "bo")
    site.settle()
    about = site.running.about("ada", ["referrals", "matches"])
    assert sorted(stored.record.stream for stored in about) == ["matches", "referrals"]
    assert {stored.record.subject for stored in about} == {"ada"}


def test_nothing_is_sealed_for_a_person_whose_keys_are_destroyed(site: Site) -> None:
    refer(site, "ada", "bo")
    site.running.keys_of("intake").destroy("ada")
    site.settle()
    assert subjects(site, "matches") == ["bo"]
    refer(site, "ada")
    site.settle()
    assert subjects(site, "referrals") == ["ada", "bo"]


def test_a_refused_command_leaves_the_others_standing(site: Site) -> None:
    refer(site, "ada", "", "bo")
    site.settle()
    assert subjects(site, "referrals") == ["ada", "bo"]


def test_who_reads_what_was_written_finds_it(site: Site) -> None:
    refer(site, "ada")
    site.settle()
    with site.running.reading_what_was_written("matcher") as store:
        assert len(store.all()) == 1
