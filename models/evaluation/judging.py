"""Asks a ranker for each person about one group they went to, as if they had not, and keeps where it stood."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from models.block import Block
from models.columns import fingerprint
from models.directory import Directory
from models.eligibility import judge
from models.evaluation.measures import area_under_curve, calibration, calibration_error, place_of, ranking_figures
from models.learned.model import Learned
from models.order import micros
from models.pairs import Pairs
from models.ranker import Ranker, seen_by
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.training.questions import Question, by_person, questions_of
from schemas.attendance import Attendance
from schemas.referral import TravelMode

BLOCK: Final = 1 << 16
AGES: Final = ((0, 29, "under 30"), (30, 49, "30 to 49"), (50, 64, "50 to 64"), (65, 200, "65 and over"))
SMALLEST: Final = 10
"""No figure is given of fewer people than this: it would tell of them and say nothing."""

GROUPS_OF_PEOPLE: Final = (*(f"travels by {mode}" for mode in get_args(TravelMode)), *(f"aged {words}" for _, _, words in AGES))
"""By way of travelling and by age; see `belongs_to`."""

Slices = dict[str, NDArray[np.bool_]]


@dataclass(frozen=True)
class Judged:
    """Of n questions, one a person: the place of the group they went to, and what was said of coming back, NaN where nothing is; by slice.

    `added` is the mean size of what each feature adds to the log-odds of these groups.
    """

    model: str
    place: NDArray[np.float64]
    back: NDArray[np.float64]
    came_back: NDArray[np.bool_]
    slices: Slices
    equity: Slices
    added: Mapping[str, float]
    reached: int

    def figures(self) -> dict[str, Any]:
        """Everything as numbers: of each slice its size and measures, of coming back its AUC and calibration."""
        return {
            "model": self.model,
            "people": len(self.place),
            "groups_in_some_first_five": self.reached,
            "slices": {name: self._of(where) for name, where in self.slices.items()},
            "equity": {name: self._of(where) for name, where in self.equity.items()},
            "comes_back": self._comes_back(),
            "added": dict(self.added),
        }

    def _of(self, where: NDArray[np.bool_]) -> dict[str, Any]:
        number = int(where.sum())
        return {"people": number, **(ranking_figures(self.place[where]) if number >= SMALLEST else {})}

    def _comes_back(self) -> dict[str, Any]:
        known = ~np.isnan(self.back)
        said, came = self.back[known], self.came_back[known]
        if len(said) < SMALLEST or not 0 < came.sum() < len(came):
            return {"people": len(said)}
        parts = calibration(said, came)
        error = round(calibration_error(parts), 4)
        return {"people": len(said), "auc": round(area_under_curve(said, came), 4), "calibration_error": error, "parts": parts}


def judged(
    ranker: Ranker,
    rows: Sequence[Attendance],
    known: Mapping[str, Seeker],
    directory: Directory,
    today: date,
    advance: Callable[[int], None] = lambda _: None,
    since: date | None = None,
) -> Judged:
    """The ranker on these outcomes; of each person one group is asked about, chosen by their id, and none that is not listed.

    With `since` only groups are asked about that a person came to from that day (UTC) on; what they had been to before is their history.
    """
    questions = [_one_of(_asked_since(person, some, known, since), directory) for person, some in by_person(rows).items()]
    asked = [question for question in questions if question is not None]
    size = max(1, BLOCK // max(1, len(directory.gone)))
    parts = []
    for low in range(0, len(asked), size):
        parts.append(_of_block(ranker, asked[low : low + size], directory, today))
        advance(size)
    place, back, added = (np.concatenate([part[index] for part in parts]) if parts else np.zeros(0) for index in range(3))
    names = parts[0][3] if parts else []
    first = {row for part in parts for row in part[4]}
    mean = dict(zip(names, np.abs(added).mean(axis=0).round(4).tolist(), strict=True)) if len(asked) else {}
    return Judged(
        ranker.model,
        place,
        back,
        np.array([question.sessions > 1 for question in asked], np.bool_),
        _slices(ranker, asked, rows),
        _equity(asked),
        dict(sorted(mean.items(), key=lambda item: -item[1])),
        len(first),
    )


def _asked_since(person: str, rows: Sequence[Attendance], known: Mapping[str, Seeker], since: date | None) -> list[Question]:
    questions = zip(rows, questions_of({person: rows}, known), strict=True)
    return [question for row, question in questions if since is None or (row.first_at is not None and row.first_at.astimezone(UTC).date() >= since)]


def _one_of(questions: list[Question], directory: Directory) -> Question | None:
    went = [question for question in questions if question.sessions and question.group_id in directory.rows]
    return went[fingerprint(went[0].person_id) % len(went)] if went else None


def _of_block(ranker: Ranker, asked: Sequence[Question], directory: Directory, today: date) -> tuple[Any, Any, Any, list[str], set[int]]:
    block = Block.of([question.seeker for question in asked], ReachDefaults())
    pairs = Pairs(block, directory, today)
    features = seen_by(ranker, block, directory, pairs, today)
    score = micros(ranker.score(features)).astype(np.float64)
    eligible = judge(block, directory, pairs, ReachDefaults()).eligible
    rows = np.array([directory.rows[question.group_id] for question in asked])
    place = np.array([place_of(score[person], eligible[person], row) for person, row in enumerate(rows)])
    asked_about = features.at(np.arange(len(rows)), rows)
    back = 1 / (1 + np.exp(-ranker.coming_back(asked_about))) if isinstance(ranker, Learned) else np.full(len(rows), np.nan)
    first = np.argsort(-np.where(eligible, score, -1.0), axis=1, kind="stable")[:, :5]
    return place, back, ranker.contributions(asked_about).T, list(features.values), set(first.ravel().tolist())


def _slices(ranker: Ranker, asked: Sequence[Question], rows: Sequence[Attendance]) -> Slices:
    joins: dict[str, int] = {}
    for row in rows:
        joins[row.group_id] = joins.get(row.group_id, 0) + bool(row.sessions)
    learned_of = set(ranker.habits.index) if isinstance(ranker, Learned) else set()
    size = np.array([joins[question.group_id] for question in asked])
    new = np.array([question.group_id not in learned_of for question in asked], np.bool_) & isinstance(ranker, Learned)
    slices = {
        "overall": np.ones(len(asked), np.bool_),
        "tail": size < (np.median(size) if len(size) else 0),
        "new groups": new,
        "no history": np.array([not question.seeker.needs.attended for question in asked], np.bool_),
    }
    return slices | by_group_of_people([(needs.travel.mode if needs.travel else None, needs.age) for needs in (one.seeker.needs for one in asked)])


def belongs_to(mode: TravelMode | None, age: int | None) -> list[str]:
    """The groups of people that somebody is in who travels like this and is so old, None where that is not told."""
    travels = [] if mode is None else [f"travels by {mode}"]
    return travels + [f"aged {words}" for youngest, oldest, words in AGES if age is not None and youngest <= age <= oldest]


def by_group_of_people(told: Sequence[tuple[TravelMode | None, int | None]]) -> Slices:
    """Of each group of people who is in it, (n,), by what each tells of way of travelling and age."""
    groups = [belongs_to(*one) for one in told]
    return {name: np.array([name in mine for mine in groups], np.bool_) for name in GROUPS_OF_PEOPLE}


def _equity(asked: Sequence[Question]) -> Slices:
    needs = [question.seeker.needs for question in asked]
    told = {
        **{f"gender {gender}": [one.gender == gender for one in needs] for gender in sorted({one.gender for one in needs if one.gender})},
        "with access needs": [bool(one.access_needs) for one in needs],
        "speaks no English": [bool(one.languages) and not any(tag.lower().startswith("en") for tag in one.languages) for one in needs],
        "can spend nothing": [one.max_cost == 0 for one in needs],
    }
    return {name: np.array(where, np.bool_) for name, where in told.items()}
