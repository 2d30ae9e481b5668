"""Event ids: UUIDv7-shaped, fresh or derived from their cause."""

from datetime import UTC, datetime
from uuid import UUID

from services.chassis.ids import derived_id, fresh_id, random_id

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_fresh_id_is_a_version_7_uuid_of_its_moment() -> None:
    made = UUID(fresh_id(NOW))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_two_fresh_ids_of_a_moment_differ() -> None:
    assert fresh_id(NOW) != fresh_id(NOW)


def test_a_derived_id_is_the_same_again_and_carries_its_causes_time() -> None:
    cause = fresh_id(NOW)
    first = derived_id(cause, "MatchesProposed", "ada", 0)
    assert first == derived_id(cause, "MatchesProposed", "ada", 0)
    assert UUID(first).version == 7
    assert UUID(first).int >> 80 == UUID(cause).int >> 80


def test_cause_type_subject_and_ordinal_all_tell_derived_ids_apart() -> None:
    cause, other = fresh_id(NOW), fresh_id(NOW)
    asked = [(cause, "A", "ada", 0), (other, "A", "ada", 0), (cause, "B", "ada", 0), (cause, "A", "bo", 0), (cause, "A", "ada", 1)]
    assert len({derived_id(*one) for one in asked}) == len(asked)


def test_a_random_id_tells_nothing_of_its_moment() -> None:
    assert UUID(random_id()).version == 4
