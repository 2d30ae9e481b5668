"""What intake's store promises over either database."""

from datetime import UTC, datetime

from services.intake.domain import KnownPerson, KnownReferral
from tests.contract.conftest import Ground

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def referral(ground: Ground, number: int, person: str = "ada") -> KnownReferral:
    vault = ground.vault("intake")
    return KnownReferral(b"key-%d" % number, vault.hash("referral_id", f"REF-{number}"), f"case-{number}", person, b"content\x00")


def test_a_referral_is_found_by_its_key_by_its_case_and_by_the_senders_id(ground: Ground) -> None:
    known = referral(ground, 1)
    with ground.turn("intake") as store:
        store.add([known, referral(ground, 2)], [])
    with ground.turn("intake") as store:
        assert store.referrals([b"key-1", b"key-3"]) == {b"key-1": known}
        assert store.cases("REF-1") == store.cases("case-1") == [known]
        store.mark_withdrawn("case-1")
        assert [one.withdrawn for one in store.cases("case-1")] == [True]
        assert [one.withdrawn for one in store.cases("case-2")] == [False]


def test_a_persons_names_lead_to_them_in_the_order_of_bytes(ground: Ground) -> None:
    value = ground.vault("intake").hash("person_id", "7")
    with ground.turn("intake") as store:
        store.add([], [KnownPerson(b"one", value, "b"), KnownPerson(b"two", value, "Z"), KnownPerson(b"three", value, "b")])
        assert store.persons([b"one", b"none"]) == {b"one": "b"}
        assert store.persons_called("7") == ["Z", "b"]
        assert store.persons_called("Z") == ["Z"]


def test_an_id_with_a_nul_character_names_nobody(ground: Ground) -> None:
    with ground.turn("intake") as store:
        assert store.cases("REF\x00") == []
        assert store.persons_called("a\x00") == []


def test_an_erasure_is_remembered_until_the_keys_are_gone(ground: Ground) -> None:
    with ground.turn("intake") as store:
        store.add([referral(ground, 1)], [KnownPerson(b"one", b"value", "ada")])
        store.begin_erasure("ada", NOW)
        store.begin_erasure("ada", NOW)
        store.forget("ada")
        assert store.erasures_open() == ["ada"]
        assert store.referrals([b"key-1"]) == store.persons([b"one"]) == {}
        store.end_erasures(["ada"], NOW)
        assert store.erasures_open() == []
