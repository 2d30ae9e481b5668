"""The directory's own rules: whose a group is, what counts as a change, and when a feed looks broken."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.group import Group, GroupContact
from services.directory.domain import (
    BY_HAND,
    Embedding,
    KnownGroup,
    ListGroup,
    Prepared,
    fate_of,
    owner_forbids,
    too_many_gone,
)

CHOIR: dict[str, Any] = {
    "group_id": "choir",
    "name": "Riverside Choir",
    "description": "Songs, no auditions.",
    "tags": ["singing", "music"],
    "languages": ["en", "cy"],
    "sessions": [{"weekday": "mon", "start": "19:00"}, {"weekday": "thu", "start": "10:00", "end": "12:00"}],
}


def prepared(contact: GroupContact | None = None, area: str | None = "LS6", embedding: Embedding | None = None, **changes: Any) -> Prepared:
    return Prepared(Group.model_validate(CHOIR | changes), contact, area, embedding or Embedding("hash", "vector", "encoder", ("singing",)))


def known(feed: str = "town", content: bytes = b"content", *, listed: bool = True) -> KnownGroup:
    return KnownGroup("choir", feed, content, listed)


def test_the_order_of_tags_languages_and_sessions_is_no_change() -> None:
    shuffled = prepared(tags=["music", "singing"], languages=["cy", "en"], sessions=CHOIR["sessions"][::-1])

    assert shuffled.content == prepared().content


@pytest.mark.parametrize(
    "changed",
    [
        prepared(name="Riverside Community Choir"),
        prepared(description="Songs and tea."),
        prepared(tags=["singing"]),
        prepared(sessions=CHOIR["sessions"][:1]),
        prepared(status="paused"),
        prepared(access=[]),
        prepared(genders=[]),
        prepared(latitude=53.8, longitude=-1.5),
        prepared(website="https://choir.example"),
        prepared(contact=GroupContact(phone="01632 960001")),
        prepared(area="LS7"),
        prepared(embedding=Embedding("hash", "vector", "another encoder", ("singing",))),
        prepared(embedding=Embedding("hash", "vector", "encoder", ("singing", "music"))),
    ],
)
def test_whatever_a_reader_would_see_is_a_change(changed: Prepared) -> None:
    assert changed.content != prepared().content


def test_a_fact_that_is_not_known_differs_from_an_empty_list_of_it() -> None:
    assert prepared(access=None).content != prepared(access=[]).content


def test_a_group_never_seen_or_delisted_since_is_added() -> None:
    assert fate_of(None, "town", b"content") == "added"
    assert fate_of(known(listed=False), "town", b"content") == "added"


def test_the_same_content_from_the_same_feed_is_unchanged() -> None:
    assert fate_of(known(), "town", b"content") == "unchanged"
    assert fate_of(known(), "town", b"other") == "changed"
    assert fate_of(known(), BY_HAND, b"content") == "changed"


def test_another_feed_may_not_list_a_group_that_is_listed() -> None:
    assert owner_forbids(known(feed="town"), "county") == "the group is listed from another source already: 'town'"
    assert owner_forbids(known(feed="town"), "town") is None
    assert owner_forbids(known(feed="town", listed=False), "county") is None
    assert owner_forbids(None, "county") is None


def test_what_is_said_by_hand_stands_above_a_feed_and_not_the_other_way() -> None:
    assert owner_forbids(known(feed="town"), BY_HAND) is None
    assert owner_forbids(known(feed=BY_HAND), "town") == "the group is kept by hand"


@pytest.mark.parametrize(("had", "gone", "suspicious"), [(10, 5, False), (10, 6, True), (1, 1, True), (3, 1, False), (3, 2, True), (0, 0, False)])
def test_a_feed_that_lost_more_than_half_looks_broken(had: int, gone: int, suspicious: bool) -> None:
    ids = [str(number) for number in range(had)]

    assert too_many_gone(ids, ids[:gone]) is suspicious


def test_a_command_is_about_its_group() -> None:
    assert ListGroup("town", prepared(), datetime(2025, 3, 1, tzinfo=UTC)).group_id == "choir"
