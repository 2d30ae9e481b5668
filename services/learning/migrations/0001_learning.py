"""The facts about each person that may be learned from, the training runs, and the promotions."""

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "learning_facts",
        Column("event_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("type", String, nullable=False),
        Column("time", String, nullable=False),
        Column("in_clear", LargeBinary, nullable=False),
        Column("matching", LargeBinary),
    )
    op.create_table(
        "learning_runs",
        Column("number", Integer, primary_key=True),
        Column("at", String, nullable=False),
        Column("outcomes", Integer, nullable=False),
        Column("found", String, nullable=False),
        Column("because", String, nullable=False),
        Column("model", String),
        Column("people", Integer, nullable=False),
    )
    op.create_table(
        "promotions",
        Column("number", Integer, primary_key=True),
        Column("name", String, nullable=False),
        Column("model", String, nullable=False),
        Column("at", String, nullable=False),
        Column("because", String, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables: what was learned from, what was found, and which model served when is lost."""
    for table in ("promotions", "learning_runs", "learning_facts"):
        op.drop_table(table)
