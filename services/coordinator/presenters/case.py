"""A case as a page: the person, what they said, what was proposed or why nothing was, and what has happened so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, cast

from schemas.events.matches import NeedsHuman
from schemas.events.referrals import ReferralDetails, ReferralMatching
from services.coordinator.presenters.moments import moment_in_words, waited
from services.coordinator.presenters.opened import Happening, OpenedCase
from services.coordinator.presenters.person import Line, ReachView, agreed_to, loneliness, needs, reach
from services.coordinator.presenters.proposal import Known, ProposalView, proposal_view
from services.coordinator.presenters.queue import NO_NAME, warnings_of
from services.coordinator.presenters.words import ABSTAINED, NEEDS_HUMAN_IN_WORDS, STATUS_TAGS, Advice, Tag, flag_in_words, plain
from services.coordinator.tasks import next_action

HAPPENED: Final = {
    "ReferralReceived": "The referral arrived",
    "RedFlagRaised": "A red flag was raised",
    "MatchesProposed": "Groups were proposed",
    "NoMatchFound": "No group was proposed",
    "ReferralWithdrawn": "The referral was taken back",
}
ELSEWHERE: Final = "It was raised in another referral of the same person."


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history."""

    at: str
    at_iso: str
    words: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """The page of a case; what is not known, or was sealed under a destroyed key, is empty or said to be so."""

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
    abstained: Advice | None
    history: tuple[Entry, ...]


def case_view(opened: OpenedCase, known: Known, now: datetime, zone: tzinfo) -> CaseView:
    """The page of a case."""
    case, matching = opened.case, opened.matching or ReferralMatching()
    details = opened.details or ReferralDetails(referral_id="", person_id="")
    proposal = opened.proposal
    abstained = ABSTAINED[cast(NeedsHuman, proposal.needs_human)] if proposal and proposal.needs_human in ABSTAINED else None
    return CaseView(
        name=(details.contact.name if details.contact else None) or NO_NAME,
        sent_by=", ".join(part for part in (details.practitioner, matching.organisation) if part),
        reference=details.referral_id,
        person_id=details.person_id,
        waiting=waited(case.received_at, now),
        status=STATUS_TAGS[case.status],
        warnings=warnings_of(case, opened.matching),
        next_action=next_action(case, now),
        flags=tuple(_flags(opened)) if case.red_flag else (),
        said=tuple(part for part in details.interests.splitlines() if part.strip()),
        reach=reach(details.contact),
        needs=needs(details, matching, known),
        agreed_to=agreed_to(matching.consent),
        loneliness=loneliness(matching),
        proposal=proposal_view(proposal, known) if proposal else None,
        abstained=abstained,
        history=tuple(_entry(one, opened, zone) for one in opened.history),
    )


def _flags(opened: OpenedCase) -> Iterator[str]:
    raised = [one for one in opened.history if one.fact.name == "RedFlagRaised"]
    for one in raised:
        noticed = "read in the words of the referral" if one.read_in_text else "marked by whoever referred them"
        yield f"{flag_in_words(one.reason or '')} ({noticed})"
    if not raised:
        yield ELSEWHERE


def _entry(one: Happening, opened: OpenedCase, zone: tzinfo) -> Entry:
    arrived = one.fact.name == "ReferralReceived"
    at = opened.case.received_at if arrived else one.fact.time
    return Entry(moment_in_words(at, zone), at.isoformat(), _happened(one))


def _happened(one: Happening) -> str:
    words = HAPPENED.get(one.fact.name, one.fact.name)
    if one.reason is None:
        return words
    why = flag_in_words(one.reason) if one.fact.name == "RedFlagRaised" else NEEDS_HUMAN_IN_WORDS.get(one.reason, plain(one.reason))
    return f"{words}: {why}"
