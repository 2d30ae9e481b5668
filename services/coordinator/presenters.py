"""Cases as people and programs read them: sealed parts opened here, at the edge, and nowhere kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from models.explain import Reason, ReasonCode
from models.matching import NearMiss, Ranked, RankedMatch, to_proposal
from schemas.events.base import Sealed
from schemas.events.matches import NeedsHuman, ProposedGroup, Ranking, Unmet
from schemas.events.referrals import RedFlag, ReferralDetails, ReferralMatching, WhyEnded
from services.chassis.codec import open_part
from services.chassis.vault import Vault
from services.coordinator.domain import NEXT_ACTIONS, Case, CaseFact, newest_proposal
from services.coordinator.groups_view import GroupsView

P = TypeVar("P", bound=BaseModel)
ABSTAINED: Mapping[NeedsHuman, str] = {
    "red_flag": "Something in the referral must be looked at by a person first",
    "no_consent": "The person has not agreed to be matched",
    "too_little_known": "Too little is known of what the person would like",
    "nobody_in_reach": "No group within reach fits",
}
IN_WORDS: Mapping[str, str] = {
    "ReferralReceived": "The referral arrived",
    "RedFlagRaised": "A red flag was raised",
    "MatchesProposed": "Groups were proposed",
    "NoMatchFound": "No group was proposed",
    "ReferralWithdrawn": "The referral was taken back",
}


def queue_item(case: Case, received: CaseFact, vault: Vault) -> dict[str, Any]:
    """A line of the queue, as the HTTP contract has it."""
    details, matching = _details(received, vault), _matching(received, vault)
    return {
        "case_id": case.case_id,
        "referral_id": details.referral_id if details else None,
        "person_id": details.person_id if details else None,
        "status": case.status,
        "urgency": matching.urgency if matching else "routine",
        "red_flag": case.red_flag,
        "received_at": case.received_at.isoformat(),
        "next_action": NEXT_ACTIONS[case.status],
    }


def referral_status(case: Case, history: Sequence[CaseFact], vault: Vault) -> dict[str, Any]:
    """The case as its referrer may read it."""
    details = _details_of_case(history, vault)
    answer = newest_proposal(history)
    return {
        "referral_id": details.referral_id if details else None,
        "case_id": case.case_id,
        "person_id": details.person_id if details else None,
        "status": case.status,
        "history": [_entry(fact, vault) for fact in history],
        "proposal": answer and _proposal(answer, details, vault),
        "chosen_group_id": None,
    }


def whole_case(case: Case, history: Sequence[CaseFact], vault: Vault, groups: GroupsView) -> dict[str, Any]:
    """The case as a coordinator works with it: the person's own words, and the proposed groups by name."""
    received = next(fact for fact in history if fact.name == "ReferralReceived")
    details, matching = _details(received, vault), _matching(received, vault)
    status = referral_status(case, history, vault)
    return (
        queue_item(case, received, vault)
        | status
        | {
            "touches": [],
            "person": details and details.model_dump(mode="json", exclude_none=True, exclude={"referral_id", "person_id"}),
            "needs": matching and matching.model_dump(mode="json", exclude_none=True, exclude={"vector", "encoder"}),
            "groups": _groups(status["proposal"], groups),
        }
    )


def _groups(proposal: dict[str, Any] | None, groups: GroupsView) -> dict[str, Any]:
    ids: Iterable[str] = (one["group_id"] for part in ("matches", "nearest_ruled_out") for one in (proposal or {}).get(part, ()))
    known = {id_: groups.get(id_) for id_ in ids}
    return {id_: group.model_dump(mode="json", exclude={"contact"}) for id_, group in known.items() if group}


def _proposal(answer: CaseFact, details: ReferralDetails | None, vault: Vault) -> dict[str, Any] | None:
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
    return to_proposal(ranked, *ids).model_dump(mode="json")


def _ranked_match(match: ProposedGroup) -> RankedMatch:
    why, contrast = (tuple(Reason(cast(ReasonCode, code), value) for code, value in told) for told in (match["reasons"], match["would_improve"]))
    km, propensity = match.get("distance_km"), match["propensity"]
    return RankedMatch(match["group_id"], match["rank"], match["score"], km, propensity, match["features"], why, contrast)


def _entry(fact: CaseFact, vault: Vault) -> dict[str, Any]:
    entry: dict[str, Any] = {"at": fact.time.isoformat(), "event": fact.name}
    reason = _reason(fact, vault)
    return entry | {"reason": reason} if reason else entry


def _reason(fact: CaseFact, vault: Vault) -> str | None:
    if fact.name == "NoMatchFound" and (unmet := _open(fact.sealed_matching(), Unmet, vault)):
        return unmet.needs_human
    if fact.name == "RedFlagRaised" and (flag := _open(fact.sealed_matching(), RedFlag, vault)):
        return flag.code
    if fact.name == "ReferralWithdrawn" and (why := _open(fact.sealed_details(), WhyEnded, vault)):
        return why.reason
    return None


def _details_of_case(history: Sequence[CaseFact], vault: Vault) -> ReferralDetails | None:
    return next((_details(fact, vault) for fact in history if fact.name == "ReferralReceived"), None)


def _details(received: CaseFact, vault: Vault) -> ReferralDetails | None:
    return _open(received.sealed_details(), ReferralDetails, vault)


def _matching(received: CaseFact, vault: Vault) -> ReferralMatching | None:
    return _open(received.sealed_matching(), ReferralMatching, vault)


def _open(sealed: Sealed | None, part: type[P], vault: Vault) -> P | None:
    return None if sealed is None else open_part(sealed, part, vault)
