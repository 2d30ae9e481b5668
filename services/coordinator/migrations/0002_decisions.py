"""Decisions, places, tasks and touches beside the cases, and an index for each part of the queue."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, text

revision = "0002"
down_revision = "0001"

_UNMET = "type IN ('better-together.NoMatchFound', 'better-together.MatchesDeclined', 'better-together.PlaceRefused')"
_ORDER = ("priority", "received_at", "case_id")
_PARTS = {
    "queue_red_flag": "red_flag = 1",
    "queue_silent": "silent = 1",
}


def upgrade() -> None:
    """Add what is new; a case that stands already is in the queue where it has not ended, and nothing is decided about it."""
    op.add_column("case_facts", Column("clear", String))
    op.add_column("case_facts", Column("kind", LargeBinary))
    for column in (
        Column("version", Integer, nullable=False, server_default="0"),
        Column("task", LargeBinary),
        Column("due_at", String),
        Column("silent", Boolean, nullable=False, server_default="0"),
        Column("in_queue", Boolean, nullable=False, server_default="1"),
        Column("undecided", Boolean, nullable=False, server_default="0"),
    ):
        op.add_column("cases", column)
    op.execute("UPDATE cases SET in_queue = (status NOT IN ('closed', 'withdrawn') OR red_flag)")
    op.execute("UPDATE cases SET undecided = (status NOT IN ('closed', 'withdrawn'))")
    op.drop_index("queue_order", "cases")
    for name, part in _PARTS.items():
        op.create_index(name, "cases", list(_ORDER), sqlite_where=text(part))
    op.create_index("queue_due", "cases", [*_ORDER, "due_at"], sqlite_where=text("due_at IS NOT NULL"))
    op.create_index("queue_open", "cases", [*_ORDER, "status", "undecided", "urgent"], sqlite_where=text("in_queue = 1"))
    op.create_index("unmet", "case_facts", ["time"], sqlite_where=text(_UNMET))
    op.create_index("queue_ended", "cases", ["status", *_ORDER], sqlite_where=text("in_queue = 0"))
    _create_tables()


def downgrade() -> None:
    """Drop what is new."""
    op.drop_index("unmet", "case_facts")
    op.drop_table("touches")
    op.drop_table("case_places")
    for name in (*_PARTS, "queue_due", "queue_open", "queue_ended"):
        op.drop_index(name, "cases")
    op.create_index("queue_order", "cases", list(_ORDER))
    for column in ("version", "task", "due_at", "silent", "in_queue", "undecided"):
        op.drop_column("cases", column)
    for column in ("clear", "kind"):
        op.drop_column("case_facts", column)


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
    op.create_index("unconfirmed", "case_places", ["unconfirmed_start"], sqlite_where=text("unconfirmed_start IS NOT NULL"))
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
