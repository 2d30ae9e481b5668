"""The queue as a page: who waits, since when, how they stand, and what to do next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from urllib.parse import urlencode

from schemas.events.referrals import ReferralMatching
from services.chassis.vault import Vault
from services.coordinator.domain import STATUSES, VIEWS, Case, CaseFact, Status, View
from services.coordinator.presenters.moments import date_in_words, soon_in_words, waited
from services.coordinator.presenters.opened import details_of, matching_of
from services.coordinator.presenters.words import OVERDUE, RED_FLAG, STATUS_TAGS, URGENT, VIEW_NAMES, Tag, counted
from services.coordinator.tasks import NEXT_ACTIONS, WHAT

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
    next_step: str
    overdue: Tag | None
    due: str


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
    empty: str
    views: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    status_chosen: bool
    rows: tuple[QueueRow, ...]
    going_together: str
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
        next_step=(WHAT[case.task] if case.task else NEXT_ACTIONS[case.status]) or _NOTHING_TO_DO,
        overdue=OVERDUE if case.due_at is not None and case.due_at < now else None,
        due=soon_in_words(case.due_at, zone) if case.due_at else "",
    )


def warnings_of(case: Case, matching: ReferralMatching | None) -> tuple[Tag, ...]:
    """What must be seen before anything else."""
    urgent = matching is not None and matching.urgency == "urgent"
    return ((RED_FLAG,) if case.red_flag else ()) + ((URGENT,) if urgent else ())


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases there are in the queue, with each status, and in each view; and how far pairs who could go together have come."""

    in_queue: int
    by_status: Mapping[Status, int]
    by_view: Mapping[View, int]
    pairs: Mapping[str, int]


def queue_view(rows: tuple[QueueRow, ...], counts: Counts, state: str | None, cursor: str | None, following: str | None) -> QueueView:
    """The page; `following` is the cursor of the page after this one."""
    view = next((view for view in VIEWS if view == state), None)
    return QueueView(
        summary=_summary(counts),
        shown=VIEW_NAMES[view][0] if view else next((STATUS_TAGS[status].text for status in STATUSES if status == state), ALL_OPEN),
        filtered=state is not None,
        empty=VIEW_NAMES[view][1] if view else "No case has this status.",
        views=tuple(_views(counts, state)),
        statuses=tuple(_statuses(counts, state)),
        status_chosen=state is not None and view is None,
        rows=rows,
        going_together=_going_together(counts.pairs),
        first_href=_href(state, None) if cursor else None,
        next_href=_href(state, following) if following else None,
    )


def _summary(counts: Counts) -> str:
    """How many are open, how many of them somebody must look at first, and how many are late."""
    first, late = counts.by_status.get("needs_human", 0), counts.by_view["overdue"]
    told = [f"{counted(counts.in_queue, 'case is', 'cases are')} open."]
    told += [f"{counted(first, 'needs', 'need')} a person to look first."] if first else []
    told += [f"{counted(late, 'is', 'are')} overdue."] if late else []
    return " ".join(told)


def _going_together(pairs: Mapping[str, int]) -> str:
    """How many pairs could go together, and what became of them; nothing where there never was one."""
    if not pairs["possible"]:
        return ""
    found = counted(pairs["possible"], "pair of people", "pairs of people")
    became = f"{pairs['asked']:,} asked, {pairs['agreed']:,} both said yes, {pairs['went_together']:,} went together"
    return f"{found} could go together the first time: {became}."


def _views(counts: Counts, state: str | None) -> Iterator[Choice]:
    yield Choice(ALL_OPEN, f"{counts.in_queue:,}", _href(None, None), state is None)
    for view in VIEWS:
        yield Choice(VIEW_NAMES[view][0], f"{counts.by_view[view]:,}", _href(view, None), view == state)


def _statuses(counts: Counts, state: str | None) -> Iterator[Choice]:
    for status in STATUSES:
        count = counts.by_status.get(status, 0)
        if count or status == state:
            yield Choice(STATUS_TAGS[status].text, f"{count:,}", _href(status, None), status == state)


def _href(state: str | None, cursor: str | None) -> str:
    given = {name: value for name, value in (("state", state), ("cursor", cursor)) if value}
    return f"/?{urlencode(given)}" if given else "/"
