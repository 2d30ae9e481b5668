"""A dead letter that is retried meets its consumer once more, alone, as it was; its fate is told."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.embedded import Embedded
from services.chassis.errors import Rejected
from services.chassis.handling import REFUSED_IN_A_ROW
from tests.integration.chassis.conftest import Town
from tests.two_services import Refer


def refuse(_event: Event[Data]) -> None:
    """What a handler does that takes nothing."""
    raise Rejected("not now")


def refused(town: Town, embedded: Embedded, *persons: str) -> None:
    """Refer these persons while the matcher refuses everybody."""
    town.answering.fault = refuse
    embedded.decide("intake", [Refer(person) for person in persons])
    embedded.settle()


def answered(embedded: Embedded) -> list[str]:
    return [one.record.subject for one in embedded.all_of("matches")]


def test_a_retried_record_is_handled_as_the_original_would_have_been(town: Town, embedded: Embedded) -> None:
    refused(town, embedded, "ada")
    [letter] = embedded.dead_letters()
    assert letter.state == "waiting"
    town.answering.fault = lambda _: None
    embedded.retry([letter])
    embedded.settle()
    [answer] = embedded.all_of("matches")
    assert (answer.record.subject, answer.record.causationid) == ("ada", letter.original.id)
    assert [one.state for one in embedded.dead_letters()] == ["retried"]


def test_what_is_refused_again_is_a_dead_letter_with_one_attempt_more(town: Town, embedded: Embedded) -> None:
    refused(town, embedded, "ada")
    embedded.retry(embedded.dead_letters())
    embedded.settle()
    assert [(one.attempts, one.state, one.original.id) for one in embedded.dead_letters()] == [
        (1, "retried", embedded.dead_letters()[0].original.id),
        (2, "waiting", embedded.dead_letters()[0].original.id),
    ]
    town.answering.fault = lambda _: None
    embedded.retry(embedded.dead_letters()[1:])
    embedded.settle()
    assert answered(embedded) == ["ada"]


def test_one_dead_letter_is_retried_once(town: Town, embedded: Embedded) -> None:
    refused(town, embedded, "ada")
    embedded.retry(embedded.dead_letters())
    with pytest.raises(IntegrityError):
        embedded.retry(embedded.dead_letters()[:1])


def test_retrying_a_flood_of_what_is_still_refused_stops_nobody(town: Town, embedded: Embedded) -> None:
    for start in range(0, REFUSED_IN_A_ROW + 20, REFUSED_IN_A_ROW // 2):
        refused(town, embedded, *(f"person-{number}" for number in range(start, start + REFUSED_IN_A_ROW // 2)))
        town.answering.fault = lambda _: None
        embedded.decide("intake", [Refer(f"well-{start}")])
        embedded.settle()
    town.answering.fault = refuse
    embedded.retry(embedded.dead_letters())
    embedded.settle()
    assert sum(letter.attempts == 2 for letter in embedded.dead_letters()) > REFUSED_IN_A_ROW


def test_the_retry_is_read_by_nobody_else(town: Town, embedded: Embedded) -> None:
    refused(town, embedded, "ada")
    embedded.retry(embedded.dead_letters())
    assert [(lag.service, lag.stream) for lag in embedded.lags() if lag.lag] == [("matcher", "matcher-retries")]


def test_the_lag_is_what_stands_behind_the_cursor(town: Town, embedded: Embedded) -> None:
    embedded.decide("intake", [Refer("ada"), Refer("bo")])
    town.clock.set(town.clock.now() + timedelta(seconds=90))
    [behind] = [lag for lag in embedded.lags() if lag.stream == "referrals"]
    assert (behind.service, behind.lag, behind.committed) == ("matcher", 2, 0)
    assert behind.oldest == timedelta(seconds=90)
    embedded.settle()
    assert [(lag.lag, lag.oldest, lag.end == lag.committed) for lag in embedded.lags() if lag.stream == "referrals"] == [(0, None, True)]
