"""The funnel of a town: how far its people came, each counted once, and why the others were never placed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

EXAMPLES = 5
_UNMET_BY_STATUS = {
    "needs_human": "needs_human", "waitlisted": "waiting_list", "agreed": "not_yet_answered", "withdrawn": "withdrawn", "closed": "closed",
}  # fmt: skip
Case = Mapping[str, Any]
"""A case as `GET /v1/referrals/{id}` tells it."""


def funnel(people: int, cases: Iterable[Case], messages: int) -> dict[str, Any]:
    """The report of `together demo`; `people` were asked for, `cases` are all there are.

    A person counts as proposed if groups were ever proposed to them, else as needs_human or no_match, so that the three add up to referred.
    """
    by_person: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_person[case["person_id"]].append(case)
    everyone = [_Person(theirs) for theirs in by_person.values()]
    proposals = (case["proposal"] for theirs in by_person.values() for case in theirs)
    examples = sorted((one for one in proposals if one and one["matches"]), key=lambda one: str(one["referral_id"]))
    stages = Counter(person.stage for person in everyone)
    visits = [person.visits for person in everyone]
    return {
        "people": people,
        "referred": len(everyone),
        "proposed": stages["proposed"],
        "needs_human": stages["needs_human"],
        "no_match": stages["no_match"],
        "agreed": sum(person.ever("GroupChosen") for person in everyone),
        "placed": sum(person.ever("PlaceHeld") for person in everyone),
        "waitlisted": sum(person.now("waitlisted") for person in everyone),
        "attended_once": sum(count >= 1 for count in visits),
        "attended_twice": sum(count >= 2 for count in visits),
        "messages": messages,
        "unmet": dict(sorted(Counter(person.unmet for person in everyone if not person.ever("PlaceHeld")).items())),
        "examples": examples[:: max(1, len(examples) // EXAMPLES)][:EXAMPLES],
    }


class _Person:
    """All cases of one person, taken together."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = cases
        self._events = Counter(entry["event"] for case in cases for entry in case["history"])

    def ever(self, event: str) -> bool:
        """Whether this ever happened to the person."""
        return self._events[event] > 0

    def now(self, status: str) -> bool:
        """Whether one of the person's cases has this status."""
        return any(case["status"] == status for case in self._cases)

    @property
    def visits(self) -> int:
        """How many sessions the person came to, by what stands now."""
        return len({(one["group_id"], one["on"]) for case in self._cases for one in case["outcomes"] if one["attended"]})

    @property
    def stage(self) -> str:
        """How the matcher answered, at best."""
        if self.ever("MatchesProposed"):
            return "proposed"
        return "needs_human" if self.now("needs_human") else "no_match"

    @property
    def unmet(self) -> str:
        """Why the person has no place."""
        if self.stage == "proposed":
            return next((reason for status, reason in _UNMET_BY_STATUS.items() if self.now(status)), self._unmet_though_open)
        reasons = [entry["reason"] for case in self._cases for entry in case["history"] if entry["event"] == "NoMatchFound" and "reason" in entry]
        return str(reasons[-1]) if reasons else "no_match"

    @property
    def _unmet_though_open(self) -> str:
        refused = [entry.get("reason", "refused") for case in self._cases for entry in case["history"] if entry["event"] == "PlaceRefused"]
        if refused:
            return f"group_{refused[-1]}"
        return "declined" if self.ever("MatchesDeclined") else "not_yet_agreed"
