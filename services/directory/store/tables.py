"""The directory's tables. What a listing is filtered by stands in columns of its own; the rest of a group is its snapshot."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()
GROUPS = Table(
    "groups",
    metadata,
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
    Index("groups_by_listed", "listed", "group_id"),
)
VECTORS = Table(
    "group_vectors",
    metadata,
    Column("group_id", String, primary_key=True),
    Column("text_hash", String, nullable=False, index=True),
    Column("encoder", String, nullable=False),
    Column("vector", String, nullable=False),
)
SESSIONS = Table(
    "group_sessions",
    metadata,
    Column("group_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("weekday", String, nullable=False),
    Column("start", String, nullable=False),
    Column("end", String),
)
TAGS = Table("group_tags", metadata, Column("tag", String, primary_key=True), Column("group_id", String, primary_key=True, index=True))
SAID = Table(
    "capacities_said",
    metadata,
    Column("group_id", String, primary_key=True),
    Column("told", Text),
    Column("standing", Text),
    Column("revision", Integer, nullable=False),
    Column("terms", Text, nullable=False),
)
BOOKS = Table(
    "place_books",
    metadata,
    Column("group_id", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("maximum", Integer),
    Column("available", Integer),
    Column("waitlist", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("left", Integer),
    Column("shut", String),
)
PLACES = Table(
    "group_places",
    metadata,
    Column("group_id", String, primary_key=True),
    Column("place_id", String, primary_key=True),
    Column("held", Boolean, nullable=False),
    Column("person", String, nullable=False),
    Column("case_id", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("weekday", String),
    Column("start", String),
    Column("session_on", String),
    Column("session_at", String),
    Column("confirmed", Boolean, nullable=False),
)
LOST = Table(
    "group_places_lost",
    metadata,
    Column("place_id", String, primary_key=True),
    Column("group_id", String, primary_key=True),
    Column("before_request", String),
)
