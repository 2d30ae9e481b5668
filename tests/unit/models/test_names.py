"""What a person is called by, and that it is never their surname."""

import pytest

from models.names import first_name


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ada Byron", "Ada"),
        ("Ada", "Ada"),
        ("Mr John Smith", "John"),
        ("Dr. Prof. Mary Jones", "Mary"),
        ("Smith, John", "John"),
        ("Smith, Mr John", "John"),
        ("SMITH, John (Mr)", "John"),
        ("SMITH, JOHN", "JOHN"),
        ("SMITH John", "John"),
        ("JJ Abrams", "JJ"),
        ("John Smith, MBE", "John"),
        ("太极", "太极"),
    ],
)
def test_a_first_name_is_found_however_the_name_is_written(written: str, said: str) -> None:
    assert first_name(written) == said


@pytest.mark.parametrize("written", [None, "", "  ", "Mr", "Mrs Smith", "Dr. Patel", "Mr & Mrs Smith", "Mr SMITH", "Smith,", "Smith, (Mr)"])
def test_what_may_be_a_surname_is_no_first_name(written: str | None) -> None:
    assert first_name(written) is None


def test_a_first_name_is_its_own_first_name() -> None:
    assert first_name(first_name("Smith, John")) == "John"
