"""One table of wrapped keys per use."""

from alembic import op
from sqlalchemy import Column, LargeBinary, String

revision = "0001"
down_revision = None
USES = ("details", "matching", "group", "lookup")


def upgrade() -> None:
    """Make the tables."""
    for use in USES:
        op.create_table(f"{use}_keys", Column("owner", String, primary_key=True), Column("wrapped", LargeBinary))


def downgrade() -> None:
    """Drop the tables: everything that was ever sealed is lost."""
    for use in USES:
        op.drop_table(f"{use}_keys")
