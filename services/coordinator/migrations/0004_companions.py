"""Who could go together the first time: what a place needs for it, and the sides of pairs."""

from alembic import op
from sqlalchemy import Column, Integer, String, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what is new; of a place that stands already company is sought once the next fact about its person comes."""
    op.add_column("case_places", Column("first_start", String))
    op.add_column("case_places", Column("company", String))
    part = text("company IS NOT NULL")
    op.create_index("company", "case_places", ["company", "first_start", "group_id"], sqlite_where=part, postgresql_where=part)
    op.create_table(
        "companion_sides",
        Column("pair_id", String, primary_key=True),
        Column("person", String, primary_key=True, index=True),
        Column("case_id", String, nullable=False),
        Column("place_id", String, nullable=False),
        Column("reached", Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop what is new: whoever is in a pair stays in it as their facts tell."""
    op.drop_table("companion_sides")
    op.drop_index("company", "case_places")
    for name in ("first_start", "company"):
        op.drop_column("case_places", name)
