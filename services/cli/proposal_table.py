"""A proposal as people read it in a terminal."""

from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from models.cautions import is_caution
from schemas.group import Group
from schemas.proposal import RULES, Match, Proposal

MOST_REASONS: Final = 3
"""Reasons shown of each group; cautions are all shown."""


def print_proposal(proposal: Proposal, groups: Mapping[str, Group] | None = None, most: int = 10, said: str | None = None) -> None:
    """One proposal: each group with its score, how far it is, and why; `said` are the person's own words.

    The score is told as a chance where it was learned from visits; the numbers of the prior are not measured, and are no more than a score.
    """
    console = Console()
    console.print(f"\n[bold]{escape(proposal.referral_id or 'A referral')}[/bold]")
    if said:
        console.print(Padding(f"[italic]“{escape(said)}”[/italic]", (0, 2)))
    if proposal.needs_human:
        console.print(f"  {escape(_why_nothing(proposal))}")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    learned = not proposal.model.startswith("prior")
    for title, justify in (("", "right"), ("group", "left"), ("likely" if learned else "score", "right"), ("km", "right"), ("why", "left")):
        table.add_column(title, justify=justify, ratio=3 if title == "why" else None)  # type: ignore[arg-type]
    for match in proposal.matches[:most]:
        group = (groups or {}).get(match.group_id)
        km = "" if match.distance_km is None else f"{match.distance_km:.1f}"
        table.add_row(
            f"{match.rank}",
            escape(group.name if group else match.group_id),
            f"{match.score:.0%}" if learned else f"{match.score:.2f}",
            km,
            escape(_why(match)),
        )
    console.print(table)


def _why(match: Match) -> str:
    """The first reasons and what would improve it on one line, and every caution on another."""
    cautions = list(filter(is_caution, match.reasons))
    said = [reason for reason in match.reasons if reason not in cautions][:MOST_REASONS] + match.would_improve[:1]
    lines = ["; ".join(said), f"but: {'; '.join(cautions)}" if cautions else ""]
    return "\n".join(filter(None, lines))


def _why_nothing(proposal: Proposal) -> str:
    if proposal.needs_human is not None and proposal.needs_human != "nobody_in_reach":
        return f"A person must look first: {proposal.needs_human.replace('_', ' ')}"
    if not proposal.ruled_out:
        return "no group fits: there is none to choose from"
    most_first = sorted(proposal.ruled_out.items(), key=lambda one: (-one[1], RULES.index(one[0])))
    kept_out = [f"{count:,} by {rule.replace('_', ' ')}" for rule, count in most_first]
    return f"no group fits: {', '.join(kept_out)}"
