"""A case as a page: the person, what they said, what was proposed and agreed, what was done since, and what has happened so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from zoneinfo import ZoneInfo

from models.explain import Reason, render
from schemas.events.matches import NeedsHuman
from schemas.events.referrals import ReferralDetails, ReferralMatching
from schemas.group import Group
from schemas.proposal import Proposal
from services.coordinator.decisions import Free
from services.coordinator.domain import ENDED, Status
from services.coordinator.presenters.agreed import AgreedView, agreed_view, declined_since
from services.coordinator.presenters.history import Entry, entry
from services.coordinator.presenters.moments import waited
from services.coordinator.presenters.opened import OpenedCase
from services.coordinator.presenters.person import Line, ReachView, agreed_to, loneliness, needs, reach
from services.coordinator.presenters.proposal import GroupView, Known, ProposalView, Seeker, group_found, proposal_view
from services.coordinator.presenters.queue import NO_NAME, warnings_of
from services.coordinator.presenters.words import ABSTAINED, ALL_GUESSES, STATUS_TAGS, Advice, Tag, flag_in_words
from services.coordinator.presenters.work import WorkView, work_view
from services.coordinator.tasks import next_action

A_GUESS: Final = render(Reason("a_guess"))
ELSEWHERE: Final = "It was raised in another referral of the same person."
NOTICED: Final = {
    "flags": "marked by whoever referred them",
    "text": "read in the words of the referral",
    "reply": "read in what they answered",
    "coordinator": "raised by a link worker",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What a case is looked at with: the groups by id, the time, the zone that times are told in and its name."""

    known: Known
    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class CaseView:
    """The page of a case; what is not known, or was sealed under a destroyed key, is empty or said to be so."""

    case_id: str
    name: str
    sent_by: str
    reference: str
    person_id: str
    waiting: str
    status: Tag
    warnings: tuple[Tag, ...]
    next_action: str | None
    flags: tuple[str, ...]
    said: tuple[str, ...]
    reach: ReachView
    needs: tuple[Line, ...]
    agreed_to: tuple[tuple[str, bool], ...]
    loneliness: tuple[Line, ...]
    proposal: ProposalView | None
    advice: Advice | None
    history: tuple[Entry, ...]
    version: int
    flag_ids: tuple[str, ...]
    status_code: Status
    agreed: AgreedView | None
    work: WorkView
    found: tuple[GroupView, ...] | None

    @property
    def ended(self) -> bool:
        """Whether the case is closed or withdrawn, so that nothing can be decided."""
        return self.status_code in ENDED


def case_view(opened: OpenedCase, looked: Looked, position: int | None = None, found: Sequence[Group] | None = None) -> CaseView:
    """The page of a case; `position` is that on the waiting list, `found` the groups that were looked for by name, where any were."""
    case, matching, known = opened.case, opened.matching or ReferralMatching(), looked.known
    details = opened.details or ReferralDetails(referral_id="", person_id="")
    proposal, seeker = opened.proposal, _seeker(opened, matching, looked)
    return CaseView(
        case_id=case.case_id,
        name=(details.contact.name if details.contact else None) or NO_NAME,
        sent_by=", ".join(part for part in (details.practitioner, matching.organisation) if part),
        reference=details.referral_id,
        person_id=details.person_id,
        waiting=waited(case.received_at, looked.now),
        status=STATUS_TAGS[case.status],
        warnings=warnings_of(case, opened.matching),
        next_action=next_action(case, looked.now),
        flags=tuple(_flags(opened)) if case.red_flag else (),
        said=tuple(part for part in details.interests.splitlines() if part.strip()),
        reach=reach(details.contact),
        needs=needs(details, matching, known),
        agreed_to=agreed_to(matching.consent),
        loneliness=loneliness(matching),
        proposal=proposal_view(proposal, known, seeker) if proposal else None,
        advice=_advice(proposal, case.status),
        history=tuple(entry(one, opened, known, looked.zone) for one in opened.history),
        version=opened.standing.version,
        flag_ids=tuple(sorted(opened.standing.flags)),
        status_code=opened.standing.status,
        agreed=agreed_view(opened, known, position),
        work=work_view(opened, known, looked.now, looked.zone),
        found=None if found is None else tuple(group_found(group, seeker) for group in found),
    )


def _advice(proposal: Proposal | None, status: Status) -> Advice | None:
    """What a human is asked to do where nothing was proposed, or, while nothing is agreed, nothing that is more than a guess."""
    if proposal is None:
        return None
    if proposal.needs_human in ABSTAINED:
        return ABSTAINED[cast(NeedsHuman, proposal.needs_human)]
    guessed = [A_GUESS in match.reasons for match in proposal.matches]
    return ALL_GUESSES if status == "proposed" and guessed and all(guessed) else None


def _seeker(opened: OpenedCase, matching: ReferralMatching, looked: Looked) -> Seeker:
    free = Free(availability=tuple(matching.availability), time_zone=matching.time_zone)
    chosen = opened.standing.chosen
    return Seeker(free, looked.zone.key, looked.now, declined_since(opened), chosen.group_id if chosen else None)


def _flags(opened: OpenedCase) -> Iterator[str]:
    raised = [
        one for one in opened.history if one.fact.name == "RedFlagRaised" and (one.fact.clear.flag_id or one.fact.event_id) in opened.standing.flags
    ]
    for one in raised:
        yield f"{flag_in_words(one.reason or '')} ({NOTICED.get(one.noticed_in or '', 'it is not known by whom')})"
    if len(raised) < len(opened.standing.flags):
        yield ELSEWHERE
