"""The partition of a subject never changes: it is where the earlier facts about the same subject stand."""

from collections import Counter

from schemas.streams import PARTITIONS, partition_of


def test_a_subject_stays_where_it_was() -> None:
    assert {subject: partition_of(subject) for subject in ("ada", "bo", "chor für alle", "")} == {"ada": 0, "bo": 11, "chor für alle": 11, "": 0}


def test_subjects_are_spread_over_all_partitions() -> None:
    spread = Counter(partition_of(f"person-{number}") for number in range(12_000))
    assert set(spread) == set(range(PARTITIONS))
    assert max(spread.values()) < 2 * min(spread.values())
