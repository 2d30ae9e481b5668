"""A real directory of 4,089 services in HSDS 1.x tables, with all its dirt: every service is usable, and everything that was wrong is told."""

from collections import Counter
from pathlib import Path
from time import process_time

import pytest

from services.directory.feeds import Reading, read_feed
from services.directory.hsds import as_service

FOLDER = "hsds-miami-211"

pytestmark = pytest.mark.data

REASONS = {
    ("services_taxonomy.csv", "", "the same is said twice, merged", "repaired"): 9155,
    ("locations.csv", "organization_id", "points to none of the organizations", "repaired"): 3015,
    ("eligibility.csv", "service_id", "belongs to nothing", "rejected"): 2244,
    ("services.csv", "description", "line ends were written as \\n", "repaired"): 2212,
    ("locations.csv", "latitude", "no coordinates, position left unknown", "repaired"): 1829,
    ("services.csv", "organization_id", "points to none of the organizations", "repaired"): 447,
    ("taxonomy.csv", "id", "given before with other content, the first is kept", "rejected"): 3,
}
"""What the folder is known to have wrong, counted apart from this code."""


@pytest.fixture(scope="module")
def reading(data: Path) -> Reading:
    return read_feed(str(data))


def test_every_service_is_usable(reading: Reading) -> None:
    assert (reading.read, reading.usable, reading.rejected, reading.whole) == (4089, 4089, 0, True)
    assert 3_000 < reading.repaired < 4_089


def test_what_is_known_to_be_wrong_is_in_the_report_to_the_row(reading: Reading) -> None:
    told: Counter[tuple[str, ...]] = Counter()
    for line in reading.problems:
        told[Path(line.file).name, line.field, line.reason.partition(":")[0], line.action] += 1
    assert {reason: told[reason] for reason in REASONS} == REASONS
    assert len(set(reading.problems)) == len(reading.problems)


def test_odd_opening_times_are_understood_and_the_others_are_told(reading: Reading) -> None:
    starts = Counter(session.start for group in reading.groups for session in group.sessions)
    assert starts["13:50"] == 310
    told = [line for line in reading.problems if Path(line.file).name == "regular_schedules.csv"]
    assert {line.reason.partition(":")[0] for line in told} == {
        "is missing",
        "time not understood, left unknown",
        "words after the time were left out",
    }
    assert sum(line.reason != "is missing" for line in told) < 100
    assert sum(bool(group.sessions) for group in reading.groups) > 2_570


def test_no_position_is_off_the_map_of_the_country(reading: Reading) -> None:
    located = [group for group in reading.groups if group.latitude is not None and group.longitude is not None]
    assert len(located) == 2260
    assert all(24 < (group.latitude or 0) < 45 and -123 < (group.longitude or 0) < -70 for group in located)


def test_a_service_said_to_be_accessible_is_step_free_and_the_others_are_not_known(reading: Reading) -> None:
    assert Counter(tuple(group.access) if group.access is not None else None for group in reading.groups) == {("step_free",): 1620, None: 2469}


def test_reading_again_gives_the_same(reading: Reading, data: Path) -> None:
    assert read_feed(str(data)) == reading


def test_it_is_read_in_a_few_seconds(data: Path) -> None:
    begun = process_time()
    read_feed(str(data))
    assert process_time() - begun < 15


def test_no_contact_is_in_what_is_shown(reading: Reading) -> None:
    phones = {group.group_id: group.contact.phone for group in reading.groups if group.contact and group.contact.phone}
    assert len(phones) > 4_000
    hidden = [group for group in reading.groups if group.group_id in phones and phones[group.group_id] not in group.description]
    assert not [group.group_id for group in hidden if phones[group.group_id] in repr(as_service(group, updated="2026-02-01T10:00:00Z"))]
