"""What every backend of the key store promises: keys are there before they are used, stay what they are, and are gone when destroyed."""

import pytest

from schemas.events.base import Sealed
from services.chassis.errors import Rejected
from services.chassis.keystore import KeyStore
from services.chassis.vault import Vault


def intake(keys: KeyStore) -> Vault:
    return Vault("intake", keys, ("details", "matching"), makes=("details", "matching"))


def sealed_by(vault: Vault, plain: bytes, *, event_id: str = "event-1", owner: str = "ada") -> Sealed:
    ciphertext = vault.seal("matching", owner, event_id, "ReferralReceived", plain)
    assert ciphertext is not None
    return Sealed("matching", owner, event_id, "ReferralReceived", ciphertext)


def made(keys: KeyStore, owner: str = "ada") -> Vault:
    vault = intake(keys)
    for purpose in ("details", "matching"):
        vault.fetch(purpose, [owner])
    return vault


def test_what_is_sealed_opens_again_for_another_service_with_the_purpose(keys: KeyStore) -> None:
    sealed = sealed_by(made(keys), b"likes singing")
    assert Vault("matcher", keys, ["matching"]).open(sealed) == b"likes singing"


def test_the_same_words_never_look_the_same_twice(keys: KeyStore) -> None:
    vault = made(keys)
    assert sealed_by(vault, b"likes singing").ciphertext != sealed_by(vault, b"likes singing").ciphertext


@pytest.mark.parametrize("changed", [{"event_id": "event-2"}, {"event_type": "PersonErased"}, {"owner": "bo"}])
def test_a_part_opens_only_with_its_own_event_type_and_person(keys: KeyStore, changed: dict[str, str]) -> None:
    made(keys, "bo")
    sealed = sealed_by(made(keys), b"likes singing")
    moved = Sealed(**({name: getattr(sealed, name) for name in Sealed.__slots__} | changed))
    with pytest.raises(Rejected, match="does not open"):
        Vault("matcher", keys, ["matching"]).open(moved)


def test_a_service_without_the_purpose_opens_nothing(keys: KeyStore) -> None:
    sealed = sealed_by(made(keys), b"likes singing")
    with pytest.raises(Rejected, match="holds no matching keys"):
        Vault("directory", keys, ["group"]).open(sealed)


def test_only_who_makes_keys_makes_them(keys: KeyStore) -> None:
    with pytest.raises(Rejected, match="no matching key was ever made"):
        Vault("matcher", keys, ["matching"]).seal("matching", "ada", "event-1", "MatchesProposed", b"{}")


def test_a_destroyed_key_is_a_fact_and_not_an_error(keys: KeyStore) -> None:
    sealed = sealed_by(made(keys), b"likes singing")
    keys.destroy("ada")
    keys.destroy("ada")
    fresh = intake(keys)
    assert fresh.open(sealed) is None
    assert fresh.seal("matching", "ada", "event-2", "ReferralReceived", b"{}") is None
    assert keys.fetch("details", ["ada"]) == {"ada": None}


def test_what_is_left_of_a_destroyed_key_is_overwritten_and_every_other_key_stays(keys: KeyStore) -> None:
    keys.make("details", ["ada", "bo"])
    before = keys.fetch("details", ["bo"])
    keys.destroy("ada")
    for _ in range(2):
        keys.overwrite_destroyed()
    assert keys.fetch("details", ["ada", "bo"]) == {"ada": None, **before}


def test_making_a_key_again_changes_nothing(keys: KeyStore) -> None:
    keys.make("group", ["choir"])
    first = keys.fetch("group", ["choir"])
    keys.make("group", ["choir"])
    assert keys.fetch("group", ["choir"]) == first
    assert keys.fetch("group", ["chess"]) == {}


def test_a_key_does_not_open_under_another_owner_or_use(keys: KeyStore) -> None:
    keys.make("details", ["ada"])
    keys.make("matching", ["ada"])
    assert keys.fetch("details", ["ada"]) != keys.fetch("matching", ["ada"])


def test_keyed_hashes_are_each_services_own_and_stay_the_same(keys: KeyStore) -> None:
    first = intake(keys).hash("person", "nhs", "9990001234")
    assert intake(keys).hash("person", "nhs", "9990001234") == first
    assert Vault("coordinator", keys, ()).hash("person", "nhs", "9990001234") != first
    assert intake(keys).hash("person", "nhs9990001234") != first
