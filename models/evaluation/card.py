"""A model's card: what it is, what it was judged on, for whom it does well and for whom not, in Markdown, and the pictures beside it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from models.evaluation.picture import calibration_picture, importance_picture, slices_picture

MEASURES: Final = ("hit@5", "ndcg@10", "mrr")

CHANCE: Final = 0.5
"""The area under the curve of a coin."""


def write_card(figures: Mapping[str, Any], told: Mapping[str, Any], folder: Path) -> list[Path]:
    """Writes `card.md`, `figures.json` and the pictures into `folder`, made where it is missing; what was written."""
    pictures = {"slices.svg": slices_picture(figures["slices"]), "importance.svg": importance_picture(figures["added"])}
    if "parts" in figures["comes_back"]:
        pictures["calibration.svg"] = calibration_picture(figures["comes_back"]["parts"])
    files = {
        "card.md": "\n".join(_card(figures, told, list(pictures))) + "\n",
        "figures.json": json.dumps(figures, indent=2, ensure_ascii=False) + "\n",
        **pictures,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in files]


def _card(figures: Mapping[str, Any], told: Mapping[str, Any], pictures: list[str]) -> Iterator[str]:
    yield f"# Model card: {figures['model']}\n"
    if told:
        yield f"Learned on {told['trained_on']} from {told['joins']:,} joins of {told['people']:,} people.\n"
    yield (
        "**What it is for.** Ranking the groups that one person is eligible for, for a coordinator who decides with them. It is not for deciding "
        "alone, for saying no to anybody, or for comparing people. It never sees ethnicity, religion, health conditions, age or gender.\n"
    )
    yield (
        f"**How it was judged.** {figures['people']:,} people, of each one group they went to, hidden among all groups they were eligible for. "
        f"These figures say something only where the people are not those it learned from. {figures['groups_in_some_first_five']:,} groups are among "
        "somebody's first five.\n"
    )
    yield "## For whom it does well and for whom not\n"
    yield from _table(figures["slices"])
    yield "\n## Equity\n"
    yield "The same for groups of people whom the model does not tell apart by these facts.\n"
    yield from _table(figures["equity"])
    yield "\n## Coming back\n"
    yield _coming_back(figures["comes_back"])
    yield from (f"\n![{name.removesuffix('.svg')}]({name})" for name in pictures)


def _table(slices: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| | people | Hit@5 | nDCG@10 | MRR |"
    yield "| --- | --- | --- | --- | --- |"
    for name, figures in slices.items():
        measured = (f"{value:.3f} ({low:.3f}–{high:.3f})" for value, low, high in (figures[each] for each in MEASURES if each in figures))
        cells = list(measured) or ["too few to say"] * len(MEASURES)
        yield f"| {name} | {figures['people']:,} | {' | '.join(cells)} |"


def _coming_back(figures: Mapping[str, Any]) -> str:
    if "auc" not in figures:
        return "Nothing can be said of coming back: too few, or all alike."
    told = (
        f"Of {figures['people']:,} who came, who came again: AUC {figures['auc']:.3f}, expected calibration error {figures['calibration_error']:.3f}."
    )
    return told if figures["auc"] > CHANCE else f"{told} **It did not tell these people apart: a coin would have told as much (0.5).**"
