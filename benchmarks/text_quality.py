"""How often own words lead to the kind of group that they ask for, and a group's text to the tags that people gave it.

    python -m benchmarks.text_quality [--tags FOLDER ...]

Own words: the sentences of `own_words.toml`, which the vocabulary has not learned from, ranked against one group of each kind by the prior, by
texts alone and with the words of the vocabulary too. Tags: folders of `*_groups.csv` and `*_groups_topics.csv` (and `topics.csv`, which
describes the topics); every topic that five groups or more carry is a candidate, found by texts alone and with the topic's own words too.
"""

import argparse
import csv
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.reference import keep
from models.block import Block
from models.closeness import cosines, on_grid
from models.directory import Directory, Listed
from models.order import micros
from models.pairs import Pairs
from models.ranker import packaged_prior, seen_by
from models.reach import ReachDefaults
from models.seeker import Seeker
from models.text.words import hear, offered, wished
from schemas.group import Group
from schemas.referral import Needs
from services.cli.preparing import encoder

TODAY: Final = date(2026, 3, 2)
SENTENCES: Final = Path(__file__).with_name("own_words.toml")
GROUPS: Final = Path(__file__).parents[1] / "tests" / "unit" / "models" / "test_text_sentences.toml"
OFTEN: Final = 5
NAMED: Final = 0.25
"""What a topic gains when all its words stand in the text, as a cosine; by judgement, chosen before it was measured."""
_WORD: Final = re.compile(r"[^\W\d_]{2,}")

Found = Mapping[str, float]

Encode = Callable[[str], NDArray[np.float32] | None]
"""A text's vector, float32 (384,) of unit length; None where the text says nothing."""


@dataclass(frozen=True)
class Result:
    """Of each task how many were asked among how many, and the figures with and without words."""

    own_words: dict[str, Found]
    tags: dict[str, Found]


def figures(place: NDArray[np.float64], among: int) -> Found:
    """hit@1, hit@3 and the mean reciprocal rank of places from 1."""
    measured = {"hit@1": np.mean(place <= 1), "hit@3": np.mean(place <= 3), "mrr": np.mean(1 / place)}
    return {"asked": len(place), "among": among} | {name: round(float(value), 4) for name, value in measured.items()}


def places(score: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The place from 1 of the best right answer of each row, in the middle of a tie."""
    best = np.where(right, score, -np.inf).max(axis=1, keepdims=True)
    return np.asarray(1 + (score > best).sum(axis=1) + ((score == best) & ~right).sum(axis=1) / 2)


def sentences() -> list[tuple[str, str]]:
    """People's own words, each after the kind of group that it asks for."""
    read: list[tuple[str, str]] = tomllib.loads(SENTENCES.read_text(encoding="utf-8"))["sentences"]
    return read


def own_words(encode: Encode) -> dict[str, Found]:
    """The sentences against the groups, by the prior."""
    texts: dict[str, str] = tomllib.loads(GROUPS.read_text(encoding="utf-8"))["groups"]
    listed = [_listed(kind, *text.split(". ", maxsplit=1), vector=encode(text)) for kind, text in texts.items()]
    directory = Directory.of(listed)
    right = np.array([[str(group_id) == kind for group_id in directory.columns.ids] for kind, _ in sentences()])
    return {
        way: figures(places(_scores([_seeker(text, way, encode) for _, text in sentences()], directory), right), len(directory))
        for way in ("words alone", "texts alone", "texts and words")
    }


def _listed(kind: str, name: str, description: str = "", *, vector: NDArray[np.float32] | None) -> Listed:
    return Listed(Group(group_id=kind, name=name), vector, offered(name, (), description))


def _seeker(text: str, way: str, encode: Encode) -> Seeker:
    heard = hear(text) if way != "texts alone" else hear("")
    return Seeker(Needs(), None if way == "words alone" else encode(wished(text)), heard.wanted, heard.refused, consented=True)


def _scores(seekers: Sequence[Seeker], directory: Directory) -> NDArray[np.float64]:
    block = Block.of(seekers, ReachDefaults())
    features = seen_by(packaged_prior(), block, directory, Pairs(block, directory, TODAY), TODAY)
    return micros(packaged_prior().score(features)) + np.zeros((len(seekers), 1))


@dataclass(frozen=True)
class Tagged:
    """Groups' texts, the topics that people gave them, and of each topic its name and what it is described by."""

    texts: dict[str, str]
    topics: dict[str, set[str]]
    names: dict[str, str]
    described: dict[str, str]


def read_tagged(folders: Sequence[Path]) -> Tagged:
    """Every group with a description that carries a topic."""
    texts: dict[str, str] = {}
    topics: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    described: dict[str, str] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.csv")):
        for row in _rows(path):
            if path.name.endswith("_groups.csv") and row["description"]:
                texts[row["id"]] = f"{row['name']}. {row['description']}"
            elif path.name.endswith("_groups_topics.csv"):
                topics.setdefault(row["groupId"], set()).add(row["topic_id"])
                names[row["topic_id"]] = row["topic"]
            elif path.name == "topics.csv":
                described[row["topic_id"]] = row["description"]
    often = {topic for topic, number in Counter(topic for some in topics.values() for topic in some).items() if number >= OFTEN}
    kept = {group: some & often for group, some in topics.items() if group in texts and some & often}
    return Tagged({group: texts[group] for group in kept}, kept, {topic: names[topic] for topic in sorted(often)}, described)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def tags(folders: Sequence[Path]) -> dict[str, Found]:
    """The topics of every group, by text alone and with the topics' own words."""
    tagged = read_tagged(folders)
    group_vectors = _vectors(list(tagged.texts.values()))
    topic_vectors = _vectors([f"{name}. {tagged.described.get(topic, '')}" for topic, name in tagged.names.items()])
    close = cosines(group_vectors @ topic_vectors.T)
    right = np.array([[topic in tagged.topics[group] for topic in tagged.names] for group in tagged.texts])
    told = np.array([[float(_words(name) <= _words(text)) for name in tagged.names.values()] for text in tagged.texts.values()])
    return {
        way: figures(places(score, right), len(tagged.names))
        for way, score in {"words alone": told, "texts alone": close, "texts and words": close + NAMED * told}.items()
    }


def _vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    return on_grid([encoder().encode(text) for text in texts])


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(word.removesuffix("s") for word in _WORD.findall(text.lower()))


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tags", type=Path, nargs="*", default=[], help="folders of groups with topics, and of topics with descriptions")
    chosen = parser.parse_args()
    result = Result(own_words(encoder().encode), tags(chosen.tags) if chosen.tags else {})
    keep("text_quality", result)
    print(json.dumps(asdict(result), indent=2))


if __name__ == "__main__":
    main()
