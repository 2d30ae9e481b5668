"""What is made of a group before it is listed: its position where only the postcode is known, and what its text says.

None of it writes anything or runs inside a transaction. A text is embedded only where this encoder never made a vector of it before.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

from numpy import float32
from numpy.typing import NDArray
from pydantic_core import PydanticSerializationError

from models.text.encoder import pack, read_all
from models.text.words import offered
from schemas.group import Group, GroupContact
from services.directory.domain import Embedding, Locate, Place, Prepared, text_of

__all__ = ["Encoder", "KnownVectors", "Preparer", "hash_of", "text_of"]

_HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]")

KnownVectors = Callable[[str, Sequence[str]], Mapping[str, str]]
"""The packed vectors that an encoder (its hash) made of texts before, by the texts' hashes."""


class Encoder(Protocol):
    """Turns a text into a vector of unit length."""

    hash: str

    def encode(self, text: str) -> NDArray[float32] | None:
        """The vector, or None where the text says nothing."""


@dataclass(frozen=True)
class Preparer:
    """Makes groups ready to be listed."""

    encoder: Encoder
    locate: Locate
    known_vectors: KnownVectors

    def prepare(self, groups: Sequence[Group], progress: Callable[[], None] = lambda: None) -> list[Prepared]:
        """The groups in order, ready to be listed; `progress` is called after each."""
        sound = [_sound(group) for group in groups]
        texts = [text_of(group) for group in sound]
        hashes = [hash_of(text) for text in texts]
        vectors: dict[str, str | None] = dict(self.known_vectors(self.encoder.hash, sorted(set(hashes))))
        unknown = {text_hash: text for text_hash, text in zip(hashes, texts, strict=True) if text_hash not in vectors}
        read = read_all(self.encoder.encode, list(unknown.values()))
        prepared = []
        for group, text_hash in zip(sound, hashes, strict=True):
            if text_hash not in vectors:
                vector = next(read)
                vectors[text_hash] = None if vector is None else pack(vector)
            prepared.append(self._prepared(group, self._embedding(text_hash, group, vectors[text_hash])))
            progress()
        return prepared

    def _embedding(self, text_hash: str, group: Group, vector: str | None) -> Embedding:
        embedding = Embedding(text_hash, words=offered(group.name, group.tags, group.description))
        return embedding if vector is None else replace(embedding, vector=vector, encoder=self.encoder.hash)

    def _prepared(self, group: Group, embedding: Embedding) -> Prepared:
        place = self.locate(group.postcode) if group.postcode else None
        listed = group.model_copy(update={"contact": None, **_position(group, place)})
        return Prepared(listed, _told(group.contact), place.area if place else None, embedding)


def hash_of(text: str) -> str:
    """The SHA-256 of a group's text, in hexadecimal; the text is public, so the hash needs no key."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _sound(group: Group) -> Group:
    """The group with every half of a Unicode character replaced, which a field we do not know may hold and no UTF-8 can."""
    try:
        group.model_dump_json()
    except PydanticSerializationError:
        return Group.model_validate(_in_whole_characters(group.model_dump()))
    return group


def _in_whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF_A_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_in_whole_characters(one) for one in value]
    if isinstance(value, dict):
        return {_in_whole_characters(name): _in_whole_characters(one) for name, one in value.items()}
    return value


def _position(group: Group, place: Place | None) -> dict[str, float | None]:
    if group.latitude is not None and group.longitude is not None:
        return {}
    return {"latitude": place.latitude, "longitude": place.longitude} if place else {"latitude": None, "longitude": None}


def _told(contact: GroupContact | None) -> GroupContact | None:
    """The contact, unless it says nothing."""
    return contact if contact and contact.model_dump(exclude_none=True) else None
