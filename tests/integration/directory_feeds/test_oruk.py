"""The pages of the Open Referral UK 3 mock interface, in each of its variants."""

from pathlib import Path

import pytest

from services.directory.feeds import read_feed

FOLDER = "oruk3-mocks"

pytestmark = pytest.mark.data

VARIANTS = ["V3.0-UK-Default", "V3.0-UK-Warn", "V3.0-UK-Test"]
PLACE = "e94c9f38-1e8f-4564-91d4-d53501ab1765"


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", ["service_full.json", "organization_full.json", "service_at_location_full.json"])
def test_a_service_in_full_is_usable(data: Path, variant: str, name: str) -> None:
    reading = read_feed(str(data / variant / name), format="oruk")
    assert (reading.read, reading.usable, reading.rejected, reading.whole) == (1, 1, 0, True)
    [group] = reading.groups
    assert (group.name, group.minimum_age, len(group.sessions)) == ("Community Counselling", 12, 2)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_folder_of_pages_is_read_whole_and_without_a_loss(data: Path, variant: str) -> None:
    reading = read_feed(str(data / variant))
    assert (reading.rejected, reading.whole) == (0, True)
    assert PLACE in {group.group_id for group in reading.groups}


def test_a_document_that_names_another_place_is_another_group(data: Path) -> None:
    assert read_feed(str(data / "V3.0-UK-Warn")).usable == 2


def test_of_a_list_that_gives_one_id_to_many_services_the_first_is_kept_and_the_rest_are_told(data: Path) -> None:
    reading = read_feed(str(data / "V3.0-UK-Test" / "service_list.json"))
    assert (reading.read, reading.usable, reading.rejected) == (78, 1, 77)
    assert reading.problems[-1].row > 100
    assert {problem.field for problem in reading.problems} == {"group_id"}
