"""Facts on `outcomes`: who came, who did not, how they are, and whom nobody can reach."""

from datetime import date
from typing import Annotated, Literal

from schemas.events.base import MATCHING, AboutCase, Part, Sealed
from schemas.referral import Loneliness

SaidBy = Literal["person", "organiser", "coordinator"]


class _Session(AboutCase):
    """One person, group and date; a coordinator's word stands, else the highest revision (see `weight`)."""

    group_id: str
    on: date
    said_by: SaidBy
    revision: int = 1


class SessionAttended(_Session):
    """The person came."""

    stream = "outcomes"


class SessionMissed(_Session):
    """The person did not come."""

    stream = "outcomes"


def weight(said_by: str | None, revision: int | None) -> tuple[bool, int]:
    """What a statement about a session weighs: the heaviest stands, and a coordinator's settles whatever others say before or after it."""
    return said_by == "coordinator", revision or 0


class Measured(Part):
    """The items as answered; scores follow from them."""

    loneliness: Loneliness


class WellbeingMeasured(AboutCase):
    """The person answered the questions on loneliness again."""

    stream = "outcomes"

    matching: Annotated[Measured | Sealed | None, MATCHING] = None


class ContactLost(AboutCase):
    """Nobody could reach the person: a task, never a discharge."""

    stream = "outcomes"
