"""What others say that leads to tasks, and the tasks that are open."""

from datetime import timedelta
from typing import Any

from schemas.events.base import Data
from schemas.events.follow_ups import FollowUpClaimed, FollowUpPlanned, FollowUpSent, ReplyMeaning, ReplyReceived, ReplyText
from schemas.events.places import PlaceRequested
from tests.integration.coordinator.desk import NOW, Desk

ABOUT: dict[str, Any] = {"person": "ada", "case_id": "case-1"}


def open_tasks(desk: Desk) -> dict[str, dict[str, Any]]:
    """The open tasks of the case by their kind."""
    tasks = [task for task in desk.case()["tasks"] if task["closed_at"] is None]
    assert len({task["kind"] for task in tasks}) == len(tasks) or all(task["kind"] == "by_hand" for task in tasks)
    return {task["kind"]: task for task in tasks}


def reply(meaning: Any, text: str = "…", **ids: Any) -> ReplyReceived:
    return ReplyReceived(person="ada", case_id="case-1", matching=ReplyMeaning(meaning=meaning), details=ReplyText(text=text), **ids)


def told_of(place: PlaceRequested) -> list[Data]:
    """Follow-up told the person of this place."""
    touch: dict[str, Any] = {**ABOUT, "touch_id": f"first-{place.place_id}", "step": "first_session", "place_id": place.place_id}
    planned = FollowUpPlanned(**touch, channel="sms", due_at=NOW, useless_after=NOW + timedelta(days=1))
    return [planned, FollowUpClaimed(**touch), FollowUpSent(**touch)]
