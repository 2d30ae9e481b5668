"""The groups as a coordinator sees them: of one group's facts the newest counts, whatever was sent again."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.group import Group
from services.coordinator.groups_view import GroupsView

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def told(minutes: int, data: Data) -> Event[Data]:
    return Event(f"id-{minutes}", "/test", NOON + timedelta(minutes=minutes), data, correlationid="chain")


def listed(minutes: int, name: str) -> Event[Data]:
    return told(minutes, GroupListed(group_id="choir", feed="town", group=Group(group_id="choir", name=name), content="00"))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_older_snapshot_that_comes_later_changes_nothing(order: tuple[int, ...]) -> None:
    facts = [listed(1, "Choir"), listed(2, "Old choir"), listed(3, "Evening choir")]
    view = GroupsView()
    view.apply([facts[number] for number in order])
    found = view.get("choir")
    assert found is not None
    assert found.name == "Evening choir"


def test_a_group_that_was_listed_again_is_found_although_its_end_is_told_once_more() -> None:
    gone = told(2, GroupDelisted(group_id="choir", feed="town"))
    view = GroupsView()
    view.apply([listed(1, "Choir"), gone, listed(3, "Choir"), gone])
    assert [group.name for group in view.called("choir", 5)] == ["Choir"]
