"""The same referrals over the same groups: what `together match` says of files is what the services propose."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from models.town.groups import town_groups
from models.town.people import town_referrals
from services.cli.installation import installation
from services.coordinator.reading import every_case

PEOPLE, GROUPS = 60, 80
TOGETHER = (sys.executable, "-c", "from services.cli.main import main; main()")


def together(*words: str) -> bytes:
    return subprocess.run([*TOGETHER, *words], check=True, capture_output=True, timeout=100).stdout


@pytest.fixture(scope="module")
def by_referral(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The proposals of the services and of `match`, by referral."""
    folder = tmp_path_factory.mktemp("agree")
    groups, referrals, data = folder / "groups.jsonl", folder / "referrals.jsonl", folder / "data"
    groups.write_text("".join(group.model_dump_json() + "\n" for group in town_groups(1)[:GROUPS]))
    people = town_referrals(PEOPLE, 1, first_received=datetime(2026, 3, 2, 9, tzinfo=UTC))
    referrals.write_text("".join(one.model_dump_json(exclude_none=True) + "\n" for one in people))
    together("groups", "import", str(groups), "--data", str(data))
    together("referrals", "import", str(referrals), "--data", str(data))
    return _of_the_services(data), {
        one["referral_id"]: one for one in map(from_json, together("match", str(referrals), "--groups", str(groups)).splitlines())
    }


def _of_the_services(data: Path) -> dict[str, Any]:
    with installation(data) as running, running.services.reading("coordinator") as store:
        return {case["referral_id"]: case["proposal"] for case in every_case(store)}


def test_both_answer_every_referral_over_the_same_directory(by_referral: tuple[dict[str, Any], dict[str, Any]]) -> None:
    services, files = by_referral
    assert services.keys() == files.keys()
    assert {one["directory_version"] for one in services.values()} == {one["directory_version"] for one in files.values()}
    assert {one["model"] for one in services.values()} == {one["model"] for one in files.values()}


def test_both_propose_the_same_groups_for_the_same_reasons(by_referral: tuple[dict[str, Any], dict[str, Any]]) -> None:
    services, files = by_referral
    compared = 0
    for referral_id, proposal in services.items():
        if proposal["needs_human"] in ("no_consent", "red_flag"):  # free text is screened, and consent asked for, by intake alone
            continue
        for ours, theirs in zip(proposal["matches"], files[referral_id]["matches"], strict=True):
            # The services keep the home to about ten metres, so a distance may be told otherwise in its last digit.
            assert (ours["group_id"], _but_distance(ours)) == (theirs["group_id"], _but_distance(theirs))
            assert ours["score"] == pytest.approx(theirs["score"], abs=1e-3)
            assert ours["distance_km"] == pytest.approx(theirs["distance_km"], abs=0.02)
            compared += 1
    assert compared > 100


def _but_distance(match: dict[str, Any]) -> list[str]:
    return [reason for reason in match["reasons"] if not reason.endswith("away")]
