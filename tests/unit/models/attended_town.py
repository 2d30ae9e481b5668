"""A small town whose people each like one kind of group, and who went where: enough to learn from in a second."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.directory import Directory, Listed
from models.learned.model import Learned
from models.ranker import packaged_prior
from models.seeker import Seeker
from models.training.plan import Plan
from models.training.questions import by_person
from models.training.train import train
from schemas.attendance import Attendance
from schemas.group import Group
from schemas.referral import Attended, Needs
from tests.property.matching_cases import HOME

KINDS = ("music", "walking", "craft")
GROUPS = 8
TODAY = date(2026, 5, 1)
PLAN = Plan(trees=40, back_trees=20, negatives=10)


def text_of_kind(kind: int, of_its_own: int = -1) -> NDArray[np.float32]:
    """The vector of a text of this kind, close to the others of its kind."""
    rng = np.random.default_rng([kind, of_its_own + 1])
    vector = 3 * np.eye(384)[kind] + 0.08 * rng.standard_normal(384)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def group_id(kind: int, number: int) -> str:
    return f"{KINDS[kind]}-{number}"


def listed(kind: int, number: int) -> Listed:
    """A group of a kind; its place differs from that of the others."""
    place = {"latitude": HOME[0] + 0.004 * number, "longitude": HOME[1] + 0.01 * kind}
    group = Group.model_validate({"group_id": group_id(kind, number), "name": f"{KINDS[kind]} {number}", "tags": [KINDS[kind]], **place})
    return Listed(group, text_of_kind(kind, number), (KINDS[kind],))


def groups(new: int = 0) -> list[Listed]:
    """All groups, and of each kind so many that nobody went to yet."""
    return [listed(kind, number) for kind in range(len(KINDS)) for number in range(GROUPS + new)]


def attendance(people: int = 240) -> list[Attendance]:
    """Everybody goes to some groups of one kind, and comes back to the first of its groups more than to the last."""
    rng = np.random.default_rng(7)
    rows = []
    for person in range(people):
        kind, went = person % len(KINDS), rng.choice(GROUPS, rng.integers(1, 5), replace=False)
        for number in went:
            sessions = int(1 + (rng.random() < 0.8 - 0.08 * number) * rng.integers(1, 6))
            rows.append(Attendance(person_id=f"p{person:03}", group_id=group_id(kind, int(number)), sessions=sessions))
    return rows


def somebody(been: Mapping[str, int] | None = None, vector: NDArray[np.float32] | None = None, **needs: object) -> Seeker:
    """Somebody at home who has been to these groups so often."""
    been = been or {}
    attended = [Attended(group_id=group, sessions=sessions) for group, sessions in been.items()]
    return Seeker(Needs.model_validate({"latitude": HOME[0], "longitude": HOME[1], **needs, "attended": attended}), vector, consented=True)


def known(people: int = 240) -> dict[str, Seeker]:
    """What is known of everybody: that they live at the same place."""
    return {f"p{person:03}": somebody() for person in range(people)}


@cache
def learned() -> Learned:
    """A ranker learned from the town."""
    return train(by_person(attendance()), known(), Directory.of(groups()), packaged_prior(), TODAY, PLAN)
