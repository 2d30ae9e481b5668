"""Cases as programs read them: the shapes of the HTTP contract."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from schemas.events.referrals import ReferralDetails
from services.chassis.vault import Vault
from services.coordinator.domain import Case, CaseFact
from services.coordinator.groups_view import GroupsView
from services.coordinator.places import Place
from services.coordinator.presenters.opened import TOLD, OpenedCase, details_of, happening, matching_of, proposal_of
from services.coordinator.presenters.worked import outcomes
from services.coordinator.standing import Standing, newest_proposal
from services.coordinator.tasks import next_action

_SENT_BY_THE_REFERRER: Final = ("flags", "text")
"""Where a flag is noticed in what the referrer sent themselves."""


def queue_item(case: Case, received: CaseFact, now: datetime, vault: Vault) -> dict[str, Any]:
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
        "next_action": next_action(case, now),
    }


def referral_status(case: Case, history: Sequence[CaseFact], standing: Standing, vault: Vault, *, inside: bool = False) -> dict[str, Any]:
    """The case as its referrer may read it: of a flag that others raised they learn that it is there. `inside` is who works with the case."""
    details = _details_of_case(history, vault)
    answer = newest_proposal(history)
    proposal = proposal_of(answer, details, vault) if answer else None
    return {
        "referral_id": details.referral_id if details else None,
        "case_id": case.case_id,
        "person_id": details.person_id if details else None,
        "status": case.status,
        "history": [_entry(fact, vault, inside) for fact in history if fact.name in TOLD],
        "proposal": proposal and proposal.model_dump(mode="json"),
        "chosen_group_id": standing.chosen and standing.chosen.group_id,
        "outcomes": [asdict(one) | {"on": one.on.isoformat()} for one in outcomes(history)],
    }


def decision_answer(case: Case, history: Sequence[CaseFact], standing: Standing, vault: Vault) -> dict[str, Any]:
    """What is answered to a decision: how the case stands now, and the place that is asked for where there is one."""
    details = _details_of_case(history, vault)
    answer = {
        "case_id": case.case_id,
        "referral_id": details.referral_id if details else None,
        "status": standing.status,
        "version": standing.version,
    }
    return answer | {"place_id": standing.chosen.place_id} if standing.chosen else answer


def whole_case(opened: OpenedCase, history: Sequence[CaseFact], now: datetime, vault: Vault, groups: GroupsView) -> dict[str, Any]:
    """The case as a coordinator works with it: the person's own words, what was done, and the groups by name."""
    case, details, matching = opened.case, opened.details, opened.matching
    received = next(fact for fact in history if fact.name == "ReferralReceived")
    status = referral_status(case, history, opened.standing, vault, inside=True)
    return (
        queue_item(case, received, now, vault)
        | status
        | _worked(opened)
        | {
            "version": opened.standing.version,
            "flag_ids": sorted(opened.standing.flags),
            "place": _place(opened.standing.decided),
            "person": details and details.model_dump(mode="json", exclude_none=True, exclude={"referral_id", "person_id"}),
            "needs": matching and matching.model_dump(mode="json", exclude_none=True, exclude={"vector", "encoder"}),
            "groups": _groups(status["proposal"], status["chosen_group_id"], groups),
        }
    )


def _worked(opened: OpenedCase) -> dict[str, Any]:
    worked = opened.worked
    return {
        "touches": [
            {"touch_id": one.touch_id, "step": one.step, "channel": one.channel, "due_at": _iso(one.due_at), "state": one.state, "at": _iso(one.at)}
            for one in worked.touches
        ],
        "tasks": [
            asdict(one) | {"due_at": _iso(one.due_at), "opened_at": _iso(one.opened_at), "closed_at": _iso(one.closed_at)} for one in worked.tasks
        ],
        "notes": [asdict(one) | {"at": _iso(one.at)} for one in worked.notes],
        "replies": [asdict(one) | {"at": _iso(one.at)} for one in worked.replies],
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    session = place.session and place.session.model_dump(mode="json")
    return {"place_id": place.place_id, "group_id": place.group_id, "state": place.state, "session": session, "reason": place.reason}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _groups(proposal: dict[str, Any] | None, chosen: str | None, groups: GroupsView) -> dict[str, Any]:
    ids: Iterable[str] = (one["group_id"] for part in ("matches", "nearest_ruled_out") for one in (proposal or {}).get(part, ()))
    known = {id_: groups.get(id_) for id_ in (*ids, *([chosen] if chosen else []))}
    return {id_: group.model_dump(mode="json", exclude={"contact"}) for id_, group in known.items() if group}


def _entry(fact: CaseFact, vault: Vault, inside: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"at": fact.time.isoformat(), "event": fact.name}
    told = happening(fact, vault)
    reason = told.reason if inside or told.noticed_in in (None, *_SENT_BY_THE_REFERRER) else None
    return entry | {"reason": reason} if reason else entry


def _details_of_case(history: Sequence[CaseFact], vault: Vault) -> ReferralDetails | None:
    return next((details_of(fact, vault) for fact in history if fact.name == "ReferralReceived"), None)
