"""A cause comes back from the store as it was, whatever a foreign sender called its event."""

import pytest

from services.chassis.service import Cause
from services.followup.store.columns import cause_from, cause_text


@pytest.mark.parametrize("cause", [Cause("id", "chain"), Cause("an id", 'with "words" in it', "00-trace-01"), Cause("[", "]")])
def test_a_cause_comes_back(cause: Cause) -> None:
    assert cause_from(cause_text(cause)) == cause


def test_a_cause_that_was_stored_as_words_is_still_read() -> None:
    assert cause_from("id chain 00-trace-01") == Cause("id", "chain", "00-trace-01")
