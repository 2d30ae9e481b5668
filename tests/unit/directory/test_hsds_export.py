"""A group shown as an HSDS 3 service has what HSDS wants, and nothing of whoever runs it."""

from datetime import date

from schemas.group import Capacity, Group, GroupContact, Session
from services.directory.hsds import as_page, as_service

GROUP = Group(
    group_id="g1",
    name="Choir",
    description="Sing & be <merry>",
    tags=["singing"],
    organisation="Harmony",
    status="paused",
    latitude=51.5,
    longitude=-0.12,
    postcode="N1 9GU",
    sessions=[Session(weekday="mon", start="19:00", end="24:00", every_weeks=2), Session(weekday="tue", start="10:00")],
    minimum_age=18,
    genders=["female"],
    languages=["en", "cy"],
    access=["hearing_loop"],
    cost=2.5,
    capacity=Capacity(maximum=12, available=3),
    contact=GroupContact(name="Ann Persona", email="ann@harmony.example", phone="+44 20 7946 0000"),
    assured_on=date(2026, 1, 31),
)


def test_a_service_says_what_the_group_says() -> None:
    service = as_service(GROUP, updated="2026-02-01T10:00:00Z")
    assert (service["id"], service["name"], service["status"], service["minimum_age"]) == ("g1", "Choir", "temporarily closed", 18)
    assert service["description"] == "Sing &amp; be &lt;merry&gt;"
    assert service["organization"]["name"] == "Harmony"
    assert [(entry["byday"], entry["interval"], entry["opens_at"], entry.get("closes_at")) for entry in service["schedules"]] == [
        ("MO", 2, "19:00", "00:00"),
        ("TU", 1, "10:00", None),
    ]
    assert [language["code"] for language in service["languages"]] == ["en", "cy"]
    assert [(option["amount"], option["currency"]) for option in service["cost_options"]] == [(2.5, "GBP")]
    assert [(entry["taxonomy_term"]["taxonomy"], entry["taxonomy_term"]["name"]) for entry in service["attributes"]] == [
        ("tags", "singing"),
        ("gender", "female"),
    ]


def test_a_place_has_its_position_its_postcode_and_its_access() -> None:
    [place] = as_service(GROUP)["service_at_locations"]
    location = place["location"]
    assert (place["id"], location["location_type"], location["latitude"], location["longitude"]) == ("g1", "physical", 51.5, -0.12)
    assert location["addresses"][0]["postal_code"] == "N1 9GU"
    assert [entry["description"] for entry in location["accessibility"]] == ["Hearing loop", "Not wheelchair accessible"]


def test_an_online_group_is_at_a_virtual_location_and_a_group_nowhere_at_none() -> None:
    [place] = as_service(Group(group_id="g", name="Chat", mode="online"))["service_at_locations"]
    assert place["location"]["location_type"] == "virtual"
    assert as_service(Group(group_id="g", name="Walk"))["service_at_locations"] == []


def test_a_capacity_is_shown_with_its_time_or_not_at_all() -> None:
    [capacity] = as_service(GROUP, free=1, updated="2026-02-01T10:00:00Z")["capacities"]
    assert (capacity["maximum"], capacity["available"], capacity["updated"]) == (12, 1, "2026-02-01T10:00:00Z")
    assert "capacities" not in as_service(GROUP)
    assert "capacities" not in as_service(Group(group_id="g", name="Walk"), updated="2026-02-01T10:00:00Z")


def test_nobodys_contact_is_shown() -> None:
    shown = repr(as_service(GROUP, free=1, updated="2026-02-01T10:00:00Z"))
    assert all(secret not in shown for secret in ("Ann", "ann@", "7946"))


def test_the_ids_stay_the_same_from_one_time_to_the_next() -> None:
    assert as_service(GROUP) == as_service(Group.model_validate_json(GROUP.model_dump_json()))


def test_a_page_counts_its_services() -> None:
    page = as_page([as_service(GROUP)], page_number=3, size=50, total_items=101)
    assert {name: value for name, value in page.items() if name != "contents"} == {
        "total_items": 101,
        "total_pages": 3,
        "page_number": 3,
        "size": 1,
        "first_page": False,
        "last_page": True,
        "empty": False,
    }
    assert as_page([], page_number=1, size=50, total_items=0)["empty"] is True
