"""A postcode as people type it is found offline, or is not known; it is never a guess among several."""

import sys
from types import SimpleNamespace

import pytest

from models.geography import Place, locate
from models.geography.geocoder import NetworkGeocoder
from models.geography.outcodes import outcodes


@pytest.mark.parametrize(
    ("typed", "area"),
    [
        ("SW1A 1AA", "SW1A"),
        ("sw1a1aa", "SW1A"),
        ("  sw1a  1aa ", "SW1A"),
        ("SW1A-1AA", "SW1A"),
        ("SW1A", "SW1A"),
        ("sw1a 1", "SW1A"),
        ("M1 1AA", "M1"),
        ("M11AA", "M1"),
        ("M11", "M11"),
        ("M111AA", "M11"),
        ("M11 1AA", "M11"),
        ("BT1 5GS", "BT1"),
        ("JE2 3AB", "JE2"),
        ("ＳＷ１Ａ　１ＡＡ", "SW1A"),
    ],
)
def test_a_uk_postcode_is_known_by_its_outward_code(typed: str, area: str) -> None:
    place = locate(typed)
    assert place is not None
    assert (place.area, place.precision) == (area, "outcode")
    assert (place.latitude, place.longitude) == outcodes()[area]


@pytest.mark.parametrize(("typed", "area"), [("CRO 2AA", "CR0"), ("E1O 5QQ", "E10"), ("SWlA 1AA", "SW1A"), ("0X1 1AA", "OX1"), ("OX1 IAA", "OX1")])
def test_one_mistaken_character_is_put_right_where_only_one_code_can_be_meant(typed: str, area: str) -> None:
    place = locate(typed)
    assert place is not None
    assert place.area == area


@pytest.mark.parametrize(
    "typed", ["NI", "EO", "II", "12", "ZZ1 1ZZ", "GIR 0AA", "", " ", "1", "x" * 30, "hello", "SW1A 1AA, London", "٣٣١٠١", "3310", "00000"]
)
def test_what_is_no_known_postcode_has_no_place(typed: str) -> None:
    assert locate(typed) is None


def test_a_lettered_london_code_missing_from_the_table_is_placed_in_its_district() -> None:
    assert "W1A" not in outcodes()
    assert locate("W1A 1AA") == locate("W1")


@pytest.mark.parametrize("typed", ["33101", "33101-1234", "331011234", " 33101 "])
def test_a_zip_of_five_or_nine_digits_is_counted_under_its_first_three(typed: str) -> None:
    assert locate(typed) == Place(25.7791, -80.1978, "331", "zip")


def test_a_zip_that_stands_at_nowhere_in_the_table_is_not_known() -> None:
    assert locate("09001") is None


def test_a_uk_postcode_never_loads_the_zip_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zipcodes", None)
    locate.cache_clear()
    assert locate("SW1A 1AA") is not None
    with pytest.raises(ImportError):
        locate("33101")
    locate.cache_clear()


def test_every_outward_code_is_found_by_itself_and_with_an_inward_code() -> None:
    for outcode, position in outcodes().items():
        for typed in (outcode, f"{outcode} 1AA", f"{outcode}1AA"):
            place = locate(typed)
            assert place is not None
            assert (place.latitude, place.longitude) == position, typed


def test_the_table_lies_within_the_british_isles() -> None:
    assert len(outcodes()) == 2856
    assert all(49 < latitude < 61 and -9 < longitude < 2 for latitude, longitude in outcodes().values())


class _Service:
    """A geocoding service that answers from a list and counts what it is asked."""

    def __init__(self, *answers: object) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    def __call__(self, query: str) -> object:
        self.asked.append(query)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_geocoders_answer_is_remembered_however_the_address_is_spaced() -> None:
    service = _Service(SimpleNamespace(latitude=48.86, longitude=2.38))
    geocoder = NetworkGeocoder(service)
    first = geocoder.find("75011  Paris")
    assert first == Place(48.86, 2.38, "48.9,2.4", "geocoder")
    assert geocoder.find(" 75011 paris ") == first
    assert service.asked == ["75011 paris"]


def test_an_address_that_is_not_found_is_not_asked_for_again() -> None:
    service = _Service(None)
    geocoder = NetworkGeocoder(service)
    assert geocoder.find("nowhere") is None
    assert geocoder.find("nowhere") is None
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        TimeoutError(),
        ValueError("rue de la Paix"),
        SimpleNamespace(),
        SimpleNamespace(latitude=95, longitude=0),
        SimpleNamespace(latitude="x", longitude=0),
    ],
)
def test_a_service_that_fails_means_not_known_and_is_asked_again(answer: object) -> None:
    geocoder = NetworkGeocoder(_Service(answer, SimpleNamespace(latitude=1, longitude=2)))
    assert geocoder.find("somewhere") is None
    assert geocoder.find("somewhere") is not None


def test_an_empty_address_asks_nobody() -> None:
    service = _Service()
    assert NetworkGeocoder(service).find("  ") is None
    assert service.asked == []


def test_an_address_of_any_length_is_cut_before_it_is_sent() -> None:
    service = _Service(None)
    NetworkGeocoder(service).find("x" * 5000)
    assert len(service.asked[0]) == 200
