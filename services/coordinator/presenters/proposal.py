"""A proposal as a page: each group by name with what it takes to go there, how well it fits, and what was ruled out and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.explain import WEEKDAY_NAMES, Reason, render
from schemas.group import Group
from schemas.proposal import RULES, Match, Proposal
from services.coordinator.decisions import Free, suiting
from services.coordinator.presenters.moments import clock, sessions_in_words
from services.coordinator.presenters.words import RULES_IN_WORDS, access_in_words, counted, money, sentence

Known = Callable[[str], Group | None]
"""The group of an id, where it was ever listed."""

NOT_KNOWN: Final = "Not known: ask first"
LIKELY: Final = ((0.8, "very likely"), (0.6, "likely"), (0.4, "as likely as not"), (0.2, "less likely than not"), (0.0, "not likely"))
"""The words for a probability from this on; the number always stands beside them."""

FITS: Final = ((0.6, "very good"), (0.4, "good"), (0.2, "fair"), (0.0, "some"))
"""The words for a score of the prior from this on: its order is reasoned, and nobody has measured its numbers, so none is shown."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group that can be chosen, proposed or found by name; `estimate` says in words what is expected, `percent` draws it.

    `session` says when they would go, `declined` why they turned it down, `chosen` that it is agreed now.
    """

    group_id: str
    rank: int
    name: str
    about: str
    estimate: str
    percent: int
    when: tuple[str, ...]
    where: str
    cost: str
    access: str
    reasons: tuple[str, ...]
    would_improve: tuple[str, ...]
    session: str
    declined: str | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Seeker:
    """What a group is shown against: when the person is free, in whose time, what they turned down and why, and what is agreed."""

    free: Free
    zone: str
    at: datetime
    declined: Mapping[str, str]
    chosen: str | None

    def session(self, group: Group) -> str:
        """The weekly session that they would go to, in a sentence."""
        if not group.sessions:
            return "It has no fixed times: agree one with the group."
        if not self.free.availability:
            return "They would go to whichever of its sessions comes first."
        weekly = suiting(group, self.free, self.zone, self.at)
        if weekly is None:
            return "It meets when they are not free: agree a time with them first."
        return f"They would go on {WEEKDAY_NAMES[weekly.weekday]}s at {clock(weekly.start)}."


@dataclass(frozen=True, slots=True)
class ProposalView:
    """What was proposed, what nearly was, and how many groups each rule kept out."""

    groups: tuple[GroupView, ...]
    nearly: tuple[tuple[str, str], ...]
    ruled_out: tuple[tuple[str, str], ...]
    ruled_out_in_all: str
    model: str
    is_prior: bool
    directory: str


def proposal_view(proposal: Proposal, known: Known, seeker: Seeker) -> ProposalView:
    """The proposal with every group by its name."""
    is_prior = proposal.model.startswith("prior")
    return ProposalView(
        groups=tuple(_group(match, known(match.group_id), seeker, is_prior) for match in proposal.matches),
        nearly=tuple((_name(known(near.group_id), near.group_id), RULES_IN_WORDS[near.rule][0]) for near in proposal.nearest_ruled_out),
        ruled_out=tuple(_ruled_out(proposal)),
        ruled_out_in_all=counted(sum(proposal.ruled_out.values()), "group", "groups"),
        model=proposal.model,
        is_prior=is_prior,
        directory=proposal.directory_version,
    )


def estimate(score: float, is_prior: bool) -> str:
    """How likely a second visit is where that was learned from visits; by the prior, how well the group fits."""
    words = next(words for least, words in (FITS if is_prior else LIKELY) if score >= least)
    return f"Fit: {words}" if is_prior else f"Second visit: {words} ({score:.0%})"


def where(group: Group, km: float | None) -> str:
    """Where a group meets, and how far that is from the person's home."""
    if group.mode == "online":
        return "Online"
    place = ", ".join(part for part in (group.organisation, group.postcode) if part) or NOT_KNOWN
    away = "" if km is None else f" ({render(Reason('distance', round(km, 1)))})"
    return f"{place}{away}{', or online' if group.mode == 'hybrid' else ''}"


def cost(group: Group) -> str:
    """What a session costs."""
    if group.cost is None:
        return NOT_KNOWN
    return f"{money(group.cost, group.currency)} a session" if group.cost else "Free"


def access(group: Group) -> str:
    """What the place offers."""
    if group.access is None:
        return NOT_KNOWN
    return sentence(access_in_words(group.access)) or "None listed"


def group_found(group: Group, seeker: Seeker) -> GroupView:
    """A group that was found by its name: nothing is estimated about it."""
    unranked = Match(group_id=group.group_id, rank=1, score=0, propensity=1, reasons=[], would_improve=[])
    return _group(unranked, group, seeker, is_prior=True)


def _group(match: Match, group: Group | None, seeker: Seeker, is_prior: bool) -> GroupView:
    return GroupView(
        group_id=match.group_id,
        rank=match.rank,
        name=_name(group, match.group_id),
        about=group.description if group else "",
        estimate=estimate(match.score, is_prior),
        percent=round(match.score * 100),
        when=sessions_in_words(group.sessions) or (NOT_KNOWN,) if group else (NOT_KNOWN,),
        where=where(group, match.distance_km) if group else NOT_KNOWN,
        cost=cost(group) if group else NOT_KNOWN,
        access=access(group) if group else NOT_KNOWN,
        reasons=tuple(map(sentence, match.reasons)),
        would_improve=tuple(map(sentence, match.would_improve)),
        session=seeker.session(group) if group else NOT_KNOWN,
        declined=seeker.declined.get(match.group_id),
        chosen=seeker.chosen == match.group_id,
    )


def _name(group: Group | None, group_id: str) -> str:
    return group.name if group else group_id


def _ruled_out(proposal: Proposal) -> list[tuple[str, str]]:
    counts = [(proposal.ruled_out[rule], rule) for rule in RULES if rule in proposal.ruled_out]
    told = sorted(counts, key=lambda one: -one[0])
    return [(f"{count:,}", sentence(RULES_IN_WORDS[rule][0 if count == 1 else 1])) for count, rule in told]
