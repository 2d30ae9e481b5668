"""Text understanding under any input: packed vectors come back, hostile strings are refused, words never fail."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.text.encoder import DIMENSIONS, Vector, pack, unpack, unpack_many
from models.text.errors import NotAVector
from models.text.words import hear, kinds, words_in

HALF_STEP = 2.0**-11
SMALLEST = 2.0**-24

values = st.floats(-1, 1, width=32)
vectors = arrays(np.float32, DIMENSIONS, elements=values)
named = st.sampled_from(["choir", "I love chess", "no bingo", "I hate crafts", "knitting", "a walk", "but", "not for me", "except", "gardening or"])
lines = st.one_of(named, st.text(max_size=60), st.lists(named, max_size=6).map(" ".join))


@given(vectors)
def test_a_packed_vector_comes_back_within_half_a_step_of_float16(vector: Vector) -> None:
    returned = unpack(pack(vector))
    assert returned.dtype == np.float32
    assert np.all(np.abs(returned - vector) <= np.maximum(np.abs(vector) * HALF_STEP, SMALLEST))


@given(vectors)
def test_packing_again_changes_nothing(vector: Vector) -> None:
    packed = pack(vector)
    assert pack(unpack(packed)) == packed


@given(st.lists(vectors, max_size=5))
def test_unpacking_many_is_unpacking_each(rows: list[Vector]) -> None:
    packed = [pack(row) for row in rows]
    together = unpack_many(packed)
    assert together.shape == (len(rows), DIMENSIONS)
    assert all(np.array_equal(row, unpack(one)) for row, one in zip(together, packed, strict=True))


@given(
    st.one_of(
        st.text(max_size=40),
        st.text(alphabet="ABCab+/=é ", min_size=1024, max_size=1024),
        st.binary(max_size=900).map(lambda raw: base64.b64encode(raw).decode()),
    )
)
def test_a_string_is_a_finite_vector_or_refused(hostile: str) -> None:
    try:
        vector = unpack(hostile)
    except NotAVector:
        return
    assert vector.shape == (DIMENSIONS,)
    assert np.isfinite(vector).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6])
def test_a_value_that_float16_cannot_hold_is_refused(value: float) -> None:
    with pytest.raises(NotAVector):
        pack(np.full(DIMENSIONS, value, np.float32))


@given(st.text(max_size=400))
def test_any_text_is_heard_as_sorted_distinct_known_codes(text: str) -> None:
    heard = hear(text)
    assert set(heard.wanted) | set(heard.refused) <= kinds().keys()
    assert list(heard.wanted) == sorted(set(heard.wanted))
    assert list(heard.refused) == sorted(set(heard.refused))
    assert not set(heard.wanted) & set(heard.refused)


@given(st.lists(lines, max_size=5))
def test_a_line_does_not_change_how_the_others_are_heard(texts: list[str]) -> None:
    apart = [hear(text) for text in texts]
    together = hear("\n".join(texts))
    wanted = {code for heard in apart for code in heard.wanted}
    refused = {code for heard in apart for code in heard.refused}
    assert wanted - refused <= set(together.wanted) <= wanted
    assert set(together.refused) <= refused


@given(st.lists(lines, max_size=5))
def test_the_order_of_lines_changes_nothing(texts: list[str]) -> None:
    assert hear("\n".join(texts)) == hear("\n".join(reversed(texts)))


@given(lines)
def test_saying_it_twice_changes_nothing(text: str) -> None:
    assert words_in(f"{text}\n{text}") == words_in(text)
