"""Every group that was ever listed, so that one that is gone still has a name, and an index for the cases in which something is to be done."""

from alembic import op
from sqlalchemy import Boolean, Column, String, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what is new; groups come in as they are listed."""
    op.create_table(
        "listed_groups",
        Column("group_id", String, primary_key=True),
        Column("at", String, nullable=False),
        Column("runs", Boolean, nullable=False),
        Column("listed_at", String, nullable=False),
        Column("body", String),
    )
    part = text("task IS NOT NULL")
    op.create_index("queue_to_do", "cases", ["priority", "received_at", "case_id"], sqlite_where=part, postgresql_where=part)


def downgrade() -> None:
    """Drop what is new: a group has a name again when it is listed again."""
    op.drop_index("queue_to_do", "cases")
    op.drop_table("listed_groups")
