"""How likely a second attendance is: the protocol that every ranker meets, and how one is had from a folder or with the program."""

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.compiled import switch_on
from models.directory import Codes, Directory
from models.features import Features, Values
from models.learned.model import Learned
from models.pairs import Pairs
from models.prior import MODEL_FILE, Prior
from models.seeker import Seeker

__all__ = ["MODEL_FILE", "PACKAGED", "ModelUnreadable", "Prior", "Ranker", "load", "made_ready", "packaged_prior", "seen_by"]

PACKAGED: Final = Path(__file__).with_name("prior.json")


class ModelUnreadable(Exception):
    """A model's file is missing or says something that cannot be."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


class Ranker(Protocol):
    """Estimates P(second attendance) and says what it owes to which feature."""

    @property
    def model(self) -> str:
        """Names the model by kind and content."""

    @property
    def rough(self) -> Prior:
        """The prior that is in it: nearly the order of the score, out of the features alone."""

    @property
    def is_additive(self) -> bool:
        """Whether the prior is all that it goes by, so that a first look over very many groups can be held to bounds."""

    def told_from_afar(self, seeker: Seeker, directory: Directory) -> Callable[[NDArray[np.intp]], Values]:
        """Of its signals what can be told of very many groups for one person, NaN for the others, by the groups' rows (m,) in the directory."""

    def compared(self, seeker: Seeker, directory: Directory, rows: NDArray[np.intp], codes: Callable[[], Codes]) -> Values:
        """Of its signals those that are not told from afar, by the groups' rows (m,) in the directory; `codes` tells what these groups carry."""

    def signals(self, block: Block, directory: Directory, pairs: Pairs) -> Values:
        """What it sees beside `FEATURES` of every person and group of a block; it is joined to the features before they are scored."""

    def score(self, features: Features) -> NDArray[np.float64]:
        """Probabilities, 0 to 1, (people, groups). A pair's probability depends on that pair's features alone."""

    def contributions(self, features: Features) -> NDArray[np.float64]:
        """What each feature adds in log-odds, (features in the order of their values, people, groups); 0 where it says nothing."""


def seen_by(ranker: Ranker, block: Block, directory: Directory, pairs: Pairs, today: date) -> Features:
    """All that the ranker sees of every person and group of a block: the features, and then its own signals."""
    return Features.of(block, directory, pairs, today).joined(ranker.signals(block, directory, pairs))


def made_ready(ranker: Ranker) -> Ranker:
    """The same ranker, quicker from here on where the extra `speed` is installed: worth its second for a hundred people."""
    if switch_on() and isinstance(ranker, Learned):
        ranker.try_out()
    return ranker


def _read(path: Path) -> Ranker:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Learned.of(content, path.parent) if content["kind"] == "learned" else Prior.of(content)


def load(folder: Path) -> Ranker:
    """The model that was saved in `folder`; raises ModelUnreadable, which names the file and what is wrong with it."""
    path = folder / MODEL_FILE
    try:
        return _read(path)
    except FileNotFoundError as error:
        raise ModelUnreadable(Path(error.filename or path), "there is no such file, so there is no whole model in this folder") from error
    except OSError as error:
        raise ModelUnreadable(Path(error.filename or path), f"cannot be opened: {(error.strerror or str(error)).lower()}") from error
    except (KeyError, TypeError, ValueError, BadZipFile) as error:
        raise ModelUnreadable(path, f"missing {error}" if isinstance(error, KeyError) else str(error)) from error


@cache
def packaged_prior() -> Prior:
    """The prior that comes with the program."""
    return Prior.of(json.loads(PACKAGED.read_text(encoding="utf-8")))
