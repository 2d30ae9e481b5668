"""The attendance record: how often a person went to a group, as training data."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from schemas.record import Id, Record


class Attendance(Record):
    """Sessions attended (0 where a group was offered and nobody came), and the propensity of the offer where logged."""

    person_id: Id
    group_id: Id
    sessions: Annotated[int, Field(ge=0, le=100_000)]
    first_at: AwareDatetime | None = None
    offered_at: AwareDatetime | None = None
    propensity: Annotated[float, Field(gt=0, le=1)] | None = None
