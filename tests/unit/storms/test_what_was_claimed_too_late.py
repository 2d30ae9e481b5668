"""What a storm counts as claimed after a stop is shown to be counted, and a stop that was still on its way to the disk is not."""

from datetime import UTC, datetime, timedelta
from typing import Final

from schemas.envelope import TYPE_PREFIX
from services.chassis.codec import Record
from tests.e2e.commit_order import Written
from tests.e2e.distributed_counts import Stood, Streams
from tests.e2e.loop_counts import claimed_after_a_stop

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
STOP: Final = Written("intake", 1, "stop", "referrals", "p1", NOON, NOON + timedelta(milliseconds=20), 700)


def test_a_claim_that_began_after_a_stop_was_committed_is_counted() -> None:
    assert _counted(_claim(began=30, seen="700:702:701")) == ["claim"]
    assert _counted(_claim(began=30, seen=None)) == ["claim"]


def test_a_claim_that_began_before_is_not() -> None:
    assert _counted(_claim(began=10, seen="700:701:700")) == []


def test_a_claim_that_began_while_the_stop_was_written_to_the_disk_is_not() -> None:
    assert _counted(_claim(began=30, seen="700:701:700")) == []


def _claim(began: int, seen: str | None) -> Written:
    start = NOON + timedelta(milliseconds=began)
    return Written("followup", 1, "claim", "follow-ups", "p1", start, start + timedelta(milliseconds=5), 705, seen)


def _counted(claim: Written) -> list[str]:
    stood = {
        "stop": _stood("referrals", "stop", "ReferralWithdrawn", '{"person": "p1", "case_id": "c1"}'),
        "claim": _stood("follow-ups", "claim", "FollowUpClaimed", '{"person": "p1", "case_id": "c1", "touch_id": "t1", "step": "day_before"}'),
    }
    return [one.id for one in claimed_after_a_stop(Streams(stood, 0, [STOP, claim], set(), {}).log())]


def _stood(stream: str, id_: str, event: str, data: str) -> Stood:
    return Stood(0, 0, Record(stream, "p1", id_, TYPE_PREFIX + event, "/x", NOON.isoformat(), id_, None, None, data.encode()))
