"""Somebody with details planted in every field, so that any byte of them can be found again wherever it is left."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.command_line import Ended, together

INTERESTS = "I play the xylorimba for my parrot Bumblewick and want to learn to bake sourdough with somebody from Yell."
NHS = "nhs:943 476 5919"
REFERRAL: dict[str, Any] = {
    "referral_id": "REFQX-7741-ZULU",
    "person_id": NHS,
    "received_at": "2026-03-02T09:30:17.123456Z",
    "urgency": "urgent",
    "reason": ["grieving-for-quagga"],
    "interests": INTERESTS,
    "tags": ["grackle-watching", "baking"],
    "age": 47,
    "gender": "gender-of-zephyrine",
    "languages": ["cy-GB-xquack", "en"],
    "access_needs": ["quokka_ramp"],
    "postcode": "ZE2 9XW",
    "latitude": 60.61234,
    "longitude": -1.08765,
    "travel": {"mode": "car", "max_km": 173.291, "remark": "borrows Ottoline's van"},
    "availability": [{"weekday": "tue", "start": "09:17", "end": "16:43"}],
    "max_cost": 377.91,
    "attended": [{"group_id": "formerly-at-the-unst-quilters", "sessions": 3}],
    "loneliness": {"ucla3": [3, 3, 2], "direct": 1},
    "consent": {"match": True, "sms": True},
    "contact": {
        "name": "Zephyrine Quackenbush",
        "phone": "+44 7700 900461",
        "email": "zq.bumble@parrots.example",
        "preferred": "a ring after Countdown",
        "mother": "Wilhelmina Thistlewood",
    },
    "referrer": {"organisation": "Yttrium Lane Surgery", "practitioner": "Dr Peregrine Oglethorpe", "reply_to": "oglethorpe@yttrium.example"},
    "time_zone": "Atlantic/Faroe",
    "notes": "Keeps the spare key under the gnome Barnaby.",
    "care-plan-of-zephyrine": {"allergies": ["pimpernel"]},
}
# No word here could stand in a time of day, of which there are many in clear.
PLANTED = (
    "REFQX-7741-ZULU", "REFQX-7742-ZULU", "943 476 5919", "9434765919", "grieving-for-quagga", "xylorimba", "Bumblewick", "grackle-watching",
    "gender-of-zephyrine", "cy-GB-xquack", "quokka_ramp", "ZE2 9XW", "60.6123", "173.291", "Ottoline", "377.91", "unst-quilters",
    "Zephyrine", "Quackenbush", "7700 900461", "7700900461", "parrots.example", "after Countdown", "Thistlewood", "Yttrium Lane", "Peregrine",
    "Oglethorpe", "Atlantic/Faroe", "gnome Barnaby", "care-plan-of", "pimpernel",
)  # fmt: skip
SECOND = REFERRAL | {"referral_id": "REFQX-7742-ZULU", "interests": "Bumblewick says I have no reason to live.", "flags": ["self_harm"]}
PIECE = 12
"""So many bytes of a key or a hash are left of it nowhere by chance."""

GROUPS = (
    {"group_id": "bakers", "name": "Sunday bakers", "description": "We bake bread, sourdough too.", "latitude": 60.6, "longitude": -1.1},
    {"group_id": "band", "name": "Percussion band", "description": "Xylophones and drums.", "latitude": 60.59, "longitude": -1.05},
)


def other(number: int) -> dict[str, Any]:
    return {
        "referral_id": f"OTHER-{number}",
        "person_id": f"P-{number}",
        "interests": "I would like to bake bread with others.",
        "latitude": 60.6,
        "longitude": -1.1,
        "consent": {"match": True},
        "referrer": {"organisation": f"Surgery {number % 3}"},
    }


@dataclass(frozen=True)
class Folder:
    """A data folder with the person in it and twenty others."""

    path: Path
    scratch: Path

    def run(self, *words: str, stdin: bytes = b"") -> Ended:
        """Run a command on the folder."""
        return together(*words, "--data", self.path, stdin=stdin)

    def take_in(self, *referrals: dict[str, Any]) -> dict[str, int]:
        """Import referrals; returns the counts."""
        body = "".join(json.dumps(one) + "\n" for one in referrals).encode()
        counts: dict[str, int] = json.loads(self.run("referrals", "import", "-", stdin=body).out)
        return counts

    def person(self, id_: str = NHS) -> str:
        """Our own id of a person."""
        person: str = json.loads(self.run("person", "export", id_).out)["person"]
        return person

    def queue(self) -> list[dict[str, Any]]:
        """What `referrals list` tells."""
        return [json.loads(line) for line in self.run("referrals", "list").out.splitlines()]

    def hashes(self, person: str) -> list[bytes]:
        """What intake knows the person by."""
        with sqlite3.connect(self.path / "together.sqlite3") as database:
            queries = ("SELECT identifier, value FROM identifiers WHERE person = ?", "SELECT key, content FROM received_referrals WHERE person = ?")
            return [cell for query in queries for row in database.execute(query, (person,)) for cell in row]

    def wrapped_keys(self, person: str) -> list[bytes]:
        """The person's keys as they lie in the key store."""
        with sqlite3.connect(self.path / "keys" / "keys.sqlite3") as keys:
            rows = [keys.execute(f"SELECT wrapped FROM {use}_keys WHERE owner = ?", (person,)).fetchone() for use in ("details", "matching")]
        return [row[0] for row in rows if row and row[0]]
