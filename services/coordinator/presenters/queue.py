"""The queue as a page: who waits, since when, how they stand, and what to do next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from urllib.parse import urlencode

from schemas.events.referrals import ReferralMatching
from services.chassis.vault import Vault
from services.coordinator.domain import STATUSES, Case, CaseFact, Status
from services.coordinator.presenters.moments import date_in_words, waited
from services.coordinator.presenters.opened import details_of, matching_of
from services.coordinator.presenters.words import RED_FLAG, STATUS_TAGS, URGENT, Tag, counted
from services.coordinator.tasks import next_action

NO_NAME: Final = "Name not given"
ALL_OPEN: Final = "All open cases"
_NOTHING_TO_DO: Final = "Nothing: this case has ended"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case in the queue."""

    href: str
    name: str
    reference: str
    waiting: str
    since: str
    since_iso: str
    status: Tag
    red_flag: bool
    warnings: tuple[Tag, ...]
    next_action: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that shows another part of the queue."""

    text: str
    count: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """A page of the queue."""

    summary: str
    shown: str
    filtered: bool
    choices: tuple[Choice, ...]
    rows: tuple[QueueRow, ...]
    first_href: str | None
    next_href: str | None


def queue_row(case: Case, received: CaseFact, vault: Vault, now: datetime, zone: tzinfo) -> QueueRow:
    """A case's line in the queue."""
    details = details_of(received, vault)
    name = details.contact.name if details and details.contact else None
    return QueueRow(
        href=f"/cases/{case.case_id}",
        name=name or NO_NAME,
        reference=details.referral_id if details else "",
        waiting=waited(case.received_at, now),
        since=date_in_words(case.received_at, zone),
        since_iso=case.received_at.isoformat(),
        status=STATUS_TAGS[case.status],
        red_flag=case.red_flag,
        warnings=warnings_of(case, matching_of(received, vault)),
        next_action=next_action(case, now) or _NOTHING_TO_DO,
    )


def warnings_of(case: Case, matching: ReferralMatching | None) -> tuple[Tag, ...]:
    """What must be seen before anything else."""
    urgent = matching is not None and matching.urgency == "urgent"
    return ((RED_FLAG,) if case.red_flag else ()) + ((URGENT,) if urgent else ())


def queue_view(
    rows: tuple[QueueRow, ...], counts: Mapping[Status, int], in_queue: int, state: str | None, cursor: str | None, following: str | None
) -> QueueView:
    """The page: `counts` by status, `in_queue` without a filter, `following` the cursor of the page after this one."""
    first = counts.get("needs_human", 0)
    summary = f"{counted(in_queue, 'case is', 'cases are')} open."
    return QueueView(
        summary=f"{summary} {counted(first, 'needs', 'need')} a person to look first." if first else summary,
        shown=next((STATUS_TAGS[status].text for status in STATUSES if status == state), ALL_OPEN),
        filtered=state is not None,
        choices=tuple(_choices(counts, in_queue, state)),
        rows=rows,
        first_href=_href(state, None) if cursor else None,
        next_href=_href(state, following) if following else None,
    )


def _choices(counts: Mapping[Status, int], in_queue: int, state: str | None) -> Iterator[Choice]:
    yield Choice(ALL_OPEN, f"{in_queue:,}", _href(None, None), state is None)
    for status in STATUSES:
        count = counts.get(status, 0)
        if count or status == state:
            yield Choice(STATUS_TAGS[status].text, f"{count:,}", _href(status, None), status == state)


def _href(state: str | None, cursor: str | None) -> str:
    given = {name: value for name, value in (("state", state), ("cursor", cursor)) if value}
    return f"/?{urlencode(given)}" if given else "/"
