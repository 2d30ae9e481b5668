"""Two people who have a place for the same first session, and what a link worker and others do about them."""

from dataclasses import dataclass
from typing import Any

from schemas.events.base import Data
from schemas.events.places import PlaceRequested
from schemas.events.referrals import ReferralDetails, ReferralMatching, ReferralReceived
from schemas.referral import PersonContact
from services.coordinator.commands import ChooseGroup, DecideTogether, TogetherAnswer
from tests.integration.coordinator.desk import Desk

AGREED = {"match": True, "companion": True}
NAMES = {"ada": "Marjorie Byron", "bo": "Tobias Okafor", "cy": "Wendel Quill"}


@dataclass
class Pairs:
    """A desk at which people are referred who agreed to have a companion."""

    desk: Desk
    places: dict[str, PlaceRequested]

    def comes(self, person: str, *, contact: dict[str, Any] | None = None, group_id: str = "choir", **needs: Any) -> None:
        """Somebody is referred, and holds a place for the first session."""
        details = ReferralDetails(referral_id=f"R-{person}", person_id=f"of-{person}", contact=PersonContact(name=NAMES[person], **contact or {}))
        matching = ReferralMatching.model_validate({"consent": AGREED, **needs})
        self.desk.say(
            ReferralReceived(person=person, case_id=f"case-{person}", received_at=self.desk.clock.now(), details=details, matching=matching)
        )
        self.places[person] = self.desk.ask(ChooseGroup, f"case-{person}", group_id=group_id)[1]
        self.desk.held(self.places[person])
        self.desk.later(minutes=1)

    def decide(self, person: str, answer: TogetherAnswer, **more: Any) -> None:
        """A link worker decides, or records what this person said."""
        self.desk.ask(DecideTogether, f"case-{person}", answer=answer, **more)

    def both_say(self, *answers: TogetherAnswer) -> None:
        """Both are asked, and Ada, then Bo, says this."""
        self.decide("ada", "ask")
        for person, answer in zip(("ada", "bo"), answers, strict=False):
            self.decide(person, answer)

    def companion(self, person: str) -> dict[str, Any] | None:
        """With whom this person could go, as their case tells it."""
        found: dict[str, Any] | None = self.desk.case(f"case-{person}")["companion"]
        return found

    def stands(self, person: str) -> str | None:
        """How far this person's side of the pair has come."""
        found = self.companion(person)
        return found["state"] if found and found["open"] else None

    def to_do(self, person: str) -> dict[str, str]:
        """The open tasks about going together, by kind, with their words."""
        tasks = self.desk.case(f"case-{person}")["tasks"]
        return {one["kind"]: one["what"] for one in tasks if one["closed_at"] is None and one["kind"].endswith(("together", "companion"))}

    def written(self, *kinds: type[Data]) -> list[tuple[str, str]]:
        """The facts of these kinds in the log, as (kind, person)."""
        return [(kind.__name__, fact.subject) for kind in kinds for fact in self.desk.written(kind)]
