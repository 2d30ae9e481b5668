"""Builds the follow-up service."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path

from schemas.events.base import StreamName
from services.chassis.clock import Clock
from services.chassis.links import Links
from services.chassis.service import Service, one_by_one
from services.followup.domain.commands import TakeAnswer, TakeReply
from services.followup.domain.touches import MessageChannel
from services.followup.erasing import DeleteMessages
from services.followup.handlers.facts import follow_people, stop_for_unreadable
from services.followup.handlers.replies import take_answer, take_reply
from services.followup.handlers.silence import touches_unanswered
from services.followup.messages import Port
from services.followup.sending import SendTouches, Writer
from services.followup.store import SqlFollowupStore

READS: tuple[StreamName, ...] = ("referrals", "groups", "places", "outcomes")


def followup(
    ports: Mapping[MessageChannel, Port], delete: Callable[[str], None], links: Links, clock: Clock, zone: tzinfo
) -> Service[SqlFollowupStore]:
    """The service that carries a person to the group and asks afterwards.

    `delete` removes an erased person's message from the outbox; `zone` is that of who has none of their own.
    """
    ways_out = frozenset(ports)
    return Service(
        name="followup",
        store=partial(SqlFollowupStore, zone=zone),
        migrations=Path(__file__).parent / "migrations",
        reads=READS,
        may_open=frozenset({"details", "matching", "group"}),
        handle=partial(follow_people, ways_out=ways_out),
        decides={
            TakeReply: one_by_one(partial(take_reply, ways_out=ways_out)),
            TakeAnswer: one_by_one(partial(take_answer, ways_out=ways_out)),
        },
        due=touches_unanswered,
        errands=(SendTouches(ports, Writer(links), clock), DeleteMessages(delete)),
        unreadable=stop_for_unreadable,
    )
