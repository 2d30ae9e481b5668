"""How often own words lead to the right kind, by the vocabulary alone, by the encoder alone, and by both.

Measured when these floors were set (217 sentences, one group of each of 85 kinds): the vocabulary hears the kind in .98;
the encoder has the kind's group first in .76 and among the first three in .89; both together .92 and .99. Those figures
flatter the vocabulary, which has since learnt from the sentences: before it had, it heard .95 of the plain ones and .61
of the oblique ones.
"""

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.text.encoder import Encoder, Vector
from models.text.testing import built_encoder
from models.text.words import hear, kinds, words_in

WEIGHT_OF_WORDS = 0.25
WRITTEN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
GROUPS: dict[str, str] = WRITTEN["groups"]
SETS = ("first", "oblique", "plain")
SENTENCES: list[tuple[str, str]] = [(code, text) for name in SETS for code, text in WRITTEN[name]]


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return built_encoder()


def _vector(encoder: Encoder, text: str) -> Vector:
    vector = encoder.encode(text)
    assert vector is not None
    return vector


@cache
def _places(encoder: Encoder, *, words: bool) -> tuple[int, ...]:
    """For each sentence, the place from 1 of the asked-for kind's group among all groups."""
    codes = list(GROUPS)
    groups = np.stack([_vector(encoder, text) for text in GROUPS.values()])
    offered = [set(words_in(text)) for text in GROUPS.values()]
    places = []
    for code, text in SENTENCES:
        closeness = groups @ _vector(encoder, text)
        if words:
            heard = hear(text)
            shared = [bool(set(heard.wanted) & kinds_of) - bool(set(heard.refused) & kinds_of) for kinds_of in offered]
            closeness = closeness + WEIGHT_OF_WORDS * np.array(shared)
        places.append(int((closeness >= closeness[codes.index(code)]).sum()))
    return tuple(places)


def _share(places: tuple[int, ...], best: int) -> float:
    return float(np.mean([place <= best for place in places]))


def test_every_sentence_and_group_is_of_a_known_kind() -> None:
    assert {code for code, _ in SENTENCES} <= GROUPS.keys() <= kinds().keys()


def test_there_are_sentences_enough_to_judge_by() -> None:
    assert len(SENTENCES) >= 200


@pytest.mark.parametrize(("name", "floor"), [("first", 0.98), ("oblique", 0.9), ("plain", 0.93)])
def test_the_vocabulary_hears_what_own_words_ask_for(name: str, floor: float) -> None:
    assert np.mean([code in words_in(text) for code, text in WRITTEN[name]]) >= floor


def test_the_vocabulary_hears_nearly_every_groups_kind_in_its_text() -> None:
    assert np.mean([code in words_in(text) for code, text in GROUPS.items()]) >= 0.95


def test_the_encoder_alone_finds_the_kinds_group(encoder: Encoder) -> None:
    places = _places(encoder, words=False)
    assert _share(places, 1) >= 0.72
    assert _share(places, 3) >= 0.86


def test_the_encoder_and_the_words_together_find_it_more_often(encoder: Encoder) -> None:
    alone, mixed = _places(encoder, words=False), _places(encoder, words=True)
    assert _share(mixed, 1) >= max(0.86, _share(alone, 1) + 0.05)
    assert _share(mixed, 3) >= 0.94
