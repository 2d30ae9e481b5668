"""What a person said last, as a keyed hash, so that asking again is safe; and which touches were answered with a measure."""

from alembic import op
from sqlalchemy import Boolean, Column, LargeBinary, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what is new; nothing was said lately."""
    op.create_table(
        "followup_said",
        Column("person", String, primary_key=True),
        Column("content", LargeBinary, nullable=False),
        Column("at", String, nullable=False),
    )
    op.add_column("followup_touches", Column("measured", Boolean))


def downgrade() -> None:
    """Take it away: what was said last is said anew, and a measure may be taken down twice."""
    op.drop_column("followup_touches", "measured")
    op.drop_table("followup_said")
