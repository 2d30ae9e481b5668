"""What a service's schema on PostgreSQL holds beside its own tables: what it took in, what it has to tell, and how far it has read."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table("inbox", Column("id", String, primary_key=True))
    op.create_table(
        "outbox",
        Column("number", BigInteger, primary_key=True, autoincrement=True),
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
    )
    op.create_table(
        "positions",
        Column("stream", String, primary_key=True),
        Column("partition", Integer, primary_key=True, autoincrement=False),
        Column("position", BigInteger, nullable=False),
        Column("owner", String),
        Column("replayed_until", BigInteger),
    )


def downgrade() -> None:
    """Drop the tables, and with them what was not yet told and how far the service has read."""
    for table in ("positions", "outbox", "inbox"):
        op.drop_table(table)
