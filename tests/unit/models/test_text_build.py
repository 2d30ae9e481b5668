"""Building the encoder: only from the published weights, whole or not at all, and once."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.text import build
from models.text.bert import HEADS, LAYERS, WIDTH, sentence_graph, tensors_of
from models.text.encoder import MANIFEST, PACKAGED, TOKENIZER
from models.text.errors import WeightsDiffer, WeightsMissing, WeightsUnreadable
from models.text.testing import built_encoder

Floats = NDArray[np.float64]


def _safetensors(header: object, data: bytes = b"") -> bytes:
    written = json.dumps(header).encode()
    return len(written).to_bytes(8, "little") + written + data


def test_tensors_are_read_by_name_type_and_shape() -> None:
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "b": {"dtype": "I64", "shape": [1], "data_offsets": [16, 24]},
    }
    data = np.array([1, 2, 3, 4], "<f4").tobytes() + np.array([7], "<i8").tobytes()
    tensors = tensors_of(_safetensors(header, data))
    assert tensors["a"].tolist() == [[1, 2], [3, 4]]
    assert tensors["b"].tolist() == [7]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff" * 40,
        _safetensors([]),
        _safetensors({"a": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}, b"\0\0"),
        _safetensors({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}),
    ],
)
def test_a_file_that_is_no_safetensors_is_refused(raw: bytes) -> None:
    with pytest.raises(WeightsUnreadable):
        tensors_of(raw)


def test_a_missing_tensor_is_named() -> None:
    with pytest.raises(WeightsUnreadable, match="position_embeddings"):
        sentence_graph({}, build.LONGEST)


def test_weights_that_are_not_the_published_ones_are_refused_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(_safetensors({}))
    monkeypatch.setattr(build, "weights_folder", lambda: tmp_path)
    with pytest.raises(WeightsDiffer, match=build.WEIGHTS_SHA256):
        build.build(tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()


def test_missing_weights_are_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(build, "WEIGHTS_PACKAGE", "no_such_package_of_weights")
    with pytest.raises(WeightsMissing):
        build.weights_folder()
    assert build.main(["--out", str(tmp_path / "encoder")]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "--group encoder" in told.err


def test_a_second_run_finds_it_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    built_encoder()
    before = (PACKAGED / MANIFEST).stat().st_mtime_ns
    assert build.main([]) == 0
    assert "up to date" in capsys.readouterr().out
    assert (PACKAGED / MANIFEST).stat().st_mtime_ns == before


def _copy_of_manifest(folder: Path, **changed: Any) -> Path:
    """A folder with the built tokenizer alone, and the built manifest for it with some entries changed."""
    built_encoder()
    folder.mkdir()
    (folder / TOKENIZER).write_bytes((PACKAGED / TOKENIZER).read_bytes())
    manifest = json.loads((PACKAGED / MANIFEST).read_bytes())
    manifest["files"] = {TOKENIZER: manifest["files"][TOKENIZER]}
    (folder / MANIFEST).write_text(json.dumps(manifest | changed), encoding="utf-8")
    return folder


def test_an_encoder_of_another_recipe_is_out_of_date(tmp_path: Path) -> None:
    assert build.up_to_date(_copy_of_manifest(tmp_path / "same"))
    assert not build.up_to_date(_copy_of_manifest(tmp_path / "longer", longest=512))
    assert not build.up_to_date(_copy_of_manifest(tmp_path / "graph", graph="0" * 64))
    assert not build.up_to_date(tmp_path / "absent")


def test_an_encoder_whose_file_was_changed_is_out_of_date(tmp_path: Path) -> None:
    folder = _copy_of_manifest(tmp_path / "encoder")
    (folder / TOKENIZER).write_text("{}", encoding="utf-8")
    assert not build.up_to_date(folder)


def test_building_twice_gives_the_same_bytes_and_leaves_nothing_beside(tmp_path: Path) -> None:
    assert build.build(tmp_path / "encoder") == built_encoder().hash
    assert sorted(path.name for path in (tmp_path / "encoder").iterdir()) == ["encoder.onnx", MANIFEST, TOKENIZER]


def _norm(x: Floats, weights: dict[str, Any], name: str) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"])


def _dense(x: Floats, weights: dict[str, Any], name: str) -> Floats:
    return np.asarray(x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])


def _layer(x: Floats, weights: dict[str, Any], name: str) -> Floats:
    heads = [_dense(x, weights, f"{name}.attention.self.{part}").reshape(-1, HEADS, WIDTH // HEADS) for part in ("query", "key", "value")]
    scores = np.exp(np.einsum("ihd,jhd->hij", heads[0], heads[1]) / math.sqrt(WIDTH / HEADS))
    seen = np.einsum("hij,jhd->ihd", scores / scores.sum(-1, keepdims=True), heads[2]).reshape(-1, WIDTH)
    x = _norm(x + _dense(seen, weights, f"{name}.attention.output.dense"), weights, f"{name}.attention.output.LayerNorm")
    inner = _dense(x, weights, f"{name}.intermediate.dense")
    bent = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
    return _norm(x + _dense(bent, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")


def test_the_graph_computes_what_the_networks_definition_says() -> None:
    raw = (build.weights_folder() / "model.safetensors").read_bytes()
    weights = tensors_of(raw)
    ids = np.array(Tokenizer.from_file(str(PACKAGED / TOKENIZER)).encode("I used to sing in church").ids)
    table = {part: weights[f"embeddings.{part}_embeddings.weight"].astype(np.float64) for part in ("word", "position", "token_type")}
    state = _norm(table["word"][ids] + table["position"][: len(ids)] + table["token_type"][0], weights, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        state = _layer(state, weights, f"encoder.layer.{layer}")
    expected = state.mean(0) / np.linalg.norm(state.mean(0))
    session = onnxruntime.InferenceSession(sentence_graph(weights, build.LONGEST).SerializeToString(), providers=["CPUExecutionProvider"])
    assert np.abs(session.run(None, {"ids": ids})[0] - expected).max() < 1e-5
