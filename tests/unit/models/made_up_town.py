"""A small made-up town whose texts are read by their words alone, so that no encoder is needed."""

from dataclasses import replace
from functools import cache

from models.directory import Listed
from models.ranker import packaged_prior
from models.seeker import Seeker
from models.simulation.living import Story, live
from models.simulation.numbers import numbers
from models.simulation.policies import PolicyName, policy
from models.simulation.town import Reading, Size, Town, built
from models.text.words import hear, offered
from schemas.group import Group
from schemas.referral import Referral

SIZE = Size(people=120, groups=60, weeks=8)


def listed(group: Group) -> Listed:
    return Listed(group, None, offered(group.name, group.tags, group.description), "town")


def somebody(referral: Referral) -> Seeker:
    heard = hear("\n".join([referral.interests, *referral.tags]))
    return Seeker(referral, None, heard.wanted, heard.refused, consented=True)


READING = Reading(listed, somebody)


@cache
def town(seed: int = 1, size: Size = SIZE, **other: float) -> Town:
    """The town of this seed, with some numbers of its truth changed."""
    return built(seed, size, READING, replace(numbers(), **other))


@cache
def lived(name: PolicyName, seed: int = 1, **other: float) -> list[Story]:
    """Its stories under a policy."""
    return live(town(seed, **other), policy(name, packaged_prior()))
