"""One file of named plain arrays that stands for what a view had taken in up to some marks, so that a start need not read everything anew.

A file counts only where it is whole, was made by the same code and says so itself: any other is as good as none. It is written beside and
put in place by one rename, so a process that is cut short leaves the one before; two copies of a service may write it, and the last one wins.
"""

import json
import mmap
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_MAGIC: Final = b"better-together view 1\n"
_CHECKED: Final = len(_MAGIC) + 8
"""From here on everything counts for the check sum that stands before it."""

_START: Final = _CHECKED + 16
"""Where the head begins; before it stand its length and that of the whole file."""

_ALIGNED: Final = 64  # bytes
_OWNER_ONLY: Final = 0o600
_SOURCES: Final = (".py", ".toml")


@dataclass(frozen=True)
class Snapshot:
    """What a view had taken in up to these marks, which its feed can read; the arrays are read-only and mapped from the file."""

    marks: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


class Snapshots:
    """The one snapshot of one view, in a file."""

    def __init__(self, file: Path, made_by: str) -> None:
        self._file, self._made_by = file, made_by

    def write(self, snapshot: Snapshot) -> None:
        """Put it in the place of the one before; raises OSError where it cannot be written, and then the one before stands."""
        arrays = {name: np.ascontiguousarray(array) for name, array in snapshot.arrays.items()}
        head = self._head(snapshot, arrays)
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}.part")
        try:
            with open(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w+b") as file:
                _fill(file.fileno(), head, list(arrays.values()))
            beside.replace(self._file)
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()

    def read(self) -> Snapshot | None:
        """The snapshot, or None where there is none that is whole and made by this code."""
        try:
            with self._file.open("rb") as file:
                content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):  # there is none, or it is empty
            return None
        head = _head_of(content)
        if head is None or head["made_by"] != self._made_by:
            return None
        begin = _START + head["length"]
        return Snapshot(
            head["marks"],
            {
                name: np.frombuffer(content, np.dtype(kind), int(np.prod(shape)), begin + offset).reshape(shape)
                for name, (kind, shape, offset) in head["arrays"].items()
            },
        )

    def _head(self, snapshot: Snapshot, arrays: Mapping[str, NDArray[Any]]) -> bytes:
        """What stands before the arrays; each begins so many bytes behind the head's own end."""
        told, offset = {}, 0
        for name, array in arrays.items():
            told[name] = [array.dtype.str, array.shape, offset]
            offset += _aligned(array.nbytes)
        head = json.dumps({"made_by": self._made_by, "marks": snapshot.marks, "arrays": told}).encode()
        return head.ljust(_aligned(_START + len(head)) - _START)


def code_hash(folders: Iterable[Path]) -> str:
    """Sixteen hexadecimal digits over every source file below these folders, and over NumPy's version."""
    digest = blake2b(np.__version__.encode(), digest_size=8)
    for folder in folders:
        for file in sorted(file for file in folder.rglob("*") if file.suffix in _SOURCES):
            digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNED) * _ALIGNED


def _fill(file: int, head: bytes, arrays: Sequence[NDArray[Any]]) -> None:
    length = _START + len(head) + sum(_aligned(array.nbytes) for array in arrays)
    os.truncate(file, length)
    with mmap.mmap(file, length) as content:
        content[_START : _START + len(head)] = head
        offset = _START + len(head)
        for array in arrays:
            content[offset : offset + array.nbytes] = array.reshape(-1).view(np.uint8).data
            offset += _aligned(array.nbytes)
        content[_CHECKED:_START] = _told(len(head)) + _told(length)
        content[:_CHECKED] = _MAGIC + _told(_sum(content))
        content.flush()


def _told(number: int) -> bytes:
    return number.to_bytes(8, "little")


def _sum(content: mmap.mmap) -> int:
    with memoryview(content) as whole, whole[_CHECKED:] as checked:
        return crc32(checked)


def _head_of(content: mmap.mmap) -> dict[str, Any] | None:
    """The head, and its own `length`, where the file is whole."""
    if len(content) < _START or content[_CHECKED + 8 : _START] != _told(len(content)) or content[:_CHECKED] != _MAGIC + _told(_sum(content)):
        return None
    length = int.from_bytes(content[_CHECKED : _CHECKED + 8], "little")
    head: dict[str, Any] = json.loads(content[_START : _START + length])
    return head | {"length": length}
