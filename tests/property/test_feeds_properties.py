"""Reading a directory never raises, loses no good row to a bad one, and does not depend on the order of the rows."""

import csv
import io
import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.group import Group
from services.directory.feeds import FeedUnreadable, Reading, read_feed
from services.directory.feeds.formats import Format
from services.directory.feeds.text import plain
from services.directory.feeds.times import parse_times

ADDRESS = "https://feed.example/list"
GOOD = {"group_id": "the good one", "name": "Choir"}

# Scalars that break readers, and whatever JSON can hold.
NASTY = st.sampled_from(["", "=1+1", "\x00", "NaN", "9" * 5_000, "\ud800", "\\n", "–", "0,0", "-1", "2026-13-45", '"', "true", "İ", "x" * 20_000])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | NASTY
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12)

FIELDS = st.sampled_from([*Group.model_fields, "unknown"])
LOOSE = st.dictionaries(FIELDS, JSON, max_size=12)
RECORDS = LOOSE | LOOSE.map(lambda record: {**GOOD, "group_id": "x", **record})
SERVICE_FIELDS = st.sampled_from(
    (
        *("id", "name", "description", "status", "fees", "fees_description", "eligibility_description", "minimum_age", "maximum_age", "keywords"),
        *("schedules", "languages", "attributes", "cost_options", "capacities", "service_at_locations", "location", "organization", "contacts"),
        *("phones", "accessibility", "latitude", "opens_at", "closes_at", "byday", "freq", "interval", "dtstart", "weekday", "code", "amount"),
        *("option", "taxonomy_term", "addresses", "postal_code", "services", "service", "uri", "version", "location_type"),
    )
)
SERVICES = st.recursive(
    st.dictionaries(SERVICE_FIELDS, SCALARS, max_size=8),
    lambda inner: st.dictionaries(SERVICE_FIELDS, inner | st.lists(inner, max_size=3) | SCALARS, max_size=8),
    max_leaves=10,
)
unhurried = settings(suppress_health_check=[HealthCheck.too_slow])


def read(body: bytes, format: Format) -> Reading:
    bodies = {ADDRESS: body, f"{ADDRESS}?full=true": body}
    return read_feed(ADDRESS, format=format, fetch=lambda address: bodies.get(address, b"{}"))


def consistent(reading: Reading) -> None:
    """What holds for the counts of every reading."""
    assert reading.read == reading.usable + reading.rejected
    assert 0 <= reading.repaired <= reading.usable
    assert len({group.group_id for group in reading.groups}) == reading.usable
    assert all(problem.row >= 1 and problem.reason for problem in reading.problems)
    assert reading.rejected == 0 or any(problem.action == "rejected" for problem in reading.problems)
    for group in reading.groups:
        assert (group.latitude is None) == (group.longitude is None)
        json.dumps(group.model_dump(mode="json")).encode()


@unhurried
@given(st.lists(RECORDS, max_size=5), st.data())
def test_a_good_line_is_read_whatever_stands_around_it(records: list[dict[str, Any]], data: st.DataObject) -> None:
    lines = [json.dumps(record) for record in records]
    lines.insert(data.draw(st.integers(0, len(lines))), json.dumps(GOOD))
    reading = read("\n".join(lines).encode(), "jsonl")
    consistent(reading)
    assert "the good one" in {group.group_id for group in reading.groups}


@unhurried
@given(st.lists(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")), max_size=6))
def test_any_bytes_among_the_lines_take_no_good_line_with_them(junk: list[bytes]) -> None:
    good = json.dumps(GOOD).encode()
    separated = [piece.replace(b"\n", b"").replace(b"\r", b"") for piece in junk]
    reading = read(b"\n".join([good, *separated, good.replace(b"the good one", b"the last one")]), "jsonl")
    consistent(reading)
    assert {"the good one", "the last one"} <= {group.group_id for group in reading.groups}


@unhurried
@given(st.lists(st.lists(SCALARS.map(str), min_size=1, max_size=6), max_size=6))
def test_a_good_row_of_a_table_is_read_whatever_the_cells_around_it_hold(rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([["group_id", "name", "sessions", "latitude", "longitude"], *rows, ["the good one", "Choir", "Mon 10:00-12:00", "51.5", "-0.1"]])
    reading = read(text.getvalue().encode("utf-8", "surrogatepass"), "csv")
    consistent(reading)
    [found] = [group for group in reading.groups if group.group_id == "the good one"]
    assert (found.name, found.latitude, found.longitude, len(found.sessions)) == ("Choir", 51.5, -0.1, 1)


@unhurried
@given(st.lists(st.text(alphabet='a1,;"\n\r\t\\= ', max_size=30), max_size=8))
def test_raw_lines_of_commas_and_quotes_never_swallow_the_rows_after_them(junk: list[str]) -> None:
    head, good = "group_id,name,tags\n", "the good one,Choir,singing\n"
    body = head + "\n".join(junk) + "\n" + good * 2
    reading = read(body.encode(), "csv")
    consistent(reading)
    assert "the good one" in {group.group_id for group in reading.groups}


@unhurried
@given(st.lists(SERVICES | JSON, max_size=4))
def test_a_good_service_is_read_whatever_stands_on_its_page(items: list[Any]) -> None:
    good = {"id": "the good one", "name": "Choir", "status": "active", "schedules": []}
    strangers = [item for item in items if not (isinstance(item, dict) and item.get("id") == good["id"])]
    reading = read(json.dumps({"contents": [*strangers, good]}).encode(), "hsds")
    consistent(reading)
    assert "the good one" in {group.group_id for group in reading.groups}


@unhurried
@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()), st.sampled_from(["auto", "hsds", "csv", "jsonl"]))
def test_any_file_is_read_or_refused_in_one_line(body: bytes, format: Format) -> None:
    refusal = ""
    try:
        consistent(read(body, format))
    except FeedUnreadable as refused:
        refusal = str(refused)
    assert "\n" not in refusal
    assert not refusal or refusal.startswith(ADDRESS)


@given(st.lists(RECORDS, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_no_group(records: list[dict[str, Any]], random: Random) -> None:
    lines = [json.dumps(record | {"group_id": f"g{number}"}) for number, record in enumerate(records)]
    shuffled = list(lines)
    random.shuffle(shuffled)
    one, other = (read("\n".join(["{}", *order]).encode(), "jsonl") for order in (lines, shuffled))
    assert {group.group_id: group for group in one.groups} == {group.group_id: group for group in other.groups}
    assert (one.read, one.rejected, one.repaired) == (other.read, other.rejected, other.repaired)


@given(st.text(max_size=200) | st.text(alphabet="mondayfrisun0123456789:-;, apm\n", max_size=80))
def test_any_text_with_a_number_about_times_is_understood_or_handed_back(text: str) -> None:
    times = parse_times(text)
    assert times.sessions or times.unread or not any(sign in "0123456789" for sign in text)


@given(st.text(max_size=80), st.integers(1, 60))
def test_plain_text_is_within_its_limit_and_stays_as_it_is(text: str, limit: int) -> None:
    made = plain(text, limit)
    assert len(made.text) <= limit
    assert made.text.encode("utf-8").decode() == made.text
    assert made.text[:1] not in ("=", "+", "-", "@") or made.text[1:2].isdigit()
