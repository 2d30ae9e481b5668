"""A directory as named plain arrays, and back: what a start takes up again instead of working every group's record out anew.

Texts stand as the bytes of a JSON list. The arrays of a directory that was thawed may be views of a file that is mapped into memory, and
read-only: a directory never changes in place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json, to_json

from models.columns import ROW, Columns
from models.directory import Codes, Directory
from models.postings import Carried, Postings
from models.schedule import Sessions

Arrays = Mapping[str, NDArray[Any]]

_SESSIONS: Final = ("count", "start", "length")
_CODES: Final = tuple(field.name for field in fields(Codes))


def frozen_json(value: object) -> NDArray[np.uint8]:
    """Anything that JSON can tell, as the bytes of it."""
    return np.frombuffer(to_json(value), np.uint8)


def thawed_json(array: NDArray[np.uint8]) -> Any:
    """What `frozen_json` froze."""
    return from_json(array.tobytes())


def frozen(directory: Directory) -> dict[str, NDArray[Any]]:
    """The directory's arrays by name; nothing is copied but texts and postings."""
    columns = {name: getattr(directory.columns, name) for name in ROW}
    arrays = {f"column.{name}": frozen_json(column.tolist()) if column.dtype == np.object_ else column for name, column in columns.items()}
    arrays |= {f"session.{name}": getattr(directory.sessions, name) for name in _SESSIONS}
    for name in _CODES:
        arrays |= _frozen_postings(name, getattr(directory.codes, name))
    arrays |= {f"vectors.{index}": chunk for index, chunk in enumerate(directory.vectors)}
    return arrays | {"gone": directory.gone, "settled": np.array([directory.settled, len(directory.vectors)], np.int64)}


def thawed(arrays: Arrays) -> Directory:
    """The directory that was frozen; raises KeyError or ValueError where these are not all of its arrays."""
    columns: dict[str, Any] = {
        name: _texts(arrays[f"column.{name}"]) if kind is np.object_ else arrays[f"column.{name}"] for name, kind in ROW.items()
    }
    settled, chunks = arrays["settled"].tolist()
    gone = arrays["gone"]
    return Directory(
        Columns(**columns),
        Sessions(*(arrays[f"session.{name}"] for name in _SESSIONS)),
        Codes(*(_thawed_postings(arrays, name, len(gone)) for name in _CODES)),
        tuple(arrays[f"vectors.{index}"] for index in range(chunks)),
        gone,
        settled,
    )


def _texts(array: NDArray[np.uint8]) -> NDArray[np.object_]:
    texts: Sequence[str | None] = thawed_json(array)
    same: dict[str | None, str | None] = {}
    return np.fromiter((same.setdefault(text, text) for text in texts), np.object_, len(texts))


def _frozen_postings(name: str, postings: Carried) -> dict[str, NDArray[Any]]:
    rows = list(postings.rows.values())
    return {
        f"{name}.codes": frozen_json(list(postings.rows)),
        f"{name}.counts": np.array([len(found) for found in rows], np.int64),
        f"{name}.rows": np.concatenate(rows) if rows else np.zeros(0, np.int32),
    }


def _thawed_postings(arrays: Arrays, name: str, length: int) -> Postings:
    codes, ends = thawed_json(arrays[f"{name}.codes"]), np.cumsum(arrays[f"{name}.counts"])
    rows = np.split(arrays[f"{name}.rows"], ends[:-1]) if codes else []
    return Postings(dict(zip(codes, rows, strict=True)), length)
