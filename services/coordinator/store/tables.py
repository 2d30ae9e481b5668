"""The coordinator's tables, as their newest migration leaves them, and the statements that are made for every batch."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TextClause,
    bindparam,
    case,
    false,
    func,
    select,
    text,
    true,
    update,
)

from services.chassis.rows import insert

metadata = MetaData()
FACTS = Table(
    "case_facts",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("case_id", String, nullable=False, index=True),
    Column("person", String, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("time", String, nullable=False),
    Column("needs_human", Boolean, nullable=False),
    Column("details", LargeBinary),
    Column("matching", LargeBinary),
    Column("clear", String),
    Column("kind", LargeBinary),
)
UNMET = text("type IN ('better-together.NoMatchFound', 'better-together.MatchesDeclined', 'better-together.PlaceRefused')")
"""The facts that the ledger of unmet need is made of; SQLite uses the index only where a query says the same in the same words."""


def partial(name: str, part: ColumnElement[bool] | TextClause, *columns: Column[Any]) -> Index:
    """An index of a part of a table's rows.

    A query is to say `== true()`, as the part does: of a bound value SQLite does not know when it plans that it is the index's.
    """
    return Index(name, *columns, sqlite_where=part, postgresql_where=part)


partial("unmet", UNMET, FACTS.c.time)
CASES = Table(
    "cases",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("referral_id", LargeBinary, nullable=False, index=True),
    Column("received_at", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("status", String, nullable=False),
    Column("red_flag", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("task", LargeBinary),
    Column("due_at", String),
    Column("silent", Boolean, nullable=False),
    Column("in_queue", Boolean, nullable=False),
    Column("undecided", Boolean, nullable=False),
)
ORDER = (CASES.c.priority, CASES.c.received_at, CASES.c.case_id)
partial("queue_red_flag", CASES.c.red_flag == true(), *ORDER)
partial("queue_silent", CASES.c.silent == true(), *ORDER)
partial("queue_to_do", CASES.c.task.is_not(None), *ORDER)
partial("queue_due", CASES.c.due_at.is_not(None), *ORDER, CASES.c.due_at)
partial("queue_open", CASES.c.in_queue == true(), *ORDER, CASES.c.status, CASES.c.undecided, CASES.c.urgent)
partial("queue_ended", CASES.c.in_queue == false(), CASES.c.status, *ORDER)
PLACES = Table(
    "case_places",
    metadata,
    Column("place_id", String, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("person", String, nullable=False, index=True),
    Column("group_id", String, nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("unconfirmed_start", String),
    Column("first_start", String),
    Column("company", String),
)
partial("unconfirmed", PLACES.c.unconfirmed_start.is_not(None), PLACES.c.unconfirmed_start)
partial("company", PLACES.c.company.is_not(None), PLACES.c.company, PLACES.c.first_start, PLACES.c.group_id)
SIDES = Table(
    "companion_sides",
    metadata,
    Column("pair_id", String, primary_key=True),
    Column("person", String, primary_key=True, index=True),
    Column("case_id", String, nullable=False),
    Column("place_id", String, nullable=False),
    Column("reached", Integer, nullable=False),
)
TOUCHES = Table(
    "touches",
    metadata,
    Column("touch_id", String, primary_key=True),
    Column("case_id", String, nullable=False, index=True),
    Column("person", String, nullable=False, index=True),
    Column("place_id", String, index=True),
    Column("step", String, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("channel", String),
    Column("due_at", String),
)
GROUPS = Table(
    "listed_groups",
    metadata,
    Column("group_id", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("runs", Boolean, nullable=False),
    Column("listed_at", String, nullable=False),
    Column("body", String),
)
ERASED = Table("erased_persons", metadata, Column("person", String, primary_key=True))

IN_CLEAR = (FACTS.c.event_id, FACTS.c.case_id, FACTS.c.person, FACTS.c.type, FACTS.c.time, FACTS.c.needs_human, FACTS.c.clear, FACTS.c.kind)
ALL_FACTS = select(*IN_CLEAR)
ALL_IDS = select(FACTS.c.event_id)
ALL_CASES = select(CASES)
ALL_PLACES = select(PLACES)
ALL_SIDES = select(SIDES)
ALL_TOUCHES = select(TOUCHES)
ALL_ERASED = select(ERASED.c.person)

_fact = insert(FACTS)
NEW_FACT = _fact.on_conflict_do_update(index_elements=[FACTS.c.event_id], set_={"time": _fact.excluded.time})
NEW_CASE = insert(CASES)
STANDING = tuple(CASES.c[name] for name in ("status", "red_flag", "priority", "version", "task", "due_at", "silent", "in_queue", "undecided"))
PUT_STANDING = update(CASES).where(CASES.c.case_id == bindparam("known")).values({column: bindparam(f"new_{column.name}") for column in STANDING})
_place = insert(PLACES)
PUT_PLACE = _place.on_conflict_do_update(
    index_elements=[PLACES.c.place_id], set_={name: _place.excluded[name] for name in ("state", "unconfirmed_start", "first_start", "company")}
)
_side = insert(SIDES)
PUT_SIDE = _side.on_conflict_do_update(index_elements=[SIDES.c.pair_id, SIDES.c.person], set_={"reached": _side.excluded.reached})
_touch = insert(TOUCHES)
_further = _touch.excluded.rank > TOUCHES.c.rank
PUT_TOUCH = _touch.on_conflict_do_update(
    index_elements=[TOUCHES.c.touch_id],
    set_={
        "rank": case((_further, _touch.excluded.rank), else_=TOUCHES.c.rank),
        "at": case((_further, _touch.excluded["at"]), else_=TOUCHES.c["at"]),
        "channel": func.coalesce(_touch.excluded.channel, TOUCHES.c.channel),
        "due_at": func.coalesce(_touch.excluded.due_at, TOUCHES.c.due_at),
    },
)
"""Of two facts about a touch the one further on counts; what only its plan says is filled in whenever that arrives."""
