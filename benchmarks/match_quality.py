"""How well the learned ranker finds the groups people went to, beside what else could be used, on attendance of a real town.

    python -m benchmarks.match_quality --data FOLDER        (see `benchmarks.meetup` for the folder)

Three splits by people, with groups held out whole; every group is a candidate but those attended before. Overall is every held-out group,
known and new; tail the less popular half of the known ones; new the groups nobody could have learned of. Intervals are of the mean over
questions, bootstrapped, all splits together. Coming back is judged on people held out.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.baselines import CLASSIC, als, item_knn, lambdarank, popularity, tf_idf
from benchmarks.meetup import HeldOut, Meetup, Split, read_meetup, split
from benchmarks.reference import keep
from models.block import Block
from models.compiled import switch_on
from models.directory import Directory
from models.evaluation.measures import area_under_curve, calibration, calibration_error, ranking_figures
from models.features import INPUTS, Features
from models.learned.model import Learned
from models.order import micros
from models.pairs import Pairs
from models.ranker import packaged_prior, seen_by
from models.reach import ReachDefaults
from models.training.asking import asked_of
from models.training.examples import Examples
from models.training.plan import Plan
from models.training.questions import by_person
from models.training.train import train
from services.directory.preparing import text_of

TODAY: Final = date(2019, 1, 1)
AT_ONCE: Final = 120
OFTEN: Final = 3

Found = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Result:
    """All splits together: of each slice and way the figures, and how well coming back is told."""

    splits: int
    groups: int
    slices: dict[str, Any]
    came_back: dict[str, float]


def ranks(score: NDArray[np.float64], directory: Directory, asked: list[HeldOut]) -> NDArray[np.float64]:
    """The place of each held-out group among those not attended before, from 1; the middle of a tie."""
    place = np.zeros(len(asked))
    for row, one in enumerate(asked):
        mine = score[row].astype(np.float64).copy()
        mine[[directory.rows[group_id] for group_id in one.been]] = -np.inf
        target = mine[directory.rows[one.group_id]]
        place[row] = 1 + (mine > target).sum() + ((mine == target).sum() - 1) / 2
    return place


def scores_of(learned: Learned, meetup: Meetup, directory: Directory, asked: list[HeldOut]) -> tuple[Found, NDArray[np.float32]]:
    """What the ranker says of every question and group, with and without the person's history, and the inputs with it."""
    found: dict[str, list[NDArray[np.float64]]] = {"learned": [], "prior": [], "learned, no history": []}
    inputs: list[NDArray[np.float32]] = []
    for low in range(0, len(asked), AT_ONCE):
        some = asked[low : low + AT_ONCE]
        features = _features(learned, [meetup.somebody(one.person_id, one.been) for one in some], directory)
        unknown = _features(learned, [meetup.somebody(one.person_id, {}) for one in some], directory)
        found["learned"].append(micros(learned.score(features)).astype(np.float64))
        found["learned, no history"].append(micros(learned.score(unknown)).astype(np.float64))
        found["prior"].append(micros(learned.prior.score(features)) + np.zeros((len(some), 1)))
        shape = (len(some), len(directory.gone))
        inputs.append(np.stack([np.broadcast_to(features.values[name], shape) for name in INPUTS], axis=2).astype(np.float32))
    return {name: np.concatenate(parts) for name, parts in found.items()}, np.concatenate(inputs)


def _features(learned: Learned, people: list[Any], directory: Directory) -> Features:
    block = Block.of(people, ReachDefaults())
    pairs = Pairs(block, directory, TODAY)
    return seen_by(learned, block, directory, pairs, TODAY)


def one_split(meetup: Meetup, directory: Directory, seed: int) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.bool_]]]:
    """The place that each way gives to each held-out group, and which questions are of which slice."""
    cut = split(meetup, seed)
    people = by_person(cut.attendance())
    known = {person: meetup.somebody(person, {}) for person in people}
    learned = train(people, known, directory, packaged_prior(), TODAY, Plan(seed=seed))
    scores, inputs = scores_of(learned, meetup, directory, cut.held_out)
    went, been = _matrices(cut, directory)
    scores |= {"popularity": popularity(went, been), "item-kNN": item_knn(went, been), "ALS-48": als(went, been)}
    texts = {group.group_id: text_of(group) for group in meetup.groups}
    scores["TF-IDF"] = tf_idf([texts[str(group_id)] for group_id in directory.columns.ids], been)
    examples = _of_several(asked_of(people, known, directory, Plan(seed=seed), TODAY).everyone())
    scores["lambdarank"] = lambdarank(examples, inputs, CLASSIC)
    scores["lambdarank, our inputs"] = lambdarank(examples, inputs, INPUTS)
    return {name: ranks(score, directory, cut.held_out) for name, score in scores.items()}, _slices(cut, went, directory)


def _of_several(whole: Examples) -> Examples:
    """The questions with somebody's history or not that had groups drawn beside them."""
    starts = np.flatnonzero(whole.answer)
    sizes = np.diff(np.append(starts, len(whole.answer)))
    return whole.taken(np.repeat(sizes > 1, sizes))


def _matrices(cut: Split, directory: Directory) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    went, been = (np.zeros((number, len(directory.gone))) for number in (len(cut.learned_from), len(cut.held_out)))
    for row, groups in enumerate(cut.learned_from.values()):
        went[row, [directory.rows[group_id] for group_id in groups]] = 1
    for row, one in enumerate(cut.held_out):
        been[row, [directory.rows[group_id] for group_id in one.been]] = 1
    return went, been


def _slices(cut: Split, went: NDArray[np.float64], directory: Directory) -> dict[str, NDArray[np.bool_]]:
    new = np.array([one.new for one in cut.held_out])
    size = went.sum(axis=0)[[directory.rows[one.group_id] for one in cut.held_out]]
    return {"overall": np.ones(len(new), np.bool_), "known": ~new, "tail": ~new & (size < np.median(size[~new])), "new": new}


def coming_back(meetup: Meetup, directory: Directory, seed: int) -> dict[str, float]:
    """Came three times or more, of those who came at all, people held out: AUC, and the calibration error in ten equal parts."""
    ids = sorted(meetup.visits)
    asked = {ids[index] for index in np.random.default_rng(seed).permutation(len(ids))[: len(ids) // 4]}
    others = Split({person: groups for person, groups in meetup.visits.items() if person not in asked}, [], frozenset())
    plan = Plan(seed=seed, comes_back=OFTEN)
    people = by_person(others.attendance())
    learned = train(people, {person: meetup.somebody(person, {}) for person in people}, directory, packaged_prior(), TODAY, plan)
    said, came = [], []
    for person in sorted(asked):
        groups = meetup.visits[person]
        seekers = [meetup.somebody(person, {other: times for other, times in groups.items() if other != group_id}) for group_id in groups]
        rows = np.array([directory.rows[group_id] for group_id in groups])
        features = _features(learned, seekers, directory).at(np.arange(len(rows)), rows)
        said += learned.coming_back(features).tolist()
        came += [times >= OFTEN for times in groups.values()]
    return _judged(1 / (1 + np.exp(-np.array(said))), np.array(came))


def _judged(said: NDArray[np.float64], came: NDArray[np.bool_]) -> dict[str, float]:
    error = calibration_error(calibration(said, came))
    return {"auc": area_under_curve(said, came), "calibration_error": error, "pairs": len(said), "share": float(came.mean())}


def told(places: Sequence[Mapping[str, NDArray[np.float64]]], slices: Sequence[Mapping[str, NDArray[np.bool_]]]) -> dict[str, Any]:
    """All splits together: of each slice and way the figures, and how many questions."""
    result: dict[str, Any] = {}
    for name in slices[0]:
        result[name] = {"questions": int(sum(cut[name].sum() for cut in slices))}
        for way in places[0]:
            result[name][way] = ranking_figures(np.concatenate([place[way][cut[name]] for place, cut in zip(places, slices, strict=True)]))
    return result


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the attendance")
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.data is None:
        print("match quality is not measured: no --data was given", file=sys.stderr)
        return
    switch_on()
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    meetup = read_meetup(chosen.data)
    directory = meetup.directory()
    places, slices = [], []
    for seed in range(chosen.seeds):
        start = perf_counter()
        place, cut = one_split(meetup, directory, seed)
        places.append(place)
        slices.append(cut)
        print(f"split {seed}: {perf_counter() - start:.0f} s", file=sys.stderr)
        keep("match_quality", Result(seed + 1, len(directory), told(places, slices), {}))
    result = Result(len(places), len(directory), told(places, slices), coming_back(meetup, directory, 0))
    keep("match_quality", result)
    print(json.dumps(asdict(result), indent=2))


if __name__ == "__main__":
    main()
