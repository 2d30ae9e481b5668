"""A snapshot is whole and of this code, or it is none."""

from pathlib import Path

import numpy as np
import pytest

from services.chassis.snapshots import Snapshot, Snapshots, code_hash

ARRAYS = {
    "numbers": np.arange(5, dtype=np.int32),
    "none": np.zeros((0, 3), np.float32),
    "flags": np.array([True, False]),
    "table": np.arange(12, dtype=np.float64).reshape(3, 4),
}


def kept(folder: Path, made_by: str = "this") -> Snapshots:
    snapshots = Snapshots(folder / "views" / "matcher.view", made_by)
    snapshots.write(Snapshot({"groups": [3, "id"]}, ARRAYS))
    return snapshots


def test_what_was_written_is_read(tmp_path: Path) -> None:
    found = kept(tmp_path).read()
    assert found is not None
    assert found.marks == {"groups": [3, "id"]}
    assert found.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (found.arrays[name].dtype, found.arrays[name].tolist()) == (array.dtype, array.tolist())
        assert not found.arrays[name].flags.writeable


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    assert Snapshots(tmp_path / "matcher.view", "this").read() is None


def test_what_other_code_made_is_none(tmp_path: Path) -> None:
    kept(tmp_path, "that")
    assert Snapshots(tmp_path / "views" / "matcher.view", "this").read() is None


@pytest.mark.parametrize("cut", [0, 1, 30, 46, 47, 200, -64, -1])
def test_what_was_cut_short_is_none(tmp_path: Path, cut: int) -> None:
    snapshots = kept(tmp_path)
    file = tmp_path / "views" / "matcher.view"
    file.write_bytes(file.read_bytes()[:cut])
    assert snapshots.read() is None


@pytest.mark.parametrize("place", [3, 25, 33, 41, 60, 400, -70])
def test_what_was_changed_on_the_disk_is_none(tmp_path: Path, place: int) -> None:
    snapshots = kept(tmp_path)
    file = tmp_path / "views" / "matcher.view"
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert snapshots.read() is None


def test_a_write_that_fails_leaves_the_one_before_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots = kept(tmp_path)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("services.chassis.snapshots._fill", full)
    with pytest.raises(OSError, match="no space"):
        snapshots.write(Snapshot({}, {}))
    assert snapshots.read() is not None
    assert [file.name for file in (tmp_path / "views").iterdir()] == ["matcher.view"]


def test_the_codes_hash_follows_every_source(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.py").write_text("1")
    first = code_hash([tmp_path])
    (tmp_path / "notes.md").write_text("1")
    assert code_hash([tmp_path]) == first
    (tmp_path / "deep" / "a.py").write_text("2")
    assert code_hash([tmp_path]) != first
