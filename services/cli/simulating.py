"""The simulation from the command line: towns built with the real reading of texts, lived through under each policy, and told."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from models.directory import Listed
from models.evaluation.picture import calibration_picture
from models.exploration import Exploration
from models.ranker import Ranker
from models.seeker import Seeker
from models.simulation.calibrating import Said
from models.simulation.comparing import compared
from models.simulation.living import live
from models.simulation.numbers import numbers
from models.simulation.outcomes import Outcome, outcome_of
from models.simulation.picture import comparison_picture
from models.simulation.policies import POLICIES, SHOWN, PolicyName, policy
from models.simulation.records import write_records
from models.simulation.town import Reading, Size, built
from models.spreading import STRENGTH
from models.town.groups import written_groups
from schemas.group import Group
from schemas.referral import Referral
from services.chassis.errors import UserError
from services.cli.matching import listed_of, ranker_of, seekers_of
from services.cli.options import Listing
from services.cli.output import Bar, print_list, progress

FEED: Final = "made-up-town"
COLUMNS: Final = (
    "policy",
    "second",
    "regret",
    "first",
    "worst_off",
    "worst_off_are",
    "coverage",
    "gini",
    "unplaced",
    "second_minus",
    "coverage_minus",
    "worst_off_minus",
)


@dataclass(frozen=True)
class Asked:
    """What is to be simulated: towns of this size with `seeds` seeds from `seed` on, under these policies; how `ours` explores and spreads."""

    people: int
    groups: int
    weeks: int
    seed: int
    seeds: int
    policies: tuple[str, ...]
    explore: float = 0.0
    spread: float = STRENGTH


@dataclass(frozen=True)
class Files:
    """What is to be written where: the report, the picture of the comparison, that of the calibration, and the folder of what was lived."""

    report: Path | None = None
    picture: Path | None = None
    calibration: Path | None = None
    out: Path | None = None


@dataclass(frozen=True)
class Lived:
    """What came of it: the outcomes of each policy, town by town, and what `ours` said of what it proposed."""

    outcomes: dict[str, list[Outcome]]
    said: list[Said]


def show_simulation(asked: Asked, model: Path | None, listing: Listing | None, files: Files) -> None:
    """Live through every town under every policy, and print, draw and write what came of it; differences are to the first policy.

    Raises:
        UserError: so many groups there are not, the model cannot be read, or a file cannot be written.
    """
    names, most = [name for name in POLICIES if name in asked.policies], len(written_groups())
    if asked.groups > most:
        raise UserError(f"a town has at most {most} groups, not {asked.groups}")
    ranker = ranker_of(model)
    with progress("The towns live", asked.seeds * asked.people * (1 + len(names))) as bar:
        lived = lived_through(asked, names, ranker, bar, files.out)
    rows = compared(lived.outcomes, names[0])
    print_list(map(_shown, rows) if _as_table(listing) else rows, COLUMNS, listing)
    if _as_table(listing):
        print(f"{asked.seeds} made-up towns; each difference is to {names[0]}; in brackets 95 % intervals over towns", file=sys.stderr)
    said = Said.together(lived.said).figures() if lived.said else None
    if files.picture:
        _write(files.picture, comparison_picture(rows))
    if files.calibration and said:
        _write(files.calibration, calibration_picture(said["agreed"]["parts"], "Said and come true, on made-up towns"))
    if files.report:
        _write(files.report, json.dumps(_told(asked, ranker, rows, said), indent=2, ensure_ascii=False) + "\n")


def lived_through(asked: Asked, names: Sequence[PolicyName], ranker: Ranker, bar: Bar, out: Path | None) -> Lived:
    """Every town under every policy; the first town under the first policy is written into `out`."""
    lived, texts = Lived({name: [] for name in names}, []), dict[str, Listed]()
    for seed in range(asked.seed, asked.seed + asked.seeds):
        town = built(seed, Size(asked.people, asked.groups, asked.weeks), _reading(texts, bar))
        for name in names:
            stories = live(town, policy(name, ranker, asked.spread), Exploration(asked.explore if name == "ours" else 0.0, SHOWN))
            lived.outcomes[name].append(outcome_of(town, stories))
            lived.said.extend([Said.of(town, stories, ranker)] if name == "ours" else [])
            bar.advance(asked.people)
            if out is not None and (seed, name) == (asked.seed, names[0]):
                for path in write_records(town, stories, out):
                    print(f"together: wrote {path}", file=sys.stderr)
    return lived


def _reading(texts: dict[str, Listed], bar: Bar) -> Reading:
    """The real reading of texts; a group's is read once for all towns, because a written group's words are the same in each."""

    def group(one: Group) -> Listed:
        known = texts.get(one.group_id) or texts.setdefault(one.group_id, next(listed_of([one], FEED)))
        return Listed(one, known.vector, known.words, known.feed)

    def person(one: Referral) -> Seeker:
        bar.advance()
        return next(seekers_of([one]))

    return Reading(group, person)


def _as_table(listing: Listing | None) -> bool:
    return (listing or (Listing.TABLE if sys.stdout.isatty() else Listing.JSONL)) is Listing.TABLE


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for people: each measure with its interval in one cell, and the differences in three of the measures."""
    minus = next(value for name, value in row.items() if name.startswith("minus_"))
    cells = {name: _cell(value) for name, value in row.items() if isinstance(value, list)}
    differences = {f"{name}_minus": _cell(minus[name], signed=True) for name in ("second", "coverage", "worst_off")}
    return {"policy": row["policy"], "worst_off_are": row["worst_off_are"], **cells, **differences}


def _cell(value: Sequence[float | None], *, signed: bool = False) -> str:
    middle, low, high = ("?" if number is None else f"{number:{'+' if signed else ''}.2f}" for number in value)
    return f"{middle} ({low} to {high})" if low != "?" else middle


def _told(asked: Asked, ranker: Ranker, rows: list[dict[str, Any]], said: dict[str, Any] | None) -> dict[str, Any]:
    held = "on made-up towns: says nothing of a real one"
    return {"asked": asdict(asked), "model": ranker.model, "holds": held, "truth": asdict(numbers()), "policies": rows, "calibration": said}


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from error
