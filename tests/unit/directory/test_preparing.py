"""What is made of groups before they are listed: positions from postcodes, vectors only for new texts, contacts apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.text.encoder import DIMENSIONS, pack
from schemas.group import Group, GroupContact
from services.directory.preparing import Preparer, hash_of, text_of


@dataclass(frozen=True)
class Spot:
    latitude: float
    longitude: float
    area: str


PLACES = {"LS6 3AA": Spot(53.82, -1.57, "LS6")}


class CountingEncoder:
    """Gives every text the same vector, none to a blank one, and remembers what it was asked."""

    hash = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, text: str) -> NDArray[np.float32] | None:
        self.asked.append(text)
        return None if "unspeakable" in text else np.full(DIMENSIONS, DIMENSIONS**-0.5, np.float32)


class Vectors:
    """Vectors that were made before, for the encoder that made them."""

    def __init__(self, **known: str) -> None:
        self._known = known
        self.calls = 0

    def __call__(self, encoder: str, text_hashes: Sequence[str]) -> Mapping[str, str]:
        self.calls += 1
        assert encoder == "counting"
        return {hash_of(text): vector for text, vector in self._known.items() if hash_of(text) in text_hashes}


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


def group(**fields: Any) -> Group:
    return Group.model_validate({"group_id": "g", "name": "Chess"} | fields)


def preparer(encoder: CountingEncoder, vectors: Vectors | None = None) -> Preparer:
    return Preparer(encoder, PLACES.get, vectors or Vectors())


def test_a_postcode_gives_the_position_that_the_feed_does_not(encoder: CountingEncoder) -> None:
    [prepared] = preparer(encoder).prepare([group(postcode="LS6 3AA")])

    assert (prepared.group.latitude, prepared.group.longitude, prepared.area) == (53.82, -1.57, "LS6")


def test_the_feeds_own_position_stands_and_the_postcode_still_tells_the_area(encoder: CountingEncoder) -> None:
    [prepared] = preparer(encoder).prepare([group(postcode="LS6 3AA", latitude=53.9, longitude=-1.6)])

    assert (prepared.group.latitude, prepared.group.longitude, prepared.area) == (53.9, -1.6, "LS6")


@pytest.mark.parametrize("fields", [{"latitude": 53.9}, {"postcode": "ZZ99 9ZZ"}, {"longitude": 1.0, "postcode": "ZZ99 9ZZ"}])
def test_half_a_position_and_an_unknown_postcode_are_no_position(encoder: CountingEncoder, fields: dict[str, Any]) -> None:
    [prepared] = preparer(encoder).prepare([group(**fields)])

    assert (prepared.group.latitude, prepared.group.longitude, prepared.area) == (None, None, None)


def test_the_contact_is_taken_out_of_the_group(encoder: CountingEncoder) -> None:
    [prepared] = preparer(encoder).prepare([group(contact={"name": "Mo", "phone": "01632 960001"})])

    assert prepared.group.contact is None
    assert prepared.contact == GroupContact(name="Mo", phone="01632 960001")


def test_a_contact_that_says_nothing_is_none(encoder: CountingEncoder) -> None:
    [prepared] = preparer(encoder).prepare([group(contact={"name": None})])

    assert prepared.contact is None


def test_a_text_is_embedded_with_its_name_tags_and_description(encoder: CountingEncoder) -> None:
    [prepared] = preparer(encoder).prepare([group(tags=["board-games"], description="For beginners.")])

    assert encoder.asked == ["Chess\nboard-games\nFor beginners."]
    assert prepared.embedding.vector == pack(np.full(DIMENSIONS, DIMENSIONS**-0.5, np.float32))
    assert prepared.embedding.encoder == "counting"
    assert "chess" in prepared.embedding.words


def test_a_text_that_was_embedded_before_is_not_embedded_again(encoder: CountingEncoder) -> None:
    vectors = Vectors(Chess="known vector")

    prepared = preparer(encoder, vectors).prepare([group(), group(group_id="h", name="Draughts"), group(group_id="i", name="Draughts")])

    assert [one.embedding.vector == "known vector" for one in prepared] == [True, False, False]
    assert encoder.asked == ["Draughts"]
    assert vectors.calls == 1


def test_a_text_that_says_nothing_has_no_vector_and_no_encoder(encoder: CountingEncoder) -> None:
    [prepared] = preparer(encoder).prepare([group(name="unspeakable")])

    assert (prepared.embedding.vector, prepared.embedding.encoder) == (None, None)


@pytest.mark.parametrize("field", [{"website": "half \ud800"}, {"about": [{"\udfff": 1}]}, {"contact": {"name": "Mo", "pager": "\ud800"}}])
def test_half_a_character_in_a_field_that_is_not_known_harms_nothing(encoder: CountingEncoder, field: dict[str, Any]) -> None:
    [prepared] = preparer(encoder).prepare([group(**field)])

    assert prepared.content.encode()
    assert prepared.group.model_dump_json()
    assert "\N{REPLACEMENT CHARACTER}" in prepared.content


def test_progress_is_told_after_each_group(encoder: CountingEncoder) -> None:
    told: list[int] = []

    preparer(encoder).prepare([group(), group(group_id="h")], lambda: told.append(len(encoder.asked)))

    assert told == [1, 1]


def test_a_groups_text_is_its_name_its_tags_and_its_description() -> None:
    whole = group(tags=["board-games", "tea"], description="For beginners.")

    assert text_of(whole) == "Chess\nboard-games, tea\nFor beginners."
    assert text_of(group()) == "Chess"


def test_texts_are_told_apart_by_their_hash_even_those_that_are_no_utf_8() -> None:
    assert hash_of("a") != hash_of("b")
    assert len(hash_of("\ud800")) == 64
