"""What follow-up knows of persons, groups and places; the touches; what could not be read, and who was erased."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_people()
    _make_outcomes()
    _make_places()
    _make_touches()
    _make_what_stops()


def downgrade() -> None:
    """Drop the tables: all that was planned and said is lost."""
    for table in (
        "followup_messages_to_delete",
        "followup_erased_persons",
        "followup_unreadable",
        "followup_touches",
        "followup_places",
        "followup_groups",
        "followup_attendance",
        "followup_endings",
        "followup_flags",
        "followup_consents",
        "followup_referrals",
    ):
        op.drop_table(table)


def _make_people() -> None:
    op.create_table(
        "followup_referrals",
        Column("case_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("sender", LargeBinary, nullable=False, index=True),
        Column("event_id", String, nullable=False),
        Column("time", String, nullable=False),
        Column("details", LargeBinary),
        Column("matching", LargeBinary),
    )
    op.create_table(
        "followup_consents",
        Column("arrival", Integer, primary_key=True),
        Column("event_id", String, nullable=False, unique=True),
        Column("person", String, nullable=False, index=True),
        Column("time", String, nullable=False),
        Column("matching", LargeBinary),
    )
    op.create_table(
        "followup_flags",
        Column("flag_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("raised", Boolean, nullable=False),
        Column("cleared", Boolean, nullable=False),
    )


def _make_outcomes() -> None:
    op.create_table(
        "followup_endings",
        Column("arrival", Integer, primary_key=True),
        Column("event_id", String, nullable=False, unique=True),
        Column("case_id", String, nullable=False),
        Column("person", String, nullable=False, index=True),
        Column("type", String, nullable=False),
        Column("time", String, nullable=False),
    )
    op.create_table(
        "followup_attendance",
        Column("person", String, primary_key=True),
        Column("group_id", String, primary_key=True),
        Column("on", String, primary_key=True),
        Column("said_by", String, primary_key=True),
    )


def _make_places() -> None:
    op.create_table(
        "followup_groups",
        Column("group_id", String, primary_key=True),
        Column("event_id", String, nullable=False),
        Column("time", String, nullable=False),
        Column("listed", Boolean, nullable=False),
        Column("group", String),
        Column("contact", LargeBinary),
    )
    op.create_table(
        "followup_places",
        Column("place_id", String, primary_key=True),
        Column("group_id", String, nullable=False),
        Column("person", String, nullable=False, index=True),
        Column("case_id", String, nullable=False),
        Column("count", Integer, nullable=False),
        Column("state", String, nullable=False),
        Column("told_by", String, nullable=False),
        Column("told_at", String, nullable=False),
        Column("given_by", String, nullable=False),
        Column("given_at", String, nullable=False),
        Column("session", String),
        Column("seat", Integer, nullable=False),
        Column("confirmed", Boolean, nullable=False),
        Column("reason", String),
    )


def _make_touches() -> None:
    op.create_table(
        "followup_touches",
        Column("touch_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("case_id", String, nullable=False),
        Column("step", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("due_at", String, nullable=False),
        Column("useless_after", String, nullable=False),
        Column("planned_by", String, nullable=False),
        Column("place_id", String),
        Column("group_id", String, index=True),
        Column("session", String),
        Column("seat", Integer, nullable=False),
        Column("over", Boolean, nullable=False),
        Column("asks_about", String),
        Column("state", String, nullable=False),
        Column("reason", String),
        Column("claimed_at", String),
        Column("look_at", String),
        Column("answer_by", String),
    )
    op.create_index("followup_touches_to_look_at", "followup_touches", ["state", "look_at"])
    op.create_index("followup_touches_waiting", "followup_touches", ["answer_by"])


def _make_what_stops() -> None:
    op.create_table(
        "followup_unreadable",
        Column("event_id", String, primary_key=True),
        Column("stream", String, nullable=False),
        Column("subject", String, nullable=False, index=True),
    )
    op.create_table("followup_erased_persons", Column("person", String, primary_key=True))
    op.create_table("followup_messages_to_delete", Column("touch_id", String, primary_key=True))
