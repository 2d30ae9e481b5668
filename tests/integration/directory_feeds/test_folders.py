"""Files and folders: told apart by what is in them, and one that is broken does not take the others with it."""

import json
from pathlib import Path

import pytest

from services.directory.feeds import FeedUnreadable, read_feed

SERVICES = "id,name,organization_id,status\ns1,Choir,o1,active\ns2,Walk,o1,active\n"
GROUP = '{"group_id": "g1", "name": "Choir"}\n'


def written(folder: Path, **files: str | bytes) -> Path:
    """A folder with these files; a double underscore stands for the dot, a triple one for a slash."""
    for name, content in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def ids(location: Path) -> list[str]:
    return [group.group_id for group in read_feed(str(location)).groups]


def test_a_package_names_its_files_wherever_they_are_in_it(tmp_path: Path) -> None:
    resources = [{"name": "service", "path": "services.csv"}, {"name": "organization", "path": "organizations.csv"}]
    folder = written(
        tmp_path,
        datapackage__json=json.dumps({"resources": resources}),
        data___services__csv=SERVICES,
        data___organizations__csv="id,name\no1,Harmony\n",
        data___notes__csv="a,b\n1,2\n",
    )
    reading = read_feed(str(folder))
    assert [(group.group_id, group.organisation) for group in reading.groups] == [("s1", "Harmony"), ("s2", "Harmony")]
    assert reading.problems == ()


def test_a_package_cannot_reach_outside_its_folder(tmp_path: Path) -> None:
    outside = written(tmp_path / "outside", services__csv=SERVICES)
    folder = written(
        tmp_path / "inside",
        datapackage__json=json.dumps({"resources": [{"name": "service", "path": f"../{outside.name}/services.csv"}]}),
        other__csv="id,name\n",
    )
    assert ids(folder) == []


def test_a_folder_of_tables_is_read_as_hsds_and_one_of_group_files_as_groups(tmp_path: Path) -> None:
    assert ids(written(tmp_path / "a", services__csv=SERVICES)) == ["s1", "s2"]
    assert ids(written(tmp_path / "b", east__csv="group_id,name\ng1,Choir\n", west__csv="group_id,name\ng2,Walk\n")) == ["g1", "g2"]
    assert ids(written(tmp_path / "c", a__jsonl=GROUP, b__jsonl=GROUP.replace("g1", "g2"))) == ["g1", "g2"]


def test_a_folder_of_pages_is_whole_only_with_every_page(tmp_path: Path) -> None:
    def page(number: int) -> str:
        item = {"id": f"s{number}", "name": "Choir", "status": "active"}
        return json.dumps({"page_number": number, "total_pages": 3, "contents": [item]})

    folder = written(tmp_path, page_1__json=page(1), page_2__json=page(2))
    assert (ids(folder), read_feed(str(folder)).whole) == (["s1", "s2"], False)
    written(tmp_path, page_3__json=page(3))
    assert (ids(folder), read_feed(str(folder)).whole) == (["s1", "s2", "s3"], True)


def test_a_broken_file_in_a_folder_is_told_and_the_reading_is_not_whole(tmp_path: Path) -> None:
    reading = read_feed(
        str(written(tmp_path, a__json="{broken", b__json=json.dumps({"contents": [{"id": "s1", "name": "Choir", "status": "active"}]})))
    )
    assert ([group.group_id for group in reading.groups], reading.whole) == (["s1"], False)
    assert reading.problems[0].reason.startswith("the file could not be read: ")
    reading = read_feed(str(written(tmp_path / "tables", services__csv=SERVICES, locations__csv=b"PK\x03\x04")))
    assert (reading.usable, reading.whole) == (2, False)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "there is no file in it that can be read as hsds, oruk, csv and jsonl"),
        ({"readme__txt": "hello"}, "there is no file in it"),
        ({"a__json": "{"}, "no services"),
    ],
)
def test_a_folder_with_nothing_to_read_is_refused(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(FeedUnreadable, match=message):
        read_feed(str(written(tmp_path, **files)))


def test_a_path_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(FeedUnreadable, match=r"nowhere': cannot be opened: no such file or directory$"):
        read_feed(str(tmp_path / "nowhere"))


def test_a_table_that_windows_wrote_is_read(tmp_path: Path) -> None:
    written(tmp_path, utf16__csv="group_id,name\ng1,Chœur\n".encode("utf-16"), bom__csv="group_id,name\ng1,Chœur\n".encode("utf-8-sig"))
    written(tmp_path, cp1252__csv="group_id,name\ng1,Chœur\n".encode("cp1252"))
    for name in ("utf16", "bom", "cp1252"):
        [group] = read_feed(str(tmp_path / f"{name}.csv")).groups
        assert group.name == "Chœur"


def test_a_line_of_fifty_megabytes_costs_itself_only(tmp_path: Path) -> None:
    long = b'{"group_id": "x", "name": "' + b"x" * 50_000_000 + b'"}\n'
    reading = read_feed(str(written(tmp_path, groups__jsonl=GROUP.encode() + long + GROUP.replace("g1", "g2").encode()) / "groups.jsonl"))
    assert ([group.group_id for group in reading.groups], reading.rejected) == (["g1", "g2"], 1)
    assert (reading.problems[0].row, reading.problems[0].reason) == (2, "longer than 1,048,576 bytes")
    table = b"group_id,name\ng1,Choir\nx," + b"x" * 50_000_000 + b"\ng2,Walk\n"
    assert ids(written(tmp_path, groups__csv=table) / "groups.csv") == ["g1", "g2"]
    services = {"contents": [{"id": "s1", "name": "x" * 50_000_000, "status": "active"}, {"id": "s2", "name": "Walk", "status": "active"}]}
    reading = read_feed(str(written(tmp_path, page__json=json.dumps(services)) / "page.json"))
    assert [(group.group_id, len(group.name)) for group in reading.groups] == [("s1", 500), ("s2", 4)]


def test_a_hundred_thousand_groups_are_read(tmp_path: Path) -> None:
    lines = "".join(f'{{"group_id": "g{number}", "name": "Choir {number}", "sessions": "Mon 10:00-12:00"}}\n' for number in range(100_000))
    assert read_feed(str(written(tmp_path, many__jsonl=lines) / "many.jsonl")).usable == 100_000
