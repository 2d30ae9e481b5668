"""What every run of the services promises of a retry: the original comes back before its consumer alone, once, and its fate is told."""

from schemas.envelope import Event
from schemas.events.base import Data
from services.chassis.dead_letters import dead_letters
from services.chassis.errors import Rejected
from tests.contract.sites import Site, letters, refer, subjects


def refuse(_event: Event[Data]) -> None:
    """What a handler does that takes nothing."""
    raise Rejected("not now")


def take(_event: Event[Data]) -> None:
    """What a handler does that takes everything."""


def test_a_retried_record_is_handled_as_the_original_would_have_been(site: Site) -> None:
    site.answering.fault = refuse
    refer(site, "ada")
    site.settle()
    [letter] = dead_letters(site.running.all_of)
    site.answering.fault = take
    site.running.retry([letter])
    site.settle()
    [answer] = site.running.all_of("matches")
    assert (answer.record.subject, answer.record.causationid) == ("ada", letter.original.id)
    assert [one.state for one in dead_letters(site.running.all_of)] == ["retried"]
    assert subjects(site, "referrals") == ["ada"]


def test_what_is_refused_again_is_a_dead_letter_with_one_attempt_more(site: Site) -> None:
    site.answering.fault = refuse
    refer(site, "ada")
    site.settle()
    site.running.retry(dead_letters(site.running.all_of))
    site.settle()
    assert letters(site) == [("ada", "not now", 1), ("ada", "not now", 2)]
    site.answering.fault = take
    site.running.retry([letter for letter in dead_letters(site.running.all_of) if letter.state == "waiting"])
    site.settle()
    assert subjects(site, "matches") == ["ada"]
