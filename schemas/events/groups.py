"""Facts on `groups`: the directory as whole snapshots, compacted by group."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from schemas.events.base import GROUP, AboutGroup, Sealed
from schemas.group import Group, GroupContact


def _without_contact(group: Group) -> Group:
    if group.contact is not None:
        raise ValueError("the organiser's contact travels sealed, beside the group and never in it")
    return group


class GroupListed(AboutGroup):
    """The group as it is now, whole; its organiser's contact is sealed under the group's own key.

    `vector` is the text's embedding (base64 of little-endian float16) by the encoder whose hash is `encoder`; `content` is the hash of what
    the feed said, so that an unchanged group is not listed again.
    """

    stream = "groups"

    feed: str
    group: Annotated[Group, AfterValidator(_without_contact), Field(description="The group without its contact")]
    area: str | None = None
    content: str
    vector: str | None = None
    encoder: str | None = None
    words: list[str] = []
    contact: Annotated[GroupContact | Sealed | None, GROUP] = None


class GroupDelisted(AboutGroup):
    """The group is no longer in its feed, or was taken out by hand."""

    stream = "groups"

    feed: str
    reason: Literal["gone_from_feed", "removed"] = "gone_from_feed"
