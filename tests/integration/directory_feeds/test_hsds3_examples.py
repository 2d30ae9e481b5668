"""The examples of the HSDS 3 specification do what their names say."""

from pathlib import Path

import pytest

from services.directory.feeds import FeedUnreadable, read_feed

FOLDER = "hsds3-spec/examples"

pytestmark = pytest.mark.data

IN_FULL = ["service_full.json", "service_at_location_full.json", "organization_full.json", "tabular.json"]
WITHOUT_SERVICES = ["base.json", "location.json", "organization_list.json", "taxonomy.json", "taxonomy_list.json", "taxonomy_term.json"]


@pytest.mark.parametrize("name", IN_FULL)
def test_a_service_in_full_is_one_group_with_its_facts(data: Path, name: str) -> None:
    reading = read_feed(str(data / name))
    assert (reading.read, reading.usable, reading.whole) == (1, 1, True)
    [group] = reading.groups
    assert (group.group_id, group.name, group.status) == ("e94c9f38-1e8f-4564-91d4-d53501ab1765", "Community Counselling", "active")
    assert group.organisation == "Example Organization Inc."
    assert [(session.weekday, session.start, session.end) for session in group.sessions] == [("thu", "10:00", "18:00"), ("fri", "10:00", "18:00")]
    assert (group.minimum_age, group.maximum_age, group.languages, group.access) == (12, 100, ["ur"], ["hearing_loop", "step_free"])
    assert group.postcode == "ABC 1234"


@pytest.mark.parametrize("name", IN_FULL)
def test_its_position_off_the_earth_is_dropped_and_told_and_its_price_for_some_is_not_everybodys(data: Path, name: str) -> None:
    reading = read_feed(str(data / name))
    [group] = reading.groups
    assert (group.latitude, group.longitude, group.cost) == (None, None, None)
    reasons = {problem.reason for problem in reading.problems}
    assert {"off the Earth, position left unknown", "no one price for everybody, cost left unknown"} <= reasons


@pytest.mark.parametrize("name", ["service_list.json", "service_at_location_list.json"])
def test_one_page_of_ten_is_read_and_known_not_to_be_the_whole_list(data: Path, name: str) -> None:
    reading = read_feed(str(data / name))
    assert (reading.usable, reading.whole) == (1, False)


@pytest.mark.parametrize("name", WITHOUT_SERVICES)
def test_a_document_without_services_is_refused(data: Path, name: str) -> None:
    with pytest.raises(FeedUnreadable, match="no services"):
        read_feed(str(data / name))


def test_the_folder_of_them_all_is_one_group(data: Path) -> None:
    assert [group.group_id for group in read_feed(str(data)).groups] == ["e94c9f38-1e8f-4564-91d4-d53501ab1765"]
