"""The Miami directory and a hundred referrals to it: as the directory is, and with every fact told that it leaves open.

The directory lies beside a checkout and is never part of it. It says nothing of ages, genders, costs and places, so a second directory is made
of it: the same texts and places, with facts that a hash of each id chooses, so that every rule has something to keep out.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from models.directory import Directory
from models.ranker import Ranker, packaged_prior
from models.text.encoder import Encoder, Vector
from models.text.words import offered, wished, words_in
from schemas.group import Group
from schemas.proposal import Proposal
from schemas.referral import Referral
from services.cli import matching
from services.directory.feeds.source import read_feed
from services.directory.preparing import text_of
from tests.e2e.rules import Judged, Record, Town
from tests.e2e.sentences import Case

FOLDER = Path("../shared/data/hsds-miami-211")
REFERRALS = Path(__file__).with_name("miami_referrals.jsonl")
TODAY = date(2026, 3, 2)


class KeptVectors:
    """An encoder that keeps what it made of a text in a folder, because four thousand texts take more than a minute."""

    def __init__(self, folder: Path) -> None:
        self._encoder = Encoder.load(remembered=0)
        self.hash = self._encoder.hash
        self._file = folder / f"{self.hash}.npz"
        self._kept: dict[str, Vector] = dict(np.load(self._file)) if self._file.exists() else {}

    def encode(self, text: str) -> Vector | None:
        """The text's vector, as the encoder gives it."""
        name = hashlib.sha256(text.encode()).hexdigest()
        if name not in self._kept:
            vector = self._encoder.encode(text)
            self._kept[name] = np.empty(0, np.float32) if vector is None else vector
        return self._kept[name] if len(self._kept[name]) else None

    def save(self) -> None:
        """Write what is kept."""
        np.savez(self._file, **self._kept)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Miami:
    """One directory with the referrals to it, and the answer to each."""

    records: dict[str, Record]
    location: str
    directory: Directory
    people: list[Record]
    answers: list[Proposal]
    town: Town
    judged: dict[str, Judged]
    encoder: KeptVectors

    @classmethod
    def of(cls, records: Sequence[Record], location: str, encoder: KeptVectors) -> "Miami":
        """Match the hundred referrals on the groups that lie at `location`."""
        by_id = {record["group_id"]: record for record in records}
        people = referrals(sorted(by_id))
        directory, town = matching.read_directory(location), Town.of(records, TODAY)
        judged = {person["referral_id"]: town.judge(person) for person in people}
        return cls(by_id, location, directory, people, match(people, directory), town, judged, encoder)

    def case(self, person: Record, group_id: str) -> Case:
        """What there is to know of a person and a group proposed to them."""
        group = self.records[group_id]
        theirs, liked = self._of_group(group_id), [self._of_group(been["group_id"]) for been in person.get("attended", ()) if been["sessions"]]
        wanted = words_in(" ; ".join([person.get("interests", ""), *person.get("tags", ())]))
        return Case(
            self.town,
            person,
            group,
            self.judged[person["referral_id"]],
            _cosine(self.encoder.encode(wished(person.get("interests", ""))), theirs),
            max((_cosine(one, theirs) for one in liked), default=0.0),
            frozenset(wanted) & frozenset(offered(group["name"], group["tags"], group["description"])),
        )

    def _of_group(self, group_id: str) -> Vector | None:
        return self.encoder.encode(_text(self.records[group_id]))


def match(people: Sequence[Record], directory: Directory, top: int = 10, ranker: Ranker | None = None) -> list[Proposal]:
    """What `together match` answers to these referrals."""
    return matching.proposals([Referral.model_validate(person) for person in people], directory, ranker or packaged_prior(), top, TODAY)


def referrals(group_ids: Sequence[str]) -> list[Record]:
    """The hundred; whoever went to "row 17" went to the eighteenth of these groups."""
    people = [json.loads(line) for line in REFERRALS.read_text(encoding="utf-8").splitlines()]
    for person in people:
        for been in person.get("attended", ()):
            been["group_id"] = group_ids[int(been["group_id"].removeprefix("row "))]
    return people


def records_of_the_feed() -> list[dict[str, Any]]:
    """Every group of the directory as a group file has it."""
    return [group.model_dump(mode="json") for group in read_feed(str(FOLDER)).groups]


def with_every_fact(record: Record) -> dict[str, Any]:
    """The same group with facts that its id chooses; a third of each fact stays open."""
    draw = iter(hashlib.sha256(record["group_id"].encode()).digest())

    def one_of(*choices: Any) -> Any:
        return choices[next(draw) % len(choices)]

    return {
        **record,
        "status": one_of(*["active"] * 18, "inactive", "paused"),
        "mode": one_of(*["in_person"] * 6, "online", "hybrid"),
        **dict(zip(("minimum_age", "maximum_age"), one_of(*_AGES), strict=True)),
        "genders": one_of(None, None, [], ["female"], ["male"], ["female", "non-binary", "transgender"]),
        "access": one_of(None, [], ["step_free"], ["step_free", "accessible_toilet", "parking"], ["hearing_loop", "quiet_space", "step_free"]),
        "cost": one_of(None, None, 0.0, 0.0, 2.5, 7.5, 40.0),
        "currency": one_of("USD", "GBP", "XCD"),
        "capacity": one_of(None, *_CAPACITIES),
        "newcomers_per_week": one_of(None, 0, 1, 2, 5),
        "size": one_of(None, 4, 9, 16, 30, 200),
        "assured_on": one_of(None, *((TODAY - timedelta(days=days)).isoformat() for days in (-30, 0, 90, 700))),
        "time_zone": one_of(None, "America/New_York", "America/Chicago", "Europe/London"),
        "sessions": [session | {"every_weeks": one_of(1, 1, 2, 4)} for session in record["sessions"][:7]],
    }


_AGES = ((None, None), (None, None), (16, None), (50, None), (60, 99), (18, 65), (None, 25), (18, 18))
_CAPACITIES = (
    {"maximum": 10, "available": None, "waitlist": False},
    {"maximum": 10, "available": 2, "waitlist": False},
    {"maximum": 10, "available": 0, "waitlist": True},
    {"maximum": 10, "available": 0, "waitlist": False},
    {"maximum": 0, "available": 4, "waitlist": False},
    {"maximum": 6, "available": 60, "waitlist": True},
)


def _text(group: Record) -> str:
    return text_of(Group.model_validate(group))


def _cosine(one: Vector | None, other: Vector | None) -> float:
    return 0.0 if one is None or other is None else float(np.dot(one, other))
