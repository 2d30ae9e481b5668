"""A case with its sealed parts opened, here at the edge and nowhere kept; what was sealed under a destroyed key is None."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from pydantic import BaseModel

from models.explain import Reason, ReasonCode
from models.matching import NearMiss, Ranked, RankedMatch, to_proposal
from schemas.events.base import Sealed
from schemas.events.matches import Choice, Declined, ProposedGroup, Ranking, Unmet
from schemas.events.referrals import FlagsSettled, RedFlag, ReferralDetails, ReferralMatching, WhyEnded
from schemas.proposal import Proposal
from services.chassis.codec import open_part
from services.chassis.vault import Vault
from services.coordinator.domain import Case, CaseFact
from services.coordinator.presenters.worked import Worked
from services.coordinator.standing import Standing, newest_proposal

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact of a case's history, with the code of its reason and what was noted, where it has them.

    `noticed_in` says where a flag was noticed, `declined` why each group was declined.
    """

    fact: CaseFact
    reason: str | None = None
    note: str | None = None
    by: str | None = None
    noticed_in: str | None = None
    declined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case, who it is about, what they need, what was proposed last, its history in order, how it stands, and what was done about it."""

    case: Case
    details: ReferralDetails | None
    matching: ReferralMatching | None
    proposal: Proposal | None
    history: tuple[Happening, ...]
    standing: Standing
    worked: Worked


TOLD = frozenset(
    {
        "ReferralReceived", "RedFlagRaised", "RedFlagCleared", "ReferralWithdrawn", "ReferralClosed", "ReferralReopened", "MatchesProposed",
        "NoMatchFound", "GroupChosen", "MatchesDeclined", "PlaceHeld", "PlaceMoved", "PlaceWaitlisted", "PlaceConfirmed", "PlaceRefused",
        "PlaceReleased", "SessionAttended", "SessionMissed", "WellbeingMeasured", "ContactLost",
    }
)  # fmt: skip
"""The facts that make a case's history; notes, tasks, replies and messages are told beside it."""


def open_case(case: Case, history: Sequence[CaseFact], standing: Standing, worked: Worked, vault: Vault) -> OpenedCase:
    """Everything that is known of a case."""
    received = next((fact for fact in history if fact.name == "ReferralReceived"), None)
    details, matching = (details_of(received, vault), matching_of(received, vault)) if received else (None, None)
    answer = newest_proposal(history)
    proposal = proposal_of(answer, details, vault) if answer else None
    told = tuple(happening(fact, vault) for fact in history if fact.name in TOLD)
    return OpenedCase(case, details, matching, proposal, told, standing, worked)


def details_of(received: CaseFact, vault: Vault) -> ReferralDetails | None:
    """Who the person is and what they said."""
    return _open(received.sealed_details(), ReferralDetails, vault)


def matching_of(received: CaseFact, vault: Vault) -> ReferralMatching | None:
    """What the person needs."""
    return _open(received.sealed_matching(), ReferralMatching, vault)


def proposal_of(answer: CaseFact, details: ReferralDetails | None, vault: Vault) -> Proposal | None:
    """The matcher's answer, with every reason in words."""
    ranking = _open(answer.sealed_matching(), Unmet if answer.name == "NoMatchFound" else Ranking, vault)
    if ranking is None:
        return None
    ranked = Ranked(
        ranking.model,
        ranking.directory_version,
        tuple(map(_ranked_match, ranking.matches)),
        ranking.ruled_out,
        tuple(NearMiss(near.group_id, near.rule) for near in ranking.nearest_ruled_out),
        ranking.needs_human if isinstance(ranking, Unmet) else None,
    )
    ids = (details.referral_id, details.person_id) if details else (None, None)
    return to_proposal(ranked, *ids)


def happening(fact: CaseFact, vault: Vault) -> Happening:
    """A fact with its reason, where it has one."""
    if fact.name == "NoMatchFound" and (unmet := _open(fact.sealed_matching(), Unmet, vault)):
        return Happening(fact, unmet.needs_human)
    if fact.name == "RedFlagRaised" and (flag := _open(fact.sealed_matching(), RedFlag, vault)):
        return Happening(fact, flag.code, noticed_in=flag.noticed_in)
    if fact.name in ("ReferralWithdrawn", "ReferralClosed", "ReferralReopened") and (why := _open(fact.sealed_details(), WhyEnded, vault)):
        return Happening(fact, why.reason, why.note)
    if fact.name == "MatchesDeclined" and (declined := _open(fact.sealed_matching(), Declined, vault)):
        return Happening(fact, ", ".join(sorted(set(declined.groups.values()))) or None, declined=declined.groups)
    if fact.name == "GroupChosen" and (choice := _open(fact.sealed_details(), Choice, vault)):
        return Happening(fact, note=choice.note)
    if fact.name == "RedFlagCleared" and (settled := _open(fact.sealed_details(), FlagsSettled, vault)):
        return Happening(fact, note=settled.note, by=settled.settled_by)
    return Happening(fact, fact.clear.reason)


def _ranked_match(match: ProposedGroup) -> RankedMatch:
    why, contrast = (tuple(Reason(cast(ReasonCode, code), value) for code, value in told) for told in (match["reasons"], match["would_improve"]))
    km, propensity = match.get("distance_km"), match["propensity"]
    return RankedMatch(match["group_id"], match["rank"], match["score"], km, propensity, match["features"], why, contrast)


def _open(sealed: Sealed | None, part: type[P], vault: Vault) -> P | None:
    return None if sealed is None else open_part(sealed, part, vault)
