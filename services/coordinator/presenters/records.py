"""Cases as programs read them: the shapes of the HTTP contract."""

from collections.abc import Iterable, Sequence
from typing import Any

from schemas.events.referrals import ReferralDetails
from services.chassis.vault import Vault
from services.coordinator.domain import NEXT_ACTIONS, Case, CaseFact, newest_proposal
from services.coordinator.groups_view import GroupsView
from services.coordinator.presenters.opened import details_of, happening, matching_of, proposal_of


def queue_item(case: Case, received: CaseFact, vault: Vault) -> dict[str, Any]:
    """A line of the queue, as the HTTP contract has it."""
    details, matching = details_of(received, vault), matching_of(received, vault)
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
    proposal = proposal_of(answer, details, vault) if answer else None
    return {
        "referral_id": details.referral_id if details else None,
        "case_id": case.case_id,
        "person_id": details.person_id if details else None,
        "status": case.status,
        "history": [_entry(fact, vault) for fact in history],
        "proposal": proposal and proposal.model_dump(mode="json"),
        "chosen_group_id": None,
    }


def whole_case(case: Case, history: Sequence[CaseFact], vault: Vault, groups: GroupsView) -> dict[str, Any]:
    """The case as a coordinator works with it: the person's own words, and the proposed groups by name."""
    received = next(fact for fact in history if fact.name == "ReferralReceived")
    details, matching = details_of(received, vault), matching_of(received, vault)
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


def _entry(fact: CaseFact, vault: Vault) -> dict[str, Any]:
    entry: dict[str, Any] = {"at": fact.time.isoformat(), "event": fact.name}
    reason = happening(fact, vault).reason
    return entry | {"reason": reason} if reason else entry


def _details_of_case(history: Sequence[CaseFact], vault: Vault) -> ReferralDetails | None:
    return next((details_of(fact, vault) for fact in history if fact.name == "ReferralReceived"), None)
