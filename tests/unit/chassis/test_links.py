"""Signed links: each opens one page about one subject until it expires, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.clock import HandSetClock
from services.chassis.errors import NotFound
from services.chassis.links import Links

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))


def token(link: str) -> str:
    return link.rpartition("/")[2]


def test_a_link_starts_with_the_public_address_and_leads_back_to_its_subject() -> None:
    links = Links(KEY, "https://town.example/", HandSetClock(NOW))
    link = links.make("g", "abbey:choir", NOW + timedelta(days=1))
    assert link.startswith("https://town.example/g/")
    assert links.read("g", token(link)) == "abbey:choir"


def test_links_start_with_the_address_that_they_are_told_last() -> None:
    links = Links(KEY, "http://127.0.0.1:8080", HandSetClock(NOW))
    links.start_with("http://127.0.0.1:18431/")
    link = links.make("p", "touch-1", NOW + timedelta(days=1))
    assert link.startswith("http://127.0.0.1:18431/p/")
    assert links.read("p", token(link)) == "touch-1"


def test_a_link_expires_by_the_domain_clock() -> None:
    clock = HandSetClock(NOW)
    links = Links(KEY, "https://town.example", clock)
    made = token(links.make("p", "case-1", NOW + timedelta(days=1)))
    clock.set(NOW + timedelta(days=1))
    with pytest.raises(NotFound, match="expired"):
        links.read("p", made)


def test_a_link_of_one_page_does_not_open_another() -> None:
    links = Links(KEY, "https://town.example", HandSetClock(NOW))
    made = token(links.make("g", "case-1", NOW + timedelta(days=1)))
    with pytest.raises(NotFound, match="not one of ours"):
        links.read("p", made)


@pytest.mark.parametrize("forged", ["", "x", "W10.x", "WyJjYXNlLTEiLDE4MDAwMDAwMDBd.AAAA", "é", "a" * 5000])
def test_what_we_did_not_sign_opens_nothing(forged: str) -> None:
    with pytest.raises(NotFound, match="not one of ours"):
        Links(KEY, "https://town.example", HandSetClock(NOW)).read("g", forged)


def test_another_installation_does_not_read_our_links() -> None:
    clock = HandSetClock(NOW)
    made = token(Links(KEY, "https://town.example", clock).make("g", "abbey:choir", NOW + timedelta(days=1)))
    with pytest.raises(NotFound):
        Links(bytes(32), "https://town.example", clock).read("g", made)
