"""HSDS 3 and Open Referral UK services become groups, one for each place."""

from typing import Any

import pytest

from services.directory.feeds import FeedUnreadable, read_feed
from tests.unit.directory.feed_cases import ADDRESS, fetch_of, only, read, service, told, weekly


def page(*items: Any, number: int = 1, pages: int = 1, total: int | None = None) -> dict[str, Any]:
    """A list page."""
    return {"total_items": len(items) * pages if total is None else total, "total_pages": pages, "page_number": number, "contents": list(items)}


def nested(depth: int) -> list[Any]:
    """Lists in lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_service_is_read_with_everything_that_is_certain_of_it() -> None:
    reading = read(
        service(
            description="<p>Sing with us</p>",
            status="temporarily closed",
            minimum_age=18,
            fees_description="£2.50 a session",
            eligibility_description="Women only",
            assured_date="2026-01-31",
            organization={"id": "o1", "name": "Harmony", "description": ""},
            schedules=[{"id": "t1", "freq": "WEEKLY", "byday": "TU", "opens_at": "19:00", "closes_at": "21:00"}],
            languages=[{"id": "x", "name": "Welsh"}, {"id": "y", "code": "eng"}],
            attributes=[{"id": "a", "taxonomy_term": {"id": "t", "name": "Singing", "taxonomy": "interests"}}],
            capacities=[{"id": "c", "available": 3, "maximum": 12, "updated": "2026-02-01T10:00:00Z"}],
            contacts=[{"id": "p", "name": "Ann", "email": "ann@harmony.example", "phones": [{"id": "q", "number": "+44 20 7946 0000"}]}],
        )
    )
    group = only(reading)
    assert reading.problems == ()
    assert (group.group_id, group.name, group.description, group.organisation, group.status) == ("sal1", "Choir", "Sing with us", "Harmony", "paused")
    assert (group.latitude, group.longitude, group.mode) == (51.5, -0.12, "in_person")
    assert (group.minimum_age, group.genders, group.cost, group.currency) == (18, ["female"], 2.5, "GBP")
    assert (group.tags, group.languages, [weekly(session) for session in group.sessions]) == (["singing"], ["cy", "en"], ["tue 19:00-21:00"])
    assert str(group.assured_on) == "2026-01-31"
    assert group.capacity is not None
    assert (group.capacity.maximum, group.capacity.available, group.capacity.model_extra) == (12, 3, {"updated": "2026-02-01T10:00:00Z"})
    assert group.contact is not None
    assert (group.contact.name, group.contact.email, group.contact.phone) == ("Ann", "ann@harmony.example", "+44 20 7946 0000")


def test_a_service_at_two_places_is_two_groups_and_none_of_them_has_the_capacity_of_both() -> None:
    places = [{"id": "a", "location": {"id": "l1"}}, {"id": "b", "location": {"id": "l2"}}]
    reading = read(service(service_at_locations=places, capacities=[{"id": "c", "maximum": 12, "available": 3}]))
    assert [(group.group_id, group.capacity) for group in reading.groups] == [("a", None), ("b", None)]


def test_places_without_an_id_are_told_apart_by_their_location() -> None:
    places = [{"location": {"id": "l1"}}, {"location": {"name": "Town hall"}}]
    assert [group.group_id for group in read(service(service_at_locations=places)).groups] == ["s1:l1", "s1:Town hall"]
    assert [group.group_id for group in read(service(service_at_locations=places[:1])).groups] == ["s1"]


def test_a_service_without_a_place_is_a_group_too() -> None:
    assert only(read(service(service_at_locations=[]))).group_id == "s1"


def test_a_service_at_a_location_is_read_from_its_own_document() -> None:
    document = {"id": "sal9", "service": {"id": "s1", "name": "Choir", "status": "active"}, "location": {"id": "l1", "location_type": "virtual"}}
    group = only(read(document))
    assert (group.group_id, group.mode) == ("sal9", "online")


def test_the_services_of_an_organization_are_read_with_its_name() -> None:
    reading = read({"id": "o1", "name": "Harmony", "description": "", "services": [service(), service(id="s2", service_at_locations=[])]})
    assert [(group.group_id, group.organisation) for group in reading.groups] == [("sal1", "Harmony"), ("s2", "Harmony")]


def test_the_schedule_of_the_place_goes_before_that_of_the_service_and_the_buildings_hours_count_for_nothing() -> None:
    def schedule(day: str) -> dict[str, str]:
        return {"freq": "WEEKLY", "byday": day, "opens_at": "10:00", "closes_at": "12:00"}

    place = {"id": "a", "schedules": [schedule("TU")], "location": {"id": "l1", "schedules": [schedule("WE")]}}
    assert [weekly(s) for s in only(read(service(service_at_locations=[place], schedules=[schedule("MO")]))).sessions] == ["tue 10:00-12:00"]
    del place["schedules"]
    assert [weekly(s) for s in only(read(service(service_at_locations=[place], schedules=[schedule("MO")]))).sessions] == ["mon 10:00-12:00"]
    assert only(read(service(service_at_locations=[place]))).sessions == []


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"), [(100, 101, "off the Earth, position left unknown"), (0, 0, "0, 0 is in the sea, position left unknown")]
)
def test_a_position_that_cannot_be_is_dropped_and_told_where_it_stands(latitude: float, longitude: float, reason: str) -> None:
    place = {"id": "a", "location": {"id": "l1", "location_type": "physical", "latitude": latitude, "longitude": longitude}}
    reading = read(service(service_at_locations=[place]))
    assert only(reading).latitude is None
    assert told(reading) == [(1, "service_at_locations.location.latitude", reason, "repaired")]


def test_several_prices_are_no_price_and_one_for_everybody_is() -> None:
    concession = {"id": "c1", "option": "Seniors", "amount": 1, "currency": "gbp"}
    general = {"id": "c2", "amount": 3, "currency": "gbp", "amount_description": "per session"}
    reading = read(service(cost_options=[concession, general]))
    assert only(reading).cost is None
    assert told(reading) == [(1, "cost_options.amount", "no one price for everybody, cost left unknown", "repaired")]
    assert (only(read(service(cost_options=[general]))).cost, only(read(service(cost_options=[general]))).currency) == (3.0, "GBP")


@pytest.mark.parametrize(
    ("item", "field", "reason"),
    [
        ({"id": "s9", "status": "active"}, "name", "is missing"),
        ({"name": "x", "status": "active"}, "id", "is missing"),
        ("a text", "", "not an object"),
        (None, "", "not an object"),
        ({"id": "s9", "name": "x", "deep": nested(70)}, "", "nested deeper than 64"),
    ],
)
def test_a_bad_item_of_a_page_is_rejected_and_its_neighbours_are_read(item: object, field: str, reason: str) -> None:
    reading = read(page(service(), item, service(id="s2", service_at_locations=[])))
    assert [group.group_id for group in reading.groups] == ["sal1", "s2"]
    assert told(reading) == [(2, field, reason, "rejected")]
    assert (reading.read, reading.rejected) == (3, 1)


def test_an_item_nested_without_end_does_not_take_its_page_with_it() -> None:
    good = b'{"id": "%s", "name": "Choir", "status": "active", "schedules": []}'
    deep = b'{"id": "d", "name": "Deep", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    reading = read(b'{"total_pages": 1, "contents": [' + good % b"a" + b"," + deep + b"," + good % b"b" + b"]}")
    assert [group.group_id for group in reading.groups] == ["a", "b"]
    assert told(reading) == [(2, "", "nested deeper than 64", "rejected")]


def test_a_head_is_merged_into_the_same_service_in_full() -> None:
    head = {"id": "s1", "name": "Choir", "status": "active"}
    reading = read([head, service()])
    assert [group.group_id for group in reading.groups] == ["sal1"]
    assert told(reading) == [(1, "id", "given again in less detail, merged", "repaired")]


def test_pages_of_the_first_uk_version_are_read() -> None:
    old = {
        "id": "s1",
        "name": "Choir",
        "status": "active",
        "eligibilitys": [{"id": "e", "eligibility": "aged 18 and over"}],
        "service_taxonomys": [{"id": "t", "taxonomy": {"id": "x", "name": "Singing", "vocabulary": "esd"}}],
        "regular_schedules": [{"id": "r", "byday": "MO", "opens_at": "10:00", "closes_at": "12:00"}],
        "service_at_locations": [
            {"id": "sal1", "location": {"id": "l", "latitude": 51.5, "longitude": -0.1, "physical_addresses": [{"postal_code": "N1 9GU"}]}}
        ],
    }
    group = only(read({"totalElements": 1, "totalPages": 1, "number": 0, "last": True, "content": [old]}))
    assert (group.minimum_age, group.tags, group.postcode, [weekly(s) for s in group.sessions]) == (18, ["singing"], "N1 9GU", ["mon 10:00-12:00"])


@pytest.mark.parametrize(
    "document", [{"id": "t", "name": "Terms", "uri": "http://x.example", "version": "1"}, {"id": "l", "location_type": "physical", "schedules": []}]
)
def test_a_document_without_services_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(FeedUnreadable, match="there are no services in this document"):
        read(document)


def test_an_empty_list_is_a_whole_reading_of_nothing() -> None:
    reading = read(page())
    assert (reading.read, reading.whole, reading.problems) == (0, True, ())


def test_a_lone_surrogate_in_a_name_is_replaced() -> None:
    assert only(read(b'{"id": "s1", "name": "Ch\\ud800ir", "status": "active", "schedules": []}')).name == "Ch\N{REPLACEMENT CHARACTER}ir"


def test_the_address_of_an_interface_leads_to_its_services() -> None:
    root = "https://feed.example/uk/v3"
    bodies = {f"{root}?full=true": {"version": "HSDS-UK-3.0", "openapi_url": "x"}, f"{root}/services?full=true": page(service())}
    assert only(read_feed(root, fetch=fetch_of(bodies))).group_id == "sal1"


def test_an_address_that_will_have_no_more_asked_of_it_is_read_as_it_is_given() -> None:
    signed = f"{ADDRESS}?signature=abc"
    assert only(read_feed(signed, fetch=fetch_of({signed: page(service())}))).group_id == "sal1"


def test_other_documents_on_the_web_are_read_as_files_are() -> None:
    bodies = {ADDRESS: b"group_id,name\ng1,Choir\n", f"{ADDRESS}?full=true": b"group_id,name\ng1,Choir\n"}
    assert only(read_feed(ADDRESS, fetch=fetch_of(bodies))).group_id == "g1"
    assert only(read_feed(ADDRESS, format="csv", fetch=fetch_of(bodies))).group_id == "g1"
