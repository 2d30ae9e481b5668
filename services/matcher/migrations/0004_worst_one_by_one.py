"""Of each night also what the worst-off group of people would have had if places had gone to people as they came; of earlier nights it is 0."""

from alembic import op
from sqlalchemy import Column, Float

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    op.add_column("rematches", Column("worst_one_by_one", Float, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("rematches", "worst_one_by_one")
