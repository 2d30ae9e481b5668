"""Which group each case's newest answer proposes first, and what each night's re-match of the waiting list came to.

Of answers given before nothing is known; their cases are proposed to again once, where sharing gives them a group at all.
"""

from alembic import op
from sqlalchemy import Column, Float, Integer, String

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "proposed_first",
        Column("case_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("group_id", String, nullable=False),
    )
    op.create_table(
        "rematches",
        Column("night", String, primary_key=True),
        Column("found", String, nullable=False),
        *(Column(name, Integer, nullable=False) for name in ("waiting", "changed")),
        *(Column(name, Float, nullable=False) for name in ("jointly", "one_by_one")),
        *(Column(name, Integer, nullable=False) for name in ("groups", "groups_one_by_one")),
        Column("worst_off", String, nullable=False),
        Column("worst", Float, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables: what was proposed first is asked anew."""
    op.drop_table("rematches")
    op.drop_table("proposed_first")
