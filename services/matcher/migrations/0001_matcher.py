"""Which persons have an open flag."""

from alembic import op
from sqlalchemy import Column, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table("open_flags", Column("flag_id", String, primary_key=True), Column("person", String, nullable=False, index=True))


def downgrade() -> None:
    """Drop the table: which flags are open is lost."""
    op.drop_table("open_flags")
