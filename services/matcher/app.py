"""Builds the matcher service."""

from functools import partial
from pathlib import Path
from typing import get_args

from models.ranker import Ranker
from models.registry import Registry
from schemas.events import ALL
from schemas.events.base import StreamName
from schemas.events.matches import MatchesDeclined
from schemas.events.referrals import ConsentChanged, ReferralReceived
from services.chassis.clock import Clock
from services.chassis.service import Service
from services.matcher.directory_view import DirectoryView
from services.matcher.handlers import propose_matches
from services.matcher.history import PersonFact
from services.matcher.nightly import Night, RematchAtNight
from services.matcher.serving import Count, Serving
from services.matcher.settings import MatcherSettings
from services.matcher.store import SqlMatcherStore

READS: tuple[StreamName, ...] = ("referrals", "matches", "places", "outcomes")


def matcher(ranker: Ranker, clock: Clock, models: Registry, count: Count = lambda _: None, night: Night | None = None) -> Service[SqlMatcherStore]:
    """The service that proposes groups; it holds the whole directory in memory.

    It ranks by `ranker` until a model of `models` is promoted; `count` is told whenever one is taken up or refused. Who waits is
    asked about anew where there is a `night` for it.
    """
    serving, settings = Serving(ranker, models, clock, count), MatcherSettings()
    view = DirectoryView(serving, clock, settings.spread)
    return Service(
        name="matcher",
        store=SqlMatcherStore,
        migrations=Path(__file__).parent / "migrations",
        reads=READS,
        passes_over=frozenset(event for event in ALL.values() if event.stream in READS and event not in get_args(PersonFact)),
        opens={fact: frozenset({"matching"}) for fact in (ReferralReceived, ConsentChanged, MatchesDeclined)},
        may_open=frozenset({"matching"}),
        handle=partial(propose_matches, propose=view.propose, now=clock.now, period=settings.cooling_off, chance=settings.chance),
        view=view,
        concerns=serving.concerns,
        long_errands=() if night is None else (RematchAtNight(night, view, settings.cooling_off),),
    )
