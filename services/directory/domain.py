"""What the directory is asked to do, whose a group is, and when a group that is gone from its feed may be delisted.

A group belongs to the feed that lists it, and no other feed may change it; only what is said by hand stands above a feed. A group is listed
again when anything that a reader would see has changed, and never otherwise.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from schemas.group import Capacity, Group, GroupContact

BY_HAND: Final = "api"
"""The feed of groups that are listed one by one over HTTP."""

Fate = Literal["added", "changed", "unchanged"]
_IN_ANY_ORDER = ("tags", "languages", "genders", "access")


class Place(Protocol):
    """Where a postcode is: WGS 84 degrees, and the area under which unmet need is counted."""

    @property
    def latitude(self) -> float:
        """Degrees north."""

    @property
    def longitude(self) -> float:
        """Degrees east."""

    @property
    def area(self) -> str:
        """The outward code, or what stands for it elsewhere."""


Locate = Callable[[str], Place | None]
"""The place of a postcode, or None where it is not known."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """What was read in a group's text: `vector` (packed) by the encoder of this hash, and closed-vocabulary `words`."""

    text_hash: str
    vector: str | None = None
    encoder: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A group as it is to be listed: its position found where the feed gives only a postcode, and its contact apart from it."""

    group: Group
    contact: GroupContact | None
    area: str | None
    embedding: Embedding

    @property
    def content(self) -> str:
        """All that listing the group would tell, in canonical form; the contact too, so it is only ever kept as a keyed hash."""
        group = self.group.model_dump(mode="json", exclude_none=True)
        for field in _IN_ANY_ORDER:
            group[field] = sorted(group[field]) if field in group else None
        group["sessions"] = sorted(map(_canonical, group["sessions"]))
        contact = self.contact and self.contact.model_dump(mode="json", exclude_none=True)
        return _canonical([group, contact, self.area, self.embedding.encoder, self.embedding.words])


@dataclass(frozen=True, slots=True)
class ListGroup:
    """List a group as its feed, or somebody by hand, says it is."""

    feed: str
    prepared: Prepared
    at: datetime

    @property
    def group_id(self) -> str:
        """The group's id."""
        return self.prepared.group.group_id


@dataclass(frozen=True, slots=True)
class SetCapacity:
    """Set by hand how many a group takes; all else of it stays as its feed said."""

    group_id: str
    capacity: Capacity
    at: datetime


@dataclass(frozen=True, slots=True)
class DelistMissing:
    """Delist what a feed, read whole, no longer has; `anyway` also where that is most of what was listed from it.

    It is put before the feed's groups are listed, so that what is new does not make up for what is gone.
    """

    feed: str
    present: frozenset[str]
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """A group that was listed before: by which feed, a keyed hash of what was said, and whether it still is."""

    group_id: str
    feed: str
    content: bytes
    listed: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A group as the store is to keep it."""

    command: ListGroup
    content: bytes


class DirectoryStore(Protocol):
    """What the directory remembers of its groups; contacts as ciphertext alone."""

    def hash(self, *values: str) -> bytes:
        """The keyed hash by which the same content is known again."""

    def known(self, group_ids: Collection[str]) -> Mapping[str, KnownGroup]:
        """Those of these groups that were ever listed."""

    def listed_ids(self, feed: str) -> set[str]:
        """The groups that are listed from this feed."""

    def last_listing(self, group_id: str) -> ListGroup | None:
        """How the group was listed last, its contact opened; None where it is not listed."""

    def save(self, listings: Sequence[Listing]) -> None:
        """Keep these groups as they are now, their contacts sealed."""

    def delist(self, group_ids: Collection[str]) -> None:
        """Mark groups as no longer listed and drop their contacts."""


def owner_forbids(known: KnownGroup | None, feed: str) -> str | None:
    """Why this feed may not list the group, or None where it may."""
    if known is None or not known.listed or feed in (known.feed, BY_HAND):
        return None
    if known.feed == BY_HAND:
        return "the group is kept by hand"
    return f"the group is listed from another source already: {known.feed!r}"


def fate_of(known: KnownGroup | None, feed: str, content: bytes) -> Fate:
    """What listing the group comes to."""
    if known is None or not known.listed:
        return "added"
    return "unchanged" if (known.feed, known.content) == (feed, content) else "changed"


def too_many_gone(known: Collection[str], gone: Collection[str]) -> bool:
    """Whether fewer than half of a feed's groups would be left, which looks more like a broken feed than like a changed town."""
    return 2 * (len(known) - len(gone)) < len(known)


def text_of(group: Group) -> str:
    """The text by which a group is found: its name, its tags and its description, a line each."""
    return "\n".join(filter(None, (group.name, ", ".join(group.tags), group.description)))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
