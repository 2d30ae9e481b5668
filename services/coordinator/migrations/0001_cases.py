"""Cases, the facts about them, and who was erased."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "case_facts",
        Column("event_id", String, primary_key=True),
        Column("case_id", String, nullable=False, index=True),
        Column("person", String, nullable=False, index=True),
        Column("type", String, nullable=False),
        Column("time", String, nullable=False),
        Column("needs_human", Boolean, nullable=False),
        Column("details", LargeBinary),
        Column("matching", LargeBinary),
    )
    op.create_table(
        "cases",
        Column("case_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("referral_id", LargeBinary, nullable=False, index=True),
        Column("received_at", String, nullable=False),
        Column("urgent", Boolean, nullable=False),
        Column("status", String, nullable=False),
        Column("red_flag", Boolean, nullable=False),
        Column("priority", Integer, nullable=False),
    )
    op.create_index("queue_order", "cases", ["priority", "received_at", "case_id"])
    op.create_table("erased_persons", Column("person", String, primary_key=True))


def downgrade() -> None:
    """Drop the tables: every case is lost, and who was erased."""
    for table in ("erased_persons", "cases", "case_facts"):
        op.drop_table(table)
