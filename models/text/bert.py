"""The sentence encoder as an ONNX graph, written from the published weights; needed at build time only.

One text in, one vector out: the input has no batch axis, so that a text's vector cannot depend on its neighbours, and
no padding, so that there is no attention mask. Mean pooling and the L2 norm are inside the graph. Architecture: BERT
(Devlin et al. 2019) in the sizes of all-MiniLM-L6-v2: 6 layers, 12 heads, 384 wide.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from models.text.errors import WeightsUnreadable

LAYERS = 6
HEADS = 12
WIDTH = 384
OPSET = 20
IR_VERSION = 10
LAYER_NORM_EPSILON = 1e-12
STORED_AS = {"F32": "<f4", "I64": "<i8"}

Tensor = NDArray[Any]


def tensors_of(raw: bytes) -> dict[str, Tensor]:
    """The named arrays of a safetensors file: a little-endian length, a JSON header, then the data."""
    try:
        start = 8 + int.from_bytes(raw[:8], "little")
        header = json.loads(raw[8:start])
        header.pop("__metadata__", None)
        return {name: _tensor(raw, start, entry) for name, entry in header.items()}
    except (KeyError, ValueError, TypeError, AttributeError) as broken:
        raise WeightsUnreadable(broken) from broken


def _tensor(raw: bytes, start: int, entry: Mapping[str, Any]) -> Tensor:
    first, _ = entry["data_offsets"]
    return np.frombuffer(raw, STORED_AS[entry["dtype"]], math.prod(entry["shape"]), start + first).reshape(entry["shape"])


class _Graph:
    """Nodes and constants in the order in which they are written; names follow from that order, so bytes repeat."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def add(self, operator: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        output = to or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def split(self, source: str, parts: int) -> list[str]:
        outputs = [f"{source}_part_{part}" for part in range(parts)]
        self.nodes.append(helper.make_node("Split", [source], outputs, name=f"{source}_split", axis=-1, num_outputs=parts))
        return outputs

    def constant(self, name: str, value: Tensor) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def affine(self, source: str, name: str, weight: Tensor, bias: Tensor) -> str:
        """`source` times `weight` (inputs by outputs) plus `bias`."""
        product = self.add("MatMul", source, self.constant(f"{name}.weight", weight))
        return self.add("Add", product, self.constant(f"{name}.bias", bias))


class _Bert:
    """Writes the layers of the network into a graph, from the tensors as published."""

    def __init__(self, tensors: Mapping[str, Tensor], longest: int) -> None:
        self.tensors = tensors
        self.longest = longest
        self.graph = _Graph()
        self.graph.constant("by_head", np.array([-1, HEADS, WIDTH // HEADS], np.int64))
        self.graph.constant("by_token", np.array([-1, WIDTH], np.int64))
        self.graph.constant("first", np.array([0], np.int64))

    def normed(self, source: str, name: str) -> str:
        scale, shift = (self.graph.constant(f"{name}.{part}", self.tensors[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.graph.add("LayerNormalization", source, scale, shift, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def dense(self, source: str, name: str) -> str:
        return self.graph.affine(source, name, self.tensors[f"{name}.weight"].T, self.tensors[f"{name}.bias"])

    def embedded(self, ids: str) -> str:
        """Words plus positions; the one token type there is goes into the positions' table."""
        positions = self.tensors["embeddings.position_embeddings.weight"][: self.longest]
        positions = positions + self.tensors["embeddings.token_type_embeddings.weight"][0]
        words = self.graph.add("Gather", self.graph.constant("words", self.tensors["embeddings.word_embeddings.weight"]), ids)
        length = self.graph.add("Shape", ids)
        placed = self.graph.add("Slice", self.graph.constant("positions", positions), "first", length, "first")
        return self.normed(self.graph.add("Add", words, placed), "embeddings.LayerNorm")

    def attended(self, source: str, layer: str) -> str:
        """Self-attention; query, key and value in one product, the scale 1/sqrt(d) folded into the query's weights."""
        weights = [self.tensors[f"{layer}.attention.self.{part}.weight"].T for part in ("query", "key", "value")]
        biases = [self.tensors[f"{layer}.attention.self.{part}.bias"] for part in ("query", "key", "value")]
        scale = np.float32(1 / math.sqrt(WIDTH / HEADS))
        weights[0], biases[0] = weights[0] * scale, biases[0] * scale
        joined = self.graph.affine(source, f"{layer}.attention.self", np.concatenate(weights, axis=1), np.concatenate(biases))
        orders = ([1, 0, 2], [1, 2, 0], [1, 0, 2])
        query, key, value = (self._by_head(part, order) for part, order in zip(self.graph.split(joined, 3), orders, strict=True))
        attention = self.graph.add("Softmax", self.graph.add("MatMul", query, key), axis=-1)
        together = self.graph.add("Transpose", self.graph.add("MatMul", attention, value), perm=[1, 0, 2])
        return self.graph.add("Reshape", together, "by_token")

    def _by_head(self, source: str, order: list[int]) -> str:
        return self.graph.add("Transpose", self.graph.add("Reshape", source, "by_head"), perm=order)

    def layer(self, source: str, name: str) -> str:
        seen = self.dense(self.attended(source, name), f"{name}.attention.output.dense")
        source = self.normed(self.graph.add("Add", seen, source), f"{name}.attention.output.LayerNorm")
        thought = self.dense(self.graph.add("Gelu", self.dense(source, f"{name}.intermediate.dense")), f"{name}.output.dense")
        return self.normed(self.graph.add("Add", thought, source), f"{name}.output.LayerNorm")


def sentence_graph(tensors: Mapping[str, Tensor], longest: int) -> ModelProto:
    """The graph in fp32: `ids` int64 (tokens,), at most `longest`, to `vector` float32 (384,) of unit length.

    Raises WeightsUnreadable where a tensor is missing.
    """
    try:
        bert = _Bert(tensors, longest)
        state = bert.embedded("ids")
        for layer in range(LAYERS):
            state = bert.layer(state, f"encoder.layer.{layer}")
    except KeyError as missing:
        raise WeightsUnreadable(f"no tensor {missing}") from missing
    mean = bert.graph.add("ReduceMean", state, "first", keepdims=0)
    bert.graph.add("Div", mean, bert.graph.add("ReduceL2", mean, keepdims=1), to="vector")
    return _model(bert.graph)


def _model(graph: _Graph) -> ModelProto:
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"])
    vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH])
    written = helper.make_graph(graph.nodes, "sentence-encoder", [ids], [vector], list(graph.constants.values()))
    model = helper.make_model(written, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(model)
    return model
