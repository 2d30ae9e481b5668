"""What the log of a town tells of its touches and replies, in short."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from schemas.events.follow_ups import FollowUpCancelled, FollowUpPlanned, NotSent, ReplyMeaning, ReplyReceived
from tests.integration.followup.town import LONDON, Town

LIFE = ["first_session", "day_before", "day_after", "week_2", "week_6"]


def meanings(town: Town) -> list[str]:
    """What every reply was understood to mean."""
    return [data.matching.meaning for data in town.facts(ReplyReceived) if isinstance(data.matching, ReplyMeaning)]


def to_person(steps: Sequence[str]) -> list[str]:
    """The steps that are no organiser's."""
    return [step for step in steps if step != "organiser_asked"]


def due(town: Town) -> dict[str, datetime]:
    """When each step was planned for, the newest plan of it."""
    return {data.step: data.due_at.astimezone(LONDON) for data in town.facts(FollowUpPlanned)}


def ends(town: Town, kind: type[Any]) -> list[tuple[str, str]]:
    """The steps that ended so, each with its reason."""
    return [(data.step, _reason(data)) for data in town.facts(kind)]


def _reason(data: Any) -> str:
    """Why a touch was not sent; of a cancelled one it travels sealed."""
    if isinstance(data, FollowUpCancelled):
        assert isinstance(data.matching, NotSent)
        return data.matching.reason
    return str(data.reason)
