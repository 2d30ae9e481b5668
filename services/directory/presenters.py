"""Groups as they are shown: the group record without its contact, or with it for whoever asked and may."""

from typing import Any

from schemas.group import Group, GroupContact
from services.directory.store import Listed


def as_record(group: Group, contact: GroupContact | None = None) -> dict[str, Any]:
    """The group as files and `/v1/groups` carry it; what is not known is null."""
    record = group.model_dump(mode="json", exclude={"contact"})
    return record | ({"contact": contact.model_dump(mode="json")} if contact else {})


def as_listed(listed: Listed) -> dict[str, Any]:
    """The group, the source that lists it and when it last changed."""
    return as_record(listed.group) | {"source": listed.feed, "updated_at": listed.updated_at}
