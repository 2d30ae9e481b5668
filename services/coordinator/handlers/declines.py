"""What was declined about a case so far, read out of its history: a decline that is asked for again changes nothing."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from schemas.events.base import Part
from schemas.events.matches import Declined
from services.coordinator.decisions import Declines
from services.coordinator.domain import CaseFact, CoordinatorStore


class Named(Part):
    """All that a decision needs of one proposed group."""

    group_id: str


class Proposed(Part):
    """All that a decision needs of a proposal."""

    matches: tuple[Named, ...] = Field(default=())


def declines_of(history: Sequence[CaseFact], answer: CaseFact | None, store: CoordinatorStore) -> Declines:
    """What was declined, by the facts of a case with their sealed parts; `answer` is the matcher's newest."""
    declines = sorted(
        (fact for fact in history if fact.name == "MatchesDeclined"), key=lambda fact: (fact.clear.version or 0, fact.time, fact.event_id)
    )
    choice = max((fact.clear.version or 0 for fact in history if fact.name == "GroupChosen"), default=0)
    said = [(fact, declined.groups) for fact in declines if (declined := store.opened(fact.sealed_matching(), Declined))]
    newest = next(((fact, groups) for fact, groups in reversed(said) if (fact.clear.version or 0) > choice), None)
    return Declines(
        since_proposal=_merged(groups for fact, groups in said if answer is None or fact.time >= answer.time),
        since_choice=_merged(groups for fact, groups in said if (fact.clear.version or 0) >= choice),
        all_for=_all_for(newest[1], _seen(newest[0], history, store)) if newest else None,
    )


def proposed_in(answer: CaseFact | None, store: CoordinatorStore) -> list[str]:
    """The groups of the matcher's answer."""
    proposal = store.opened(answer.sealed_matching(), Proposed) if answer and answer.name == "MatchesProposed" else None
    return [one.group_id for one in proposal.matches] if proposal else []


def _merged(declines: Iterator[Mapping[str, str]]) -> dict[str, str]:
    return {group_id: reason for groups in declines for group_id, reason in groups.items()}


def _seen(decline: CaseFact, history: Sequence[CaseFact], store: CoordinatorStore) -> list[list[str]]:
    """What may have been on the table when this was declined: the newest proposal before it, and any of the same moment."""
    answers = sorted((fact for fact in history if fact.name == "MatchesProposed" and fact.time <= decline.time), key=lambda fact: fact.time)
    before = [fact for fact in answers if fact.time < decline.time][-1:]
    return [proposed_in(fact, store) for fact in (*before, *(fact for fact in answers if fact.time == decline.time))]


def _all_for(groups: Mapping[str, str], seen: Sequence[Sequence[str]]) -> str | None:
    """The one reason for which all groups of a proposal were declined; None where it was a decline of some."""
    reasons = set(groups.values())
    return reasons.pop() if len(reasons) == 1 and any(proposed and groups.keys() >= set(proposed) for proposed in seen) else None
