"""A paged interface is read to its end; what cannot be had leaves the reading not whole and takes nothing else with it."""

from typing import Any

import pytest

from services.directory.feeds import FeedUnreadable, Reading, read_feed
from services.directory.feeds.fetching import NotFetched
from tests.unit.directory.feed_cases import ADDRESS, fetch_of, service, told

FULL = f"{ADDRESS}?full=true"


def group(number: int) -> dict[str, Any]:
    """A service in full, with an id of its own."""
    return service(id=f"s{number}", service_at_locations=[])


def page(number: int, pages: int, *items: Any, **more: Any) -> dict[str, Any]:
    """One page of a list."""
    return {"page_number": number, "total_pages": pages, "contents": list(items), **more}


def read(bodies: dict[str, Any]) -> Reading:
    return read_feed(ADDRESS, fetch=fetch_of(bodies))


def ids(reading: Reading) -> list[str]:
    return [found.group_id for found in reading.groups]


def test_every_page_is_read() -> None:
    reading = read({FULL: page(1, 3, group(1)), f"{FULL}&page=2": page(2, 3, group(2)), f"{FULL}&page=3": page(3, 3, group(3))})
    assert (ids(reading), reading.whole, reading.problems) == (["s1", "s2", "s3"], True, ())


def test_a_link_to_the_next_page_is_followed() -> None:
    following = "https://feed.example/services?cursor=abc"
    reading = read({FULL: {"contents": [group(1)], "_links": {"next": {"href": "?cursor=abc"}}}, following: {"contents": [group(2)]}})
    assert (ids(reading), reading.whole) == (["s1", "s2"], True)


def test_a_page_that_keeps_failing_leaves_the_reading_not_whole_and_the_others_are_read() -> None:
    bodies = {FULL: page(1, 3, group(1)), f"{FULL}&page=2": NotFetched("status 500, tried 3 times"), f"{FULL}&page=3": page(3, 3, group(3))}
    reading = read(bodies)
    assert (ids(reading), reading.whole) == (["s1", "s3"], False)
    assert told(reading) == [(1, "", "the page could not be read", "rejected")]
    assert reading.problems[0].file == f"{FULL}&page=2"
    assert (reading.read, reading.rejected) == (2, 0)


def test_a_page_that_is_not_json_is_a_failed_page() -> None:
    reading = read({FULL: page(1, 2, group(1)), f"{FULL}&page=2": b"<html>busy</html>"})
    assert (ids(reading), reading.whole) == (["s1"], False)


def test_a_list_whose_pages_are_all_gone_is_given_up_soon() -> None:
    reading = read({FULL: page(1, 5_000, group(1))})
    assert (ids(reading), reading.whole, len(reading.problems)) == (["s1"], False, 4)


def test_an_interface_that_gives_the_first_page_again_and_again_is_not_read_in_circles() -> None:
    bodies: dict[str, Any] = {FULL: page(1, 3, group(1))}
    bodies |= {f"{FULL}&page={number}": page(1, 3, group(1)) for number in (2, 3)}
    reading = read(bodies)
    assert (ids(reading), reading.whole) == (["s1"], False)
    assert read({FULL: {"contents": [group(1)], "next": FULL}}).whole is False


def test_a_link_to_another_site_is_not_followed() -> None:
    reading = read({FULL: {"contents": [group(1)], "next": "http://127.0.0.1/services"}, "http://127.0.0.1/services": {"contents": [group(2)]}})
    assert (ids(reading), reading.whole) == (["s1"], False)


def test_a_list_that_announces_more_than_it_gives_is_not_whole() -> None:
    reading = read({FULL: page(1, 1, group(1), total_items=9)})
    assert (reading.usable, reading.whole) == (1, False)


def test_services_given_by_their_heads_are_fetched_in_full() -> None:
    heads = [{"id": f"s{number}", "name": "Choir", "status": "active"} for number in (1, 2)]
    bodies = {FULL: page(1, 1, *heads), f"{ADDRESS}/s1": service(), f"{ADDRESS}/s2": NotFetched("status 404", gone=True)}
    reading = read(bodies)
    assert (ids(reading), reading.whole) == (["sal1", "s2"], True)


def test_a_head_is_not_taken_for_a_service_whose_rest_could_not_be_had() -> None:
    head = {"id": "s1", "name": "Choir", "status": "active"}
    reading = read({FULL: page(1, 1, head, group(2)), f"{ADDRESS}/s1": NotFetched("status 500, tried 3 times")})
    assert (ids(reading), reading.whole) == (["s2"], False)
    assert told(reading) == [(1, "", "the service could not be read in full", "rejected")]


def test_an_interface_that_has_only_heads_is_not_asked_for_every_one() -> None:
    asked: list[str] = []
    fetch = fetch_of({FULL: page(1, 1, *({"id": f"s{number}", "name": "Choir", "status": "active"} for number in range(50)))})

    def counted(address: str) -> bytes:
        asked.append(address)
        return fetch(address)

    reading = read_feed(ADDRESS, fetch=counted)
    assert (reading.usable, reading.whole) == (50, True)
    assert len(asked) == 5


def test_a_first_page_that_cannot_be_had_is_no_reading() -> None:
    with pytest.raises(FeedUnreadable, match=r"^https://feed\.example/services: status 404$"):
        read({})
