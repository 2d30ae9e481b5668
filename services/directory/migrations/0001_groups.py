"""The groups as they are listed, with what they are filtered by."""

from alembic import op
from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, String, Text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "groups",
        Column("group_id", String, primary_key=True),
        Column("feed", String, nullable=False, index=True),
        Column("content", LargeBinary, nullable=False),
        Column("listed", Boolean, nullable=False),
        Column("updated_at", String, nullable=False),
        Column("snapshot", Text, nullable=False),
        Column("searched", Text, nullable=False),
        Column("area", String),
        Column("latitude", Float),
        Column("longitude", Float),
        Column("minimum_age", Integer),
        Column("maximum_age", Integer),
        Column("contact", LargeBinary),
    )
    op.create_index("groups_by_listed", "groups", ["listed", "group_id"])
    op.create_table(
        "group_vectors",
        Column("group_id", String, primary_key=True),
        Column("text_hash", String, nullable=False, index=True),
        Column("encoder", String, nullable=False),
        Column("vector", String, nullable=False),
    )
    op.create_table(
        "group_sessions",
        Column("group_id", String, primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("weekday", String, nullable=False),
        Column("start", String, nullable=False),
        Column("end", String),
    )
    op.create_table("group_tags", Column("tag", String, primary_key=True), Column("group_id", String, primary_key=True, index=True))


def downgrade() -> None:
    """Drop the tables: the groups come in again as they are listed."""
    for table in ("group_tags", "group_sessions", "group_vectors", "groups"):
        op.drop_table(table)
