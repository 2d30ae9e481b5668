"""The proposal record: the ranked groups for one referral, with reasons, as `together match` and HTTP show it."""

from typing import Literal

from schemas.record import Record

Rule = Literal["status", "age", "gender", "language", "access", "time", "cost", "reach", "place", "already_attended", "cooling_off"]
"""The hard rules of eligibility, in the order in which a group that breaks several is counted."""

RULES: tuple[Rule, ...] = ("status", "age", "gender", "language", "access", "time", "cost", "reach", "place", "already_attended", "cooling_off")


class Match(Record):
    """One proposed group; `score` is the estimated probability of a second attendance, `distance_km` the geodesic."""

    group_id: str
    rank: int
    score: float
    distance_km: float | None = None
    propensity: float = 1.0
    reasons: list[str] = []
    would_improve: list[str] = []


class RuledOut(Record):
    """A group that would have ranked well, and the first rule that keeps it out."""

    group_id: str
    rule: Rule


class Proposal(Record):
    """The answer to one referral: matches by falling score, or `needs_human` with the reason for abstaining.

    Where places are shared among many, or people are spread over groups, another may come first, and the reasons say so.
    """

    referral_id: str | None = None
    person_id: str | None = None
    model: str
    directory_version: str
    matches: list[Match] = []
    ruled_out: dict[Rule, int] = {}
    nearest_ruled_out: list[RuledOut] = []
    needs_human: str | None = None
