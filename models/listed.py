"""A group as the directory lists it, what its content comes to in 64 bits, and which of several listings of one group holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from models.columns import fingerprint
from schemas.group import Group


@dataclass(frozen=True, slots=True)
class Listed:
    """A group as the directory lists it, with its text's vector (384,) of unit length, its words, and the feed it came in."""

    group: Group
    vector: NDArray[np.float32] | None = None
    words: tuple[str, ...] = ()
    feed: str = ""


_SETS: Final = ("tags", "genders", "languages", "access")
"""What a group's record lists in an order that means nothing."""

_PLAIN: Final = tuple(name for name in Group.model_fields if name not in (*_SETS, "contact", "sessions", "capacity"))


def content_digest(group: Group) -> int:
    """64 bits over what matching reads of a group, the same for a file and for a server; contact and unknown fields are left out."""
    said, capacity = vars(group), group.capacity
    sessions = sorted([(session.weekday, session.start, session.end or "", session.every_weeks) for session in group.sessions])
    content = (
        [said[name] for name in _PLAIN],
        [said[name] and sorted(said[name]) for name in _SETS],
        sessions,
        capacity and (capacity.maximum, capacity.available, capacity.waitlist),
    )
    return fingerprint(to_json(content))


def one_each(listed: Iterable[Listed]) -> list[tuple[Listed, int]]:
    """Each group once, by id; of two listings of one id the same one wins whatever order they came in."""
    best: dict[str, tuple[Listed, int]] = {}
    for item in listed:
        digest = content_digest(item.group)
        known = best.get(item.group.group_id)
        if known is None or _order(item, digest) > _order(*known):
            best[item.group.group_id] = (item, digest)
    return [best[group_id] for group_id in sorted(best)]


def _order(item: Listed, digest: int) -> tuple[int, str, tuple[str, ...], bytes]:
    return digest, item.feed, item.words, b"" if item.vector is None else item.vector.tobytes()
