"""Follow-up's tables. What is personal is ciphertext or a keyed hash; ids, times, and what an event's type says stand in clear."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()
REFERRALS = Table(
    "followup_referrals",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("sender", LargeBinary, nullable=False, index=True),
    Column("event_id", String, nullable=False),
    Column("time", String, nullable=False),
    Column("details", LargeBinary),
    Column("matching", LargeBinary),
)
CONSENTS = Table(
    "followup_consents",
    metadata,
    Column("arrival", Integer, primary_key=True),
    Column("event_id", String, nullable=False, unique=True),
    Column("person", String, nullable=False, index=True),
    Column("time", String, nullable=False),
    Column("matching", LargeBinary),
)
FLAGS = Table(
    "followup_flags",
    metadata,
    Column("flag_id", String, primary_key=True),
    Column("person", String, nullable=False, index=True),
    Column("raised", Boolean, nullable=False),
    Column("cleared", Boolean, nullable=False),
)
ENDINGS = Table(
    "followup_endings",
    metadata,
    Column("arrival", Integer, primary_key=True),
    Column("event_id", String, nullable=False, unique=True),
    Column("case_id", String, nullable=False),
    Column("person", String, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("time", String, nullable=False),
)
ATTENDANCE = Table(
    "followup_attendance",
    metadata,
    Column("person", String, primary_key=True),
    Column("group_id", String, primary_key=True),
    Column("on", String, primary_key=True),
    Column("said_by", String, primary_key=True),
)
GROUPS = Table(
    "followup_groups",
    metadata,
    Column("group_id", String, primary_key=True),
    Column("event_id", String, nullable=False),
    Column("time", String, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("group", String),
    Column("contact", LargeBinary),
)
PLACES = Table(
    "followup_places",
    metadata,
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
TOUCHES = Table(
    "followup_touches",
    metadata,
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
    Column("measured", Boolean),
    Index("followup_touches_to_look_at", "state", "look_at"),
    Index("followup_touches_waiting", "answer_by"),
)
SAID = Table(
    "followup_said",
    metadata,
    Column("person", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("at", String, nullable=False),
)
UNREADABLE = Table(
    "followup_unreadable",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("stream", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
)
ERASED = Table("followup_erased_persons", metadata, Column("person", String, primary_key=True))
TO_DELETE = Table("followup_messages_to_delete", metadata, Column("touch_id", String, primary_key=True))
"""Messages of erased persons whose files are still there."""
