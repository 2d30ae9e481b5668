"""Facts on `matches`: what the matcher proposed or why it abstained, and what coordinator and person decided."""

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from schemas.events.base import DETAILS, MATCHING, AboutCase, Part, Sealed
from schemas.proposal import Rule, RuledOut

NeedsHuman = Literal["red_flag", "no_consent", "too_little_known", "nobody_in_reach"]
ReasonValue = float | str | None


class ProposedGroup(TypedDict):
    """One proposed group with its features as scored; reasons are codes with values, put into words where they are read.

    A plain mapping, because ten of them are made for every referral. A distance that is not known does not travel, so it may be absent.
    """

    group_id: str
    rank: int
    score: float
    distance_km: NotRequired[float | None]
    propensity: float
    features: tuple[float | None, ...]
    reasons: tuple[tuple[str, ReasonValue], ...]
    would_improve: tuple[tuple[str, ReasonValue], ...]


class Ranking(Part):
    """A whole proposal as it was scored: by which model, over which directory."""

    model: str
    directory_version: str
    matches: tuple[ProposedGroup, ...] = ()
    ruled_out: dict[Rule, int] = {}
    nearest_ruled_out: tuple[RuledOut, ...] = ()
    exploration: float = 0.0


class MatchesProposed(AboutCase):
    """These groups are proposed for the case."""

    stream = "matches"

    matching: Annotated[Ranking | Sealed | None, MATCHING] = None


class Unmet(Ranking):
    """Why nothing is proposed, and what was sought where: a row of the unmet-need ledger."""

    needs_human: NeedsHuman | None = None
    kinds: list[str] = []
    area: str | None = None


class NoMatchFound(AboutCase):
    """Nothing is proposed: no group fits, or a human must look first."""

    stream = "matches"

    matching: Annotated[Unmet | Sealed | None, MATCHING] = None


class Choice(Part):
    """What was agreed and why; `override` where the group was not proposed."""

    override: bool = False
    note: str | None = None


class GroupChosen(AboutCase):
    """Coordinator and person agreed on a group: the decision (case, version)."""

    stream = "matches"

    group_id: str
    version: int
    details: Annotated[Choice | Sealed | None, DETAILS] = None


class Declined(Part):
    """Which groups were declined, each with a code why."""

    groups: dict[str, str] = {}


class MatchesDeclined(AboutCase):
    """The person declined what was proposed."""

    stream = "matches"

    version: int
    matching: Annotated[Declined | Sealed | None, MATCHING] = None
