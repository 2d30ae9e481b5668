"""The facts about each person that bear on matching, in place of the open flags alone, and which cases a flag holds back.

A flag that was open is kept as the fact that raised it; of which case it told was not remembered, and nothing asks.
"""

import json

from alembic import op
from sqlalchemy import Column, LargeBinary, String, column, select, table

revision = "0002"
down_revision = "0001"

_RAISED = "better-together.RedFlagRaised"
_UNKNOWN_TIME = "1970-01-01T00:00:00+00:00"
_FLAGS = table("open_flags", column("flag_id", String), column("person", String))
_FACTS = table(
    "person_facts",
    *(column(name, String) for name in ("event_id", "person", "type", "time")),
    column("in_clear", LargeBinary),
)


def upgrade() -> None:
    """Make the tables, and take the open flags over."""
    op.create_table(
        "person_facts",
        Column("event_id", String, primary_key=True),
        Column("person", String, nullable=False, index=True),
        Column("type", String, nullable=False),
        Column("time", String, nullable=False),
        Column("in_clear", LargeBinary, nullable=False),
        Column("matching", LargeBinary),
    )
    op.create_table("held_back", Column("case_id", String, primary_key=True), Column("person", String, nullable=False, index=True))
    flags = op.get_bind().execute(select(_FLAGS)).all()
    op.bulk_insert(_FACTS, [_raised(flag.flag_id, flag.person) for flag in flags])
    op.drop_table("open_flags")


def _raised(flag_id: str, person: str) -> dict[str, object]:
    in_clear = json.dumps({"person": person, "case_id": "", "flag_id": flag_id}).encode()
    return {"event_id": flag_id, "person": person, "type": _RAISED, "time": _UNKNOWN_TIME, "in_clear": in_clear}


def downgrade() -> None:
    """Make the table of open flags again, empty, and drop what took its place: what is known of each person is lost."""
    op.create_table("open_flags", Column("flag_id", String, primary_key=True), Column("person", String, nullable=False, index=True))
    op.drop_table("held_back")
    op.drop_table("person_facts")
