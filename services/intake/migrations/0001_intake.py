"""Who was referred under which id, as keyed hashes, and which erasures are under way."""

from alembic import op
from sqlalchemy import Boolean, Column, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "received_referrals",
        Column("key", LargeBinary, primary_key=True),
        Column("referral_id", LargeBinary, nullable=False, index=True),
        Column("case_id", String, nullable=False, unique=True),
        Column("person", String, nullable=False, index=True),
        Column("content", LargeBinary, nullable=False),
        Column("withdrawn", Boolean, nullable=False),
    )
    op.create_table(
        "identifiers",
        Column("identifier", LargeBinary, primary_key=True),
        Column("value", LargeBinary, nullable=False, index=True),
        Column("person", String, nullable=False, index=True),
    )
    op.create_table(
        "erasures",
        Column("person", String, primary_key=True),
        Column("requested_at", String, nullable=False),
        Column("keys_destroyed_at", String),
    )


def downgrade() -> None:
    """Drop the tables: who was referred under which id is lost."""
    for table in ("erasures", "identifiers", "received_referrals"):
        op.drop_table(table)
