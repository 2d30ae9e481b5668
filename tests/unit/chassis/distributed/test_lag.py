"""How long the oldest record has waited, out of looks at where partitions end and how far they are read."""

from services.chassis.distributed.lag import Ages

ONE, OTHER = ("referrals", 0), ("groups", 3)


def test_nothing_waits_where_everything_is_read_or_nothing_was_written() -> None:
    ages = Ages()
    assert ages.look({ONE: 5}, {ONE: 5, OTHER: 0}, 10.0) == 0.0
    assert ages.look({ONE: 5}, {ONE: 5, OTHER: 0}, 20.0) == 0.0


def test_age_counts_from_the_look_that_first_saw_an_end_beyond_the_position() -> None:
    ages = Ages()
    assert ages.look({ONE: 8}, {ONE: 5}, 10.0) == 0.0
    assert ages.look({ONE: 9}, {ONE: 5}, 15.0) == 5.0
    assert ages.look({ONE: 9}, {ONE: 7}, 20.0) == 10.0


def test_what_was_read_no_longer_counts_and_what_came_later_does() -> None:
    ages = Ages()
    ages.look({ONE: 8}, {ONE: 5}, 10.0)
    ages.look({ONE: 9}, {ONE: 5}, 15.0)
    assert ages.look({ONE: 9}, {ONE: 8}, 20.0) == 5.0
    assert ages.look({ONE: 9}, {ONE: 9}, 25.0) == 0.0
    assert ages.look({ONE: 10}, {ONE: 9}, 30.0) == 0.0


def test_the_oldest_partition_counts_until_this_copy_loses_it() -> None:
    ages = Ages()
    ages.look({ONE: 1}, {ONE: 0, OTHER: 0}, 10.0)
    assert ages.look({ONE: 1, OTHER: 1}, {ONE: 0, OTHER: 0}, 30.0) == 20.0
    assert ages.look({OTHER: 1}, {OTHER: 0}, 35.0) == 5.0
    assert ages.look({ONE: 1, OTHER: 1}, {ONE: 0, OTHER: 0}, 36.0) == 6.0


def test_a_stream_that_was_made_anew_begins_anew() -> None:
    ages = Ages()
    ages.look({ONE: 100}, {ONE: 50}, 10.0)
    assert ages.look({ONE: 2}, {ONE: 0}, 20.0) == 0.0
    assert ages.look({ONE: 2}, {ONE: 0}, 25.0) == 5.0


def test_days_of_waiting_take_little_memory_and_stay_within_a_hundredth() -> None:
    ages, looks = Ages(), 20_000
    for second in range(looks):
        ages.look({ONE: second + 1}, {ONE: 0}, float(second))
    assert len(ages._ends[ONE]) < 1_000
    assert ages.look({ONE: looks}, {ONE: 0}, float(looks)) == looks
    for read in range(0, looks, 997):
        waited = ages.look({ONE: looks}, {ONE: read}, float(looks))
        assert looks - read <= waited <= looks - read + looks / 100
