"""A text's sentence vector, and the one form in which vectors are stored and compared.

One text goes through the network at a time, so a text's vector does not depend on what else is encoded. Within one
machine and one version of ONNX Runtime the same text always has the same vector; across machines the eight-bit
arithmetic differs by about what quantising costs, which is why a vector is computed once and then carried. Nothing is
downloaded, and ONNX Runtime is imported when an encoder is loaded, not before.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.text.errors import EncoderDamaged, EncoderNotBuilt, NotAVector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

DIMENSIONS = 384
PACKED_LENGTH = DIMENSIONS * 2 * 4 // 3
GRAPH, TOKENIZER, MANIFEST = "encoder.onnx", "tokenizer.json", "manifest.json"
PACKAGED = Path(__file__).with_name("encoder")
MOST_CHARACTERS = 10_000
"""How much of a text is looked at: as much as a record's text may hold, and far more than the tokens that are read."""
MARKERS = 2
"""The tokens that stand around every text, one before and one after; a text that has no others says nothing."""

Vector = NDArray[np.float32]


class Encoder:
    """all-MiniLM-L6-v2 in eight bits; safe to share between threads."""

    def __init__(self, session: "InferenceSession", tokenizer: "Tokenizer", fingerprint: str, remembered: int) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._recall = lru_cache(maxsize=remembered)(self._computed)
        self.hash = fingerprint
        """Sixteen hexadecimal digits that change with the network's or the tokenizer's bytes, and with nothing else."""

    @classmethod
    def load(cls, folder: Path | None = None, *, remembered: int = 4096) -> "Encoder":
        """The encoder in `folder` (by default the packaged one), remembering the last `remembered` texts; 0: none.

        Raises EncoderNotBuilt where there is none, EncoderDamaged where the files are not those of the manifest.
        """
        folder = folder or PACKAGED
        graph, tokenizer, expected = _files(folder)
        found = fingerprint(graph, tokenizer)
        if found != expected:
            raise EncoderDamaged(folder)
        return cls(_session(graph), _tokenizer(tokenizer), found, remembered)

    def encode(self, text: str) -> Vector | None:
        """The text's vector, float32 (384,), read-only and of unit length; of a long text, of its first 256 tokens.

        None where the text says nothing (empty, blank, or of control characters alone): no vector is not a vector that
        is far from everything, and what it means for a match is the caller's to say.
        """
        return self._recall(text[:MOST_CHARACTERS].strip())

    @property
    def hits(self) -> int:
        """How many texts were answered from memory."""
        return self._recall.cache_info().hits

    @property
    def misses(self) -> int:
        """How many texts had to be computed."""
        return self._recall.cache_info().misses

    def forget(self) -> None:
        """Drop all remembered texts and both counts, as after a person's erasure."""
        self._recall.cache_clear()

    def _computed(self, text: str) -> Vector | None:
        # A lone surrogate is valid in a JSON string and in Python, but in no UTF-8.
        ids = self._tokenizer.encode(text.encode("utf-8", "replace").decode("utf-8")).ids
        if len(ids) <= MARKERS:
            return None
        vector: Vector = self._session.run(None, {"ids": np.array(ids, np.int64)})[0]
        vector.setflags(write=False)
        return vector


def read_all(encode: Callable[[str], Vector | None], texts: Sequence[str]) -> Iterator[Vector | None]:
    """What `encode` makes of each text, in order: one text at a time on each core that this process may use, which changes no vector."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if min(cores, len(texts)) < 2:
        yield from map(encode, texts)
        return
    with ThreadPoolExecutor(min(cores, len(texts)), "reading") as readers:
        yield from readers.map(encode, texts)


def fingerprint(graph: bytes, tokenizer: bytes) -> str:
    """The encoder's short stable id: the first sixteen hexadecimal digits of SHA-256 over both files' SHA-256."""
    return hashlib.sha256(hashlib.sha256(graph).digest() + hashlib.sha256(tokenizer).digest()).hexdigest()[:16]


def _files(folder: Path) -> tuple[bytes, bytes, str]:
    try:
        expected = json.loads((folder / MANIFEST).read_bytes())["encoder"]
        return (folder / GRAPH).read_bytes(), (folder / TOKENIZER).read_bytes(), expected
    except FileNotFoundError as missing:
        raise EncoderNotBuilt(f"no {missing.filename}") from missing
    except (ValueError, KeyError, TypeError) as broken:
        raise EncoderDamaged(folder / MANIFEST) from broken


def keep_to_ourselves() -> None:
    """Tell ONNX Runtime, before it is imported, to report nothing to its makers: what this machine does is nobody else's business."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def _session(graph: bytes) -> "InferenceSession":
    keep_to_ourselves()
    import onnxruntime  # here, because it costs a tenth of a second and many commands encode nothing

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _tokenizer(written: bytes) -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_buffer(written)


def pack(vector: Vector) -> str:
    """A vector (384,) as it is stored: base64 (RFC 4648) of little-endian float16, 1,024 characters.

    Raises NotAVector where the shape is another or a value is not finite in float16.
    """
    if vector.shape != (DIMENSIONS,):
        raise NotAVector(f"shape {vector.shape}, expected ({DIMENSIONS},)")
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as that
        halves = vector.astype("<f2")
    _must_be_finite(halves.astype(np.float32))
    return base64.b64encode(halves.tobytes()).decode("ascii")


def unpack(packed: str) -> Vector:
    """The stored vector as float32 (384,), of unit length within 0.001; raises NotAVector where it is none."""
    vector: Vector = unpack_many([packed])[0]
    return vector


def unpack_many(packed: Sequence[str]) -> Vector:
    """Stored vectors as float32 (n, 384), a row each, in the order given; raises NotAVector where one is none."""
    for row, one in enumerate(packed):
        if len(one) != PACKED_LENGTH:
            raise NotAVector(f"row {row} has {len(one)} characters, expected {PACKED_LENGTH}")
    try:
        # 768 bytes are whole groups of three, so packed vectors have no padding and can be decoded as one.
        raw = binascii.a2b_base64("".join(packed), strict_mode=True)
    except (binascii.Error, ValueError) as broken:
        raise NotAVector(broken) from broken
    if len(raw) != len(packed) * DIMENSIONS * 2:
        raise NotAVector("padding inside")
    rows = np.frombuffer(raw, "<f2").reshape(-1, DIMENSIONS).astype(np.float32)
    _must_be_finite(rows)
    return rows


def _must_be_finite(values: Vector) -> None:
    if not np.isfinite(values).all():
        raise NotAVector("a value is not finite")
