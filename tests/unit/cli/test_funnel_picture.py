"""The funnel's picture is sound XML, true to its numbers, and readable without eyes."""

from typing import Any
from xml.etree import ElementTree

from services.cli.funnel_picture import STEPS, funnel_picture

SVG = "{http://www.w3.org/2000/svg}"


def told(**counts: int) -> dict[str, Any]:
    return {"people": 100, "unmet": {"no_consent": 4, "wants <more> & other": 2}} | dict.fromkeys(STEPS, 0) | counts


def drawn(**counts: int) -> ElementTree.Element:
    return ElementTree.fromstring(funnel_picture(told(**counts)))


def bars(picture: ElementTree.Element) -> list[float]:
    return [float(one.get("width", "0")) for one in picture.iter(f"{SVG}rect")][2::2]


def test_each_bar_is_as_long_as_its_share_of_the_referred() -> None:
    referred, *rest = bars(drawn(referred=100, proposed=50, agreed=25))
    assert rest[0] == referred / 2
    assert rest[1] == referred / 4
    assert rest[2:] == [0, 0, 0]


def test_every_number_is_in_words_too() -> None:
    picture = drawn(referred=1234, attended_twice=77)
    said = picture.findtext(f"{SVG}desc")
    assert said is not None
    assert "1,234 were referred" in said
    assert "77 came a second time" in said
    assert picture.findtext(f"{SVG}title") == "From a referral to a second visit"


def test_reasons_are_told_the_most_frequent_first_and_whatever_they_hold() -> None:
    words = [one.text for one in drawn(referred=10).iter(f"{SVG}text")]
    assert words[-2:] == ["4  no consent", "2  wants <more> & other"]


def test_a_town_without_people_is_drawn() -> None:
    assert bars(drawn()) == [0] * len(STEPS)
