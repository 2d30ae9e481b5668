"""The places of every group, and what was said about its capacity."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables; what is listed already was said by its feed."""
    _make_capacities()
    _remember_what_is_listed()
    _make_places()


def _make_capacities() -> None:
    op.create_table(
        "capacities_said",
        sa.Column("group_id", sa.String, primary_key=True),
        sa.Column("told", sa.Text),
        sa.Column("standing", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
    )
    op.create_table(
        "place_books",
        sa.Column("group_id", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("maximum", sa.Integer),
        sa.Column("available", sa.Integer),
        sa.Column("waitlist", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("left", sa.Integer),
        sa.Column("shut", sa.String),
    )


def _make_places() -> None:
    op.create_table(
        "group_places",
        sa.Column("group_id", sa.String, primary_key=True),
        sa.Column("place_id", sa.String, primary_key=True),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("case_id", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("weekday", sa.String),
        sa.Column("start", sa.String),
        sa.Column("session_on", sa.String),
        sa.Column("session_at", sa.String),
        sa.Column("confirmed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "group_places_lost",
        sa.Column("place_id", sa.String, primary_key=True),
        sa.Column("group_id", sa.String, primary_key=True),
        sa.Column("before_request", sa.String),
    )


def _remember_what_is_listed() -> None:
    groups = sa.table("groups", sa.column("group_id"), sa.column("snapshot"))
    said = sa.table("capacities_said", *map(sa.column, ("group_id", "told", "standing", "revision", "terms")))
    rows = op.get_bind().execute(sa.select(groups.c.group_id, groups.c.snapshot)).all()
    told = {group_id: json.dumps(capacity) for group_id, snapshot in rows if (capacity := json.loads(snapshot).get("capacity"))}
    op.bulk_insert(said, [{"group_id": one, "told": text, "standing": text, "revision": 0, "terms": ""} for one, text in told.items()])


def downgrade() -> None:
    """Drop the tables: who holds which place is lost, and what was set by hand; what is listed is kept, and said again by its feed."""
    for table in ("group_places_lost", "group_places", "place_books", "capacities_said"):
        op.drop_table(table)
