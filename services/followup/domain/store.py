"""What follow-up remembers: facts with their personal parts sealed, our own ids, and the touches."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from schemas.envelope import Event
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.referrals import (
    ConsentChanged,
    RedFlagCleared,
    RedFlagRaised,
    ReferralClosed,
    ReferralReceived,
    ReferralReopened,
    ReferralWithdrawn,
)
from services.followup.domain.people import Known, Recipient
from services.followup.domain.touches import Place, Touch

CaseEnded = ReferralWithdrawn | ReferralClosed | ReferralReopened


class FactsStore(Protocol):
    """What facts about people and groups leave behind; one that is there already is the same."""

    def erased(self, persons: Collection[str]) -> set[str]:
        """Which of these persons are erased."""

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row about these persons, and remember that they are erased and which messages are to be deleted."""

    def receive(self, events: Sequence[Event[ReferralReceived]]) -> None:
        """Keep referrals."""

    def change_consent(self, events: Sequence[Event[ConsentChanged]]) -> None:
        """Keep statements on consent."""

    def raise_flags(self, events: Sequence[Event[RedFlagRaised]]) -> None:
        """Keep flags; one that was cleared before it was learned of stays cleared."""

    def clear_flags(self, events: Sequence[Event[RedFlagCleared]]) -> None:
        """Keep that flags are cleared."""

    def end_cases(self, events: Sequence[Event[CaseEnded]]) -> None:
        """Keep the ends and reopenings of cases."""

    def know(self, events: Sequence[Event[SessionAttended] | Event[SessionMissed]]) -> None:
        """Keep that it is known who came; the newest of equal ones is the same."""

    def list_groups(self, events: Sequence[Event[GroupListed] | Event[GroupDelisted]]) -> None:
        """Keep the newest of each group."""

    def mark_unreadable(self, records: Sequence[tuple[str, str, str]]) -> None:
        """Remember records that could not be read, each (event id, stream, subject)."""

    def mend(self, event_ids: Collection[str]) -> set[str]:
        """Forget that these could not be read; returns the persons and groups that they are about."""

    def people(self, persons: Collection[str], now: datetime | None = None) -> Mapping[str, Recipient]:
        """These persons as the gate sees them, where a referral of theirs is known; their claims up to a week before `now`."""

    def places(self, ids: Collection[str]) -> Mapping[str, Place]:
        """The places of these ids."""

    def places_of(self, persons: Collection[str]) -> Sequence[Place]:
        """The places of these persons."""

    def put_places(self, places: Sequence[Place]) -> None:
        """Keep places as they are now."""

    def known_of(self, persons: Collection[str]) -> Sequence[Known]:
        """For which sessions of these persons it is known whether they came."""


class TouchStore(Protocol):
    """The touches, and what is waited for."""

    def touches_of(self, persons: Collection[str]) -> Sequence[Touch]:
        """All touches of these persons."""

    def plan(self, touches: Sequence[Touch]) -> None:
        """Keep new touches."""

    def settle(self, touches: Sequence[Touch]) -> None:
        """Keep how far these touches have come."""

    def look_again(self, persons: Collection[str], groups: Collection[str]) -> None:
        """Have the gate look again at the planned touches of these: something about them has changed."""

    def silent(self, now: datetime, limit: int) -> Sequence[Touch]:
        """Questions that were sent and have waited for an answer long enough."""

    def stop_waiting(self, touch_ids: Collection[str]) -> None:
        """Wait for no answer to these any more."""


class RepliesStore(Protocol):
    """What a reply needs to be understood."""

    def persons_called(self, id_: str) -> Sequence[str]:
        """The persons that a sender's `person_id`, or our own id, names."""

    def touch(self, touch_id: str) -> Touch | None:
        """One touch."""

    def newest_case(self, person: str) -> str | None:
        """The case that a reply belongs to which is about none in particular: an open one before one that is over."""

    def says_again(self, person: str, content: Sequence[str], at: datetime, within: timedelta) -> bool:
        """Whether this is what the person said last, no longer ago than that; where it is not, it is what they said last from here on."""

    def measure(self, touch_id: str) -> bool:
        """Remember that this touch was answered with a measure; False where it was before."""

    def answered(self, person: str) -> None:
        """Wait for no answer of this person's any more."""


class FollowupStore(FactsStore, TouchStore, RepliesStore, Protocol):
    """All of it, in one transaction."""
