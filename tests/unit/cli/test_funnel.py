"""The funnel counts people by how their cases stand, not by how often something was said about them."""

from typing import Any

from services.cli.funnel import _Person


def test_a_visit_that_was_said_twice_or_taken_back_is_counted_as_it_stands() -> None:
    said: list[dict[str, Any]] = [{"event": "SessionAttended"}, {"event": "SessionMissed"}, {"event": "SessionAttended"}]
    visit = {"group_id": "choir", "on": "2026-03-10"}
    case = {"status": "attended", "history": said, "outcomes": [visit | {"attended": True}, visit | {"on": "2026-03-17", "attended": False}]}
    assert _Person([case]).visits == 1
