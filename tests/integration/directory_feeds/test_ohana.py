"""The CSV fixtures of the Ohana dialect: the valid ones give no rejection, the invalid ones the reason that their name promises."""

import shutil
from pathlib import Path

import pytest

from services.directory.feeds import Reading, read_feed

FOLDER = "ohana-sample-csv"
FIXTURES = Path("spec", "support", "fixtures")

pytestmark = pytest.mark.data

VALID = [
    "address",
    "category",
    "contact_phone",
    "location",
    "location_contact",
    "location_holiday_schedule",
    "location_phone",
    "location_regular_schedule",
    "mail_address",
    "org",
    "org_contact",
    "org_phone",
    "program",
    "service",
    "service_contact",
    "service_holiday_schedule",
    "service_phone",
    "service_regular_schedule",
]

INVALID = {
    "contact_with_no_parent": (2, "service_id", "belongs to nothing", "rejected"),
    "holiday_schedule_with_no_parent": (2, "service_id", "belongs to nothing", "rejected"),
    "phone_with_no_parent": (2, "service_id", "belongs to nothing", "rejected"),
    "regular_schedule_with_no_parent": (2, "service_id", "belongs to nothing", "rejected"),
    "program_with_no_parent": (2, "organization_id", "is missing", "rejected"),
    "invalid_category": (2, "name", "is missing", "rejected"),
    "invalid_contact": (2, "name", "is missing", "rejected"),
    "invalid_holiday_schedule": (2, "closed", "is missing", "rejected"),
    "invalid_org": (2, "name", "is missing", "rejected"),
    "invalid_phone": (2, "number_type", "is missing", "rejected"),
    "invalid_program": (2, "name", "is missing", "rejected"),
    "invalid_service": (2, "name", "is missing", "rejected"),
    "invalid_address": (2, "city", "is missing", "repaired"),
    "missing_address": (2, "city", "is missing", "repaired"),
    "invalid_location": (2, "name", "is missing", "repaired"),
    "invalid_mail_address": (2, "address_1", "is missing", "repaired"),
    "invalid_regular_schedule": (2, "closes_at", "is missing", "repaired"),
    "invalid_program_headers": (1, "alternate_name", "the column is missing", "repaired"),
    "invalid_parent_category": (2, "parent_id", "points to none of the terms: 0", "repaired"),
    "invalid_location_org": (2, "organization_id", "the feed has no table of organizations, left unknown: 100", "repaired"),
    "invalid_service_location": (2, "location_id", "the feed has no table of locations, left unknown: 100", "repaired"),
    "invalid_mail_address_location": (2, "location_id", "the feed has no table of locations, left unknown: 100", "repaired"),
    "hs_with_invalid_date": (2, "end_date", "not a date: 13/27/2014", "repaired"),
    "org_with_invalid_date": (2, "date_incorporated", "not a date: 24/2/70", "repaired"),
}


def told(reading: Reading) -> list[tuple[int, str, str, str]]:
    return [(problem.row, problem.field, problem.reason, problem.action) for problem in reading.problems]


@pytest.mark.parametrize("name", VALID)
def test_a_valid_table_has_no_row_that_is_rejected(data: Path, name: str) -> None:
    reading = read_feed(str(data / FIXTURES / f"valid_{name}.csv"))
    assert [line for line in told(reading) if line[3] == "rejected"] == []
    assert reading.usable == (name == "service")


@pytest.mark.parametrize("name", ["hs_with_2_digit_year", "hs_with_spelled_out_date", "org_with_2_digit_year", "org_with_spelled_out_date"])
def test_a_date_is_understood_in_every_way_of_writing_it(data: Path, name: str) -> None:
    assert not [line for line in told(read_feed(str(data / FIXTURES / f"{name}.csv"))) if "date" in line[1]]


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_table_is_told_with_row_field_and_reason(data: Path, name: str) -> None:
    assert INVALID[name] in told(read_feed(str(data / FIXTURES / f"{name}.csv")))


def test_the_other_rows_of_an_invalid_table_are_not_rejected(data: Path) -> None:
    for name, (row, *_, action) in INVALID.items():
        rejected = {line[0] for line in told(read_feed(str(data / FIXTURES / f"{name}.csv"))) if line[3] == "rejected"}
        assert rejected == ({row} if action == "rejected" else set()), name


def test_a_reference_to_what_the_feed_has_not_is_told(data: Path, tmp_path: Path) -> None:
    for source, name in (("invalid_service_location", "services"), ("invalid_location_org", "locations"), ("valid_org", "organizations")):
        shutil.copy(data / FIXTURES / f"{source}.csv", tmp_path / f"{name}.csv")
    reading = read_feed(str(tmp_path))
    assert (reading.usable, reading.rejected) == (1, 0)
    assert (2, "location_id", "points to none of the locations: 100", "repaired") in told(reading)
    assert (2, "organization_id", "points to none of the organizations: 100", "repaired") in told(reading)


def test_the_fixtures_together_are_a_directory(data: Path, tmp_path: Path) -> None:
    tables = {
        "valid_service": "services",
        "valid_location": "locations",
        "valid_category": "taxonomy",
        "valid_service_regular_schedule": "regular_schedules",
    }
    for source, name in tables.items():
        shutil.copy(data / FIXTURES / f"{source}.csv", tmp_path / f"{name}.csv")
    [group] = read_feed(str(tmp_path)).groups
    assert (group.latitude, group.longitude, group.languages, group.access) == (37.7726402, -122.4099154, ["en", "es", "fil"], ["step_free"])
    assert [(session.weekday, session.start, session.end) for session in group.sessions] == [("mon", "09:30", "17:00")]
    assert "emergency" in group.tags


def test_the_sample_directory_is_usable_in_full(data: Path) -> None:
    reading = read_feed(str(data / "data" / "sample-csv"))
    assert (reading.read, reading.usable, reading.rejected) == (23, 23, 0)
    positions = [group.longitude for group in reading.groups if group.longitude is not None]
    assert positions
    assert all(longitude < -100 for longitude in positions)
