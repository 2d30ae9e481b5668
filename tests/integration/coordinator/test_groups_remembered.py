"""A group that is gone keeps its name and may still be spoken of, whenever the process was started and whatever came first."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.envelope import Event
from schemas.events.groups import GroupDelisted, GroupListed
from services.cli.installation import embedded_installation, settings_for
from services.coordinator.commands import ChooseGroup
from services.coordinator.store import SqlCoordinatorStore
from tests.integration.coordinator.desk import CHOIR, NOW, Desk

GONE = GroupDelisted(group_id="choir", feed="f")


def listed(name: str, status: str = "active") -> GroupListed:
    return GroupListed(group_id="choir", feed="f", group=CHOIR.model_copy(update={"name": name, "status": status}), content=name)


def test_a_group_that_is_gone_is_known_to_a_view_that_began_after(the_desk: Desk) -> None:
    the_desk.say(GONE)
    the_desk.groups._groups.clear()  # as at a start: the newest fact alone is read, and that has no group in it
    assert the_desk.groups.get("choir") is None
    [chosen, _] = the_desk.ask(ChooseGroup, group_id="choir")
    assert chosen.group_id == "choir"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_the_newest_word_about_a_group_counts_in_any_order(the_desk: Desk, order: tuple[int, ...]) -> None:
    said: list[GroupListed | GroupDelisted] = [listed("Old"), listed("New", "paused"), GONE]
    events: list[Event[Any]] = [Event(f"e-{n}", "/d", NOW + timedelta(days=1, minutes=n), said[n], "c", "c") for n in order]
    with the_desk.embedded._writer.begin() as connection:
        store = SqlCoordinatorStore(connection, the_desk.embedded._scribes["coordinator"].vault)
        for event in (*events, *events):
            store.put_groups([event])
        group = store.group("choir")
        assert (group and group.name, store.stopped(["choir", "games", "unknown"])) == ("New", {"choir"})


def test_an_installation_tells_of_a_group_that_was_delisted_before_it_started(tmp_path: Path) -> None:
    with embedded_installation(settings_for(tmp_path / "data")) as first, first.services._writer.begin() as connection:
        store = SqlCoordinatorStore(connection, first.services._scribes["coordinator"].vault)
        events: list[Event[Any]] = [Event("e-1", "/d", NOW, listed("Singers"), "c", "c"), Event("e-2", "/d", NOW, GONE, "c", "c")]
        store.put_groups(events)
    with embedded_installation(settings_for(tmp_path / "data")) as second:
        group = second.groups.get("choir")
        assert group is not None
        assert group.name == "Singers"
