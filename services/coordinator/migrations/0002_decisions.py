"""Decisions, places, tasks and touches beside the cases, and an index for each part of the queue."""

from alembic import op
from sqlalchemy import Boolean, Column, ColumnElement, Integer, LargeBinary, String, TextClause, column, false, text, true

revision = "0002"
down_revision = "0001"

_UNMET = "type IN ('better-together.NoMatchFound', 'better-together.MatchesDeclined', 'better-together.PlaceRefused')"
_ORDER = ("priority", "received_at", "case_id")
_in_queue = column("in_queue", Boolean)
_PARTS = {
    "queue_red_flag": column("red_flag", Boolean) == true(),
    "queue_silent": column("silent", Boolean) == true(),
}


def upgrade() -> None:
    """Add what is new; a case that stands already is in the queue where it has not ended, and nothing is decided about it."""
    op.add_column("case_facts", Column("clear", String))
    op.add_column("case_facts", Column("kind", LargeBinary))
    for new in (
        Column("version", Integer, nullable=False, server_default="0"),
        Column("task", LargeBinary),
        Column("due_at", String),
        Column("silent", Boolean, nullable=False, server_default="0"),
        Column("in_queue", Boolean, nullable=False, server_default="1"),
        Column("undecided", Boolean, nullable=False, server_default="0"),
    ):
        op.add_column("cases", new)
    op.execute("UPDATE cases SET in_queue = (status NOT IN ('closed', 'withdrawn') OR red_flag)")
    op.execute("UPDATE cases SET undecided = (status NOT IN ('closed', 'withdrawn'))")
    op.drop_index("queue_order", "cases")
    for name, part in _PARTS.items():
        _create_partial(name, "cases", _ORDER, part)
    _create_partial("queue_due", "cases", (*_ORDER, "due_at"), text("due_at IS NOT NULL"))
    _create_partial("queue_open", "cases", (*_ORDER, "status", "undecided", "urgent"), _in_queue == true())
    _create_partial("unmet", "case_facts", ("time",), text(_UNMET))
    _create_partial("queue_ended", "cases", ("status", *_ORDER), _in_queue == false())
    _create_tables()


def _create_partial(name: str, table: str, columns: tuple[str, ...], part: ColumnElement[bool] | TextClause) -> None:
    op.create_index(name, table, list(columns), sqlite_where=part, postgresql_where=part)


def downgrade() -> None:
    """Drop what is new: cases and facts are kept, what was decided about them, their places and touches are lost."""
    op.drop_index("unmet", "case_facts")
    op.drop_table("touches")
    op.drop_table("case_places")
    for name in (*_PARTS, "queue_due", "queue_open", "queue_ended"):
        op.drop_index(name, "cases")
    op.create_index("queue_order", "cases", list(_ORDER))
    for name in ("version", "task", "due_at", "silent", "in_queue", "undecided"):
        op.drop_column("cases", name)
    for name in ("clear", "kind"):
        op.drop_column("case_facts", name)


def _create_tables() -> None:
    op.create_table(
        "case_places",
        Column("place_id", String, primary_key=True),
        Column("case_id", String, nullable=False),
        Column("person", String, nullable=False, index=True),
        Column("group_id", String, nullable=False, index=True),
        Column("state", String, nullable=False),
        Column("unconfirmed_start", String),
    )
    _create_partial("unconfirmed", "case_places", ("unconfirmed_start",), text("unconfirmed_start IS NOT NULL"))
    op.create_table(
        "touches",
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
