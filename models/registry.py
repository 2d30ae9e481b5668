"""The models at hand and which of them serves: a folder of model folders, and one file that tells the whole history of promotions.

    FOLDER/<name>/model.json …     a model, as `model train --out FOLDER/<name>` writes it
    FOLDER/promoted.json           which served when, the last one serving; where nothing was ever promoted the prior serves

An installation's folder has no such file: there the history is the learning service's, and the fact that promotes carries the model's hash.

A challenger is promoted only where it wins on outcomes that came after it was trained, and loses on no slice of people by more than the
tolerance. A roll-back is one more line of history: what was promoted is never forgotten.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from models.learned.model import ARRAYS_FILE, Learned
from models.prior import MODEL_FILE
from models.ranker import ModelUnreadable, Ranker, load, packaged_prior

HISTORY_FILE: Final = "promoted.json"
PRIOR: Final = "prior"
"""The name under which the prior that comes with the program stands in the history."""

MEASURE: Final = "ndcg@10"
TOLERANCE: Final = 0.01


class NotPromoted(Exception):
    """The challenger does not win, or loses on a slice."""


@dataclass(frozen=True)
class Promotion:
    """From `at` (RFC 3339) on this model served; `because` says in words why."""

    name: str
    model: str
    at: str
    because: str


class Registry:
    """The models in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def history(self) -> list[Promotion]:
        """Every promotion and roll-back, the oldest first; raises ModelUnreadable where the file says something that cannot be."""
        path = self._folder / HISTORY_FILE
        try:
            return [Promotion(**one) for one in json.loads(path.read_text(encoding="utf-8"))["promoted"]]
        except FileNotFoundError:
            return []
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnreadable(path, str(error)) from error

    def serving(self) -> str:
        """The name of the model that serves."""
        history = self.history()
        return history[-1].name if history else PRIOR

    def names(self) -> list[str]:
        """The models in the folder, in the order of their names."""
        return sorted(path.parent.name for path in self._folder.glob(f"[!.]*/{MODEL_FILE}"))

    def ranker(self, name: str) -> Ranker:
        """The model of this name; raises ModelUnreadable."""
        return packaged_prior() if name == PRIOR else load(self._of(name))

    def in_effect(self, name: str) -> tuple[str, Ranker]:
        """What ranks where this model is to serve, with its name: the prior where it cannot be read, as one of an earlier version."""
        try:
            return name, self.ranker(name)
        except ModelUnreadable:
            return PRIOR, packaged_prior()

    def keep(self, learned: Learned) -> str:
        """Save a model under its own name, whole or not at all, and return the name; the same model again is the one that is there."""
        name, beside = learned.model, self._folder / f".{learned.model}.new"
        if name not in self.names():
            shutil.rmtree(beside, ignore_errors=True)
            learned.save(beside)
            for file in (*beside.iterdir(), beside):
                _to_the_disk(file)
            beside.replace(self._of(name))
            _to_the_disk(self._folder)
        return name

    def digest(self, name: str) -> str:
        """SHA-256 over the files of a model, by which a copy elsewhere is known to be the same; raises ModelUnreadable."""
        digest, folder = hashlib.sha256(), self._of(name)
        try:
            for file in (MODEL_FILE, ARRAYS_FILE):
                content = (folder / file).read_bytes() if (folder / file).exists() or file == MODEL_FILE else b""
                digest.update(f"{file} {len(content)}\n".encode() + content)
        except OSError as error:
            raise ModelUnreadable(folder, str(error)) from error
        return digest.hexdigest()

    def checked(self, name: str, sha256: str) -> Ranker:
        """The model of this name, if its files are those of this digest; raises ModelUnreadable."""
        if (found := self.digest(name)) != sha256:
            raise ModelUnreadable(self._of(name), f"its SHA-256 is {found}, and {sha256} was promoted")
        return self.ranker(name)

    def _of(self, name: str) -> Path:
        if name in ("", ".", "..") or Path(name).name != name:
            raise ModelUnreadable(self._folder / name, "is no name of a model")
        return self._folder / name

    def promote(self, name: str, at: str, because: str) -> Promotion:
        """Have this model serve from now on; raises ModelUnreadable where it cannot be read."""
        promotion = Promotion(name, self.ranker(name).model, at, because)
        self._write([*self.history(), promotion])
        return promotion

    def roll_back(self, at: str) -> Promotion:
        """Have the model serve that served before this one did; raises NotPromoted where none did."""
        history = self.history()
        return self.promote(before(history), at, rolled_back(history))

    def _write(self, history: list[Promotion]) -> None:
        path = self._folder / HISTORY_FILE
        beside = path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"promoted": [asdict(one) for one in history]}, indent=2, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


def _to_the_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_ROLLED_BACK: Final = "rolled back from "


def rolled_back(history: Sequence[Promotion]) -> str:
    """Why a model serves again that served before; raises NotPromoted where nothing is left to roll back."""
    before(history)
    return f"{_ROLLED_BACK}{history[-1].name}"


def before(history: Sequence[Promotion]) -> str:
    """What would serve had the one that serves never been promoted: roll-backs take away what they took back.

    Raises:
        NotPromoted: nothing was ever promoted, or all of it was rolled back.
    """
    standing: list[str] = [PRIOR]
    for one in history:
        if not one.because.startswith(_ROLLED_BACK):
            standing.append(one.name)
        elif len(standing) > 1:
            standing.pop()
    if not history:
        raise NotPromoted("nothing was promoted, so there is nothing to roll back: the prior serves")
    if len(standing) == 1:
        raise NotPromoted("everything that was promoted is rolled back already, so there is nothing left to roll back: the prior serves")
    return standing[-2]


def reasons_against(challenger: Mapping[str, Any], serving: Mapping[str, Any], tolerance: float = TOLERANCE) -> list[str]:
    """Why the challenger is not promoted, from both models' figures on the same later outcomes; none where it may be.

    It must be better overall by `MEASURE`, and on no slice and for no group of people worse by more than `tolerance`; a slice too small
    for a figure decides nothing.
    """
    mine, theirs = _measured(challenger), _measured(serving)
    if "overall" not in mine:
        return ["there are too few outcomes to tell"]
    against = []
    if mine["overall"] <= theirs["overall"]:
        against.append(f"overall {MEASURE} is {mine['overall']:.3f}, that of the model that serves {theirs['overall']:.3f}")
    for name in mine.keys() & theirs.keys() - {"overall"}:
        if mine[name] < theirs[name] - tolerance:
            against.append(f"{name}: {MEASURE} falls from {theirs[name]:.3f} to {mine[name]:.3f}")
    return sorted(against)


def _measured(figures: Mapping[str, Any]) -> dict[str, float]:
    slices = {**figures["slices"], **figures["equity"]}
    return {name: float(measures[MEASURE][0]) for name, measures in slices.items() if MEASURE in measures}
