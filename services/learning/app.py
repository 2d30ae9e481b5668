"""Builds the learning service."""

from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from models.registry import Registry
from models.training.plan import Plan
from schemas.events import ALL
from schemas.events.base import StreamName
from services.chassis.service import Service, one_by_one
from services.learning.domain import Promote, RollBack
from services.learning.groups_view import GroupsView
from services.learning.handlers import keep_facts, promote_model, roll_back
from services.learning.history import PersonFact
from services.learning.nightly import LearnAtNight, Look, Night
from services.learning.store import SqlLearningStore

READS: tuple[StreamName, ...] = ("referrals", "matches", "outcomes")


def can_learn() -> bool:
    """Whether what trains is installed; it is looked for and not imported."""
    return find_spec("sklearn") is not None


def learning(look: Look, models: Registry, night: Night, plan: Plan = Plan()) -> Service[SqlLearningStore]:  # noqa: B008, it is frozen
    """The service that learns from what happened; where scikit-learn is not installed it keeps what it reads, says so, and learns nothing."""
    view = GroupsView()
    return Service(
        name="learning",
        store=SqlLearningStore,
        migrations=Path(__file__).parent / "migrations",
        reads=READS,
        passes_over=frozenset(event for event in ALL.values() if event.stream in READS and event not in get_args(PersonFact)),
        may_open=frozenset({"matching"}),
        handle=keep_facts,
        decides={Promote: one_by_one(promote_model), RollBack: one_by_one(roll_back)},
        view=view,
        may_be_left_out=True,
        long_errands=(LearnAtNight(look, view, models, night, can_learn(), plan),),
    )
