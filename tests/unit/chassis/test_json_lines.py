"""A JSON document over several lines is told from JSON Lines, and no good line is lost because one before it was cut off."""

import json
from collections.abc import Sequence

import pytest

from services.chassis.json_lines import ARRAY, DOCUMENT, LOOKED_AT, why_no_lines

ROWS = [{"id": number, "tags": ["a", {"b": [1]}], "text": "x, [y"} for number in range(30)]


def first_lines(text: str) -> Sequence[str | None]:
    return text.splitlines()[:LOOKED_AT]


@pytest.mark.parametrize("indent", [0, 1, 4])
@pytest.mark.parametrize("rows", [1, 2, 30])
def test_an_array_is_told(rows: int, indent: int) -> None:
    assert why_no_lines(first_lines(json.dumps(ROWS[:rows], indent=indent))) == ARRAY


def test_an_array_with_an_object_a_line_is_told() -> None:
    for rows in range(1, len(ROWS)):
        lines = ",\n".join(map(json.dumps, ROWS[:rows]))
        assert why_no_lines(first_lines(f"[\n{lines}\n]")) == ARRAY
    assert why_no_lines(first_lines(f"\n[{lines}]\n")) == ARRAY


@pytest.mark.parametrize("document", [ROWS[0], {"rows": ROWS}])
def test_an_object_over_several_lines_is_told(document: object) -> None:
    assert why_no_lines(first_lines(json.dumps(document, indent=2))) == DOCUMENT


@pytest.mark.parametrize("cut", ["{", "[", "[1,", "[1, 2,\n[", '{"a": 1,', '{"a":', '{"a', "[[", "[" * 100_000, "", "null", "1", "x", "[1]", "{}"])
@pytest.mark.parametrize("good", [1, 2, 30])
def test_good_lines_after_one_that_was_cut_off_are_lines(cut: str, good: int) -> None:
    lines = "\n".join(map(json.dumps, ROWS[:good]))
    assert why_no_lines(first_lines(f"{cut}\n{lines}\n")) is None


def test_nothing_is_said_of_lines_that_are_too_long_to_be_read() -> None:
    assert why_no_lines([None]) is None
    assert why_no_lines(["[", None, "]"]) is None
    assert why_no_lines([]) is None
