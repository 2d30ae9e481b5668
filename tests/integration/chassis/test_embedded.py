"""The embedded run: what was decided is there once, whatever fails between."""

import threading

import pytest

from schemas.envelope import Event
from schemas.events.base import Data, Purpose
from schemas.events.cases import Note, NoteWritten
from schemas.events.matches import Unmet
from schemas.events.places import PlaceGivenUp, PlaceRequested
from services.chassis.codec import decode, opened
from services.chassis.consumption import ATTEMPTS, BATCH
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected, Transient
from services.chassis.handling import REFUSED_IN_A_ROW, FloodOfRefusals
from services.chassis.log import Stored
from services.chassis.service import Fact
from services.chassis.vault import Vault
from tests.integration.chassis.conftest import Town
from tests.two_services import Refer


def refer(embedded: Embedded, *persons: str) -> None:
    embedded.decide("intake", [Refer(person) for person in persons])


def written(embedded: Embedded, stream: str) -> list[Stored]:
    return embedded.records(stream, 0, 10_000)


def subjects(embedded: Embedded, stream: str) -> list[str]:
    return [stored.record.subject for stored in written(embedded, stream)]


def test_every_referral_is_answered_once(embedded: Embedded) -> None:
    refer(embedded, "ada", "bo")
    embedded.settle()
    embedded.settle()
    assert subjects(embedded, "matches") == ["ada", "bo"]


def test_who_has_read_everything_is_left_alone(embedded: Embedded) -> None:
    refer(embedded, "ada")
    embedded.settle()
    before = embedded.timings.entered["read"]
    assert embedded.step() == 0
    assert embedded.timings.entered["read"] == before > 0


def test_a_refused_command_leaves_the_others_standing(embedded: Embedded) -> None:
    answers = embedded.decide("intake", [Refer("ada"), Refer(""), Refer("bo")])
    assert [isinstance(answer, Rejected) for answer in answers] == [False, True, False]
    assert subjects(embedded, "referrals") == ["ada", "bo"]


def test_a_start_goes_on_where_the_last_one_ended(town: Town) -> None:
    first = town.open()
    refer(first, "ada")
    first.close()
    second = town.open()
    second.start()
    second.settle()
    assert subjects(second, "matches") == ["ada"]
    second.close()


def test_state_facts_and_cursor_are_undone_together_when_a_handler_fails(town: Town, embedded: Embedded) -> None:
    def fail(_event: Event[Data]) -> None:
        raise RuntimeError("a bug")

    town.answering.fault = fail
    refer(embedded, "ada")
    with pytest.raises(RuntimeError, match="a bug"):
        embedded.settle()
    assert subjects(embedded, "matches") == []
    with embedded.reading("matcher") as store:
        assert store.all() == set()
    town.answering.fault = lambda _: None
    embedded.settle()
    assert subjects(embedded, "matches") == ["ada"]


def test_batches_hold_five_hundred_at_the_most(town: Town, embedded: Embedded) -> None:
    refer(embedded, *(f"person-{number}" for number in range(BATCH + 20)))
    embedded.settle()
    assert town.answering.batches == [BATCH, 20]


def test_one_record_that_is_refused_goes_to_the_dead_letters_and_the_rest_flows(town: Town, embedded: Embedded) -> None:
    def refuse_bo(event: Event[Data]) -> None:
        if event.data.subject == "bo":
            raise Rejected("not this one")

    town.answering.fault = refuse_bo
    refer(embedded, "ada", "bo", "cy")
    embedded.settle()
    assert subjects(embedded, "matches") == ["ada", "cy"]
    [letter] = embedded.dead_letters()
    assert (letter.consumer, letter.reason, letter.attempts) == ("matcher", "not this one", 1)
    assert letter.original == written(embedded, "referrals")[1].record


def test_a_record_that_cannot_be_read_takes_no_other_along(embedded: Embedded) -> None:
    refer(embedded, "ada", "bo")
    broken = "UPDATE log SET data = x'7b7d' WHERE subject = 'ada' AND stream = 'referrals'"
    with embedded._writer.begin() as connection:
        connection.exec_driver_sql(broken)
    embedded.settle()
    assert subjects(embedded, "matches") == ["bo"]
    [letter] = embedded.dead_letters()
    assert "person: missing" in letter.reason


def test_what_may_pass_is_tried_again_in_order(town: Town, embedded: Embedded) -> None:
    tries: list[str] = []

    def fail_twice(event: Event[Data]) -> None:
        tries.append(event.data.subject)
        if len(tries) <= 2:
            raise Transient("not now")

    town.answering.fault = fail_twice
    refer(embedded, "ada", "bo")
    embedded.settle()
    assert tries == ["ada", "ada", "ada", "bo"]
    assert subjects(embedded, "matches") == ["ada", "bo"]


def test_what_never_passes_is_given_up_after_its_attempts(town: Town, embedded: Embedded) -> None:
    def fail_ada(event: Event[Data]) -> None:
        if event.data.subject == "ada":
            raise Transient("not now")

    town.answering.fault = fail_ada
    refer(embedded, "ada", "bo")
    embedded.settle()
    assert subjects(embedded, "matches") == ["bo"]
    [letter] = embedded.dead_letters()
    assert letter.attempts == ATTEMPTS


def test_a_flood_of_refusals_stops_the_service(town: Town, embedded: Embedded) -> None:
    def refuse(_event: Event[Data]) -> None:
        raise Rejected("none of them")

    town.answering.fault = refuse
    refer(embedded, *(f"person-{number}" for number in range(REFUSED_IN_A_ROW + 50)))
    with pytest.raises(FloodOfRefusals):
        embedded.settle()
    assert len(embedded.dead_letters()) == REFUSED_IN_A_ROW


def test_the_same_work_done_twice_has_the_same_id(embedded: Embedded) -> None:
    refer(embedded, "ada")
    embedded.settle()
    [answer] = written(embedded, "matches")
    with embedded._writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cursors")
        connection.exec_driver_sql("DELETE FROM seen")
        connection.exec_driver_sql("DELETE FROM log WHERE stream = 'matches'")
    embedded.start()
    embedded.settle()
    assert [stored.record.id for stored in written(embedded, "matches")] == [answer.record.id]


def test_an_answer_names_its_cause(embedded: Embedded) -> None:
    refer(embedded, "ada")
    embedded.settle()
    [cause], [answer] = written(embedded, "referrals"), written(embedded, "matches")
    assert answer.record.causationid == cause.record.id
    assert answer.record.correlationid == cause.record.correlationid == cause.record.id


def test_another_process_on_the_folder_has_its_facts_taken_in_by_whoever_holds_it(town: Town, embedded: Embedded) -> None:
    other = town.open()
    with embedded.folder.held() as holds:
        assert holds
        with other.folder.held() as other_holds:
            assert not other_holds
        refer(other, "ada")
        embedded.settle()
    other.finish()
    assert subjects(other, "matches") == ["ada"]
    other.close()


def test_personal_parts_are_sealed_on_disk_and_open_for_who_holds_the_purpose(embedded: Embedded) -> None:
    refer(embedded, "ada")
    embedded.settle()
    [stored] = written(embedded, "matches")
    event = decode(stored.record)
    assert b"model" not in stored.record.data
    matching: tuple[Purpose, ...] = ("matching",)
    plain = opened(event, Vault("coordinator", embedded.keys, matching), matching)
    assert plain.data.matching == Unmet(model="m", directory_version="d")  # type: ignore[attr-defined]
    with pytest.raises(Rejected, match="holds no matching keys"):
        opened(event, Vault("directory", embedded.keys, ["group"]), matching)


def test_nothing_is_sealed_for_a_person_whose_keys_are_destroyed(embedded: Embedded) -> None:
    refer(embedded, "ada", "bo")
    embedded.keys.destroy("ada")
    embedded.settle()
    assert subjects(embedded, "matches") == ["bo"]
    refer(embedded, "ada")
    assert subjects(embedded, "referrals") == ["ada", "bo"]


def test_who_reads_what_was_written_waits_until_it_is_taken_in(embedded: Embedded) -> None:
    refer(embedded, "ada")
    taking = threading.Timer(0.1, embedded.settle)
    taking.start()
    with embedded.reading_what_was_written("matcher") as store:
        assert len(store.all()) == 1
    taking.join()


def test_a_reader_is_not_kept_for_ever(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.embedded._FRESHNESS", 0.05)
    refer(embedded, "ada")
    with embedded.reading_what_was_written("matcher") as store:
        assert store.all() == set()


def test_what_follows_from_a_fact_that_cannot_be_sealed_any_more_is_not_written_either(embedded: Embedded) -> None:
    refer(embedded, "ada")
    embedded.keys.destroy("ada")
    scribe = embedded._scribes["intake"].fresh()
    note = Fact(NoteWritten(person="ada", case_id="case-ada", details=Note(text="Rang")))
    request = Fact(PlaceRequested(group_id="choir", place_id="place", person="ada", case_id="case-ada"), note)
    after = Fact(PlaceGivenUp(group_id="choir", place_id="place", person="ada", case_id="case-ada", reason="changed"), request)
    other = Fact(PlaceRequested(group_id="choir", place_id="another", person="bo", case_id="case-bo"))
    assert [written is not None for written in scribe.write([note, request, after, other])] == [False, False, False, True]
