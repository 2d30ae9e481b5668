"""The log and the cursors of its readers."""

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "log",
        Column("position", Integer, primary_key=True, autoincrement=True),
        Column("stream", String, nullable=False),
        Column("subject", String, nullable=False),
        Column("id", String, nullable=False, unique=True),
        Column("type", String, nullable=False),
        Column("source", String, nullable=False),
        Column("time", String, nullable=False),
        Column("correlationid", String, nullable=False),
        Column("causationid", String),
        Column("traceparent", String),
        Column("data", LargeBinary, nullable=False),
        Column("appended_at", String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("log_by_stream", "log", ["stream", "position"])
    op.create_table(
        "cursors",
        Column("consumer", String, primary_key=True),
        Column("stream", String, primary_key=True),
        Column("position", Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop both tables: every fact is lost."""
    op.drop_table("cursors")
    op.drop_table("log")
