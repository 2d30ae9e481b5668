"""What a table of an HSDS package is and what holds for its rows, in HSDS 1.x, 2, 3 and in the Ohana dialect.

A row that lacks what it cannot do without, or that belongs to nothing, is rejected with the reason; what it merely should have is reported, and the
row is used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from services.directory.feeds.csv_rows import Row, Sheet
from services.directory.feeds.reading import Problem

_ALIASES = {
    "organization": "organizations",
    "service": "services",
    "location": "locations",
    "program": "programs",
    "service_at_location": "services_at_location",
    "service_at_locations": "services_at_location",
    "address": "addresses",
    "physical_address": "addresses",
    "physical_addresses": "addresses",
    "mail_addresses": "postal_addresses",
    "schedule": "schedules",
    "regular_schedule": "schedules",
    "regular_schedules": "schedules",
    "holiday_schedule": "holiday_schedules",
    "language": "languages",
    "accessibility_for_disabilities": "accessibility",
    "taxonomy": "terms",
    "taxonomy_term": "terms",
    "taxonomy_terms": "terms",
    "service_taxonomy": "attributes",
    "services_taxonomy": "attributes",
    "service_attribute": "attributes",
    "service_attributes": "attributes",
    "attribute": "attributes",
    "eligibilitys": "eligibility",
    "contact": "contacts",
    "phone": "phones",
    "cost_option": "cost_options",
    "service_capacity": "capacities",
    "service_capacities": "capacities",
}

TABLES = frozenset(_ALIASES.values()) | {"eligibility"}

# A file whose name says nothing ("valid_service.csv") is known by the columns that only its table has; the first that fits counts.
_SIGNATURES: tuple[tuple[str, frozenset[str]], ...] = (
    ("services", frozenset({"name", "application_process"})),
    ("services", frozenset({"name", "status", "organization_id"})),
    ("locations", frozenset({"latitude", "longitude"})),
    ("organizations", frozenset({"name", "legal_status"})),
    ("services_at_location", frozenset({"id", "service_id", "location_id", "description"})),
    ("postal_addresses", frozenset({"address_1", "attention"})),
    ("addresses", frozenset({"address_1", "postal_code"})),
    ("holiday_schedules", frozenset({"closed", "start_date"})),
    ("schedules", frozenset({"opens_at", "closes_at"})),
    ("phones", frozenset({"number", "location_id"})),
    ("contacts", frozenset({"name", "title", "department"})),
    ("terms", frozenset({"taxonomy_id", "name", "parent_id"})),
    ("programs", frozenset({"id", "organization_id", "name"})),
)


def table_name(file: str, columns: Iterable[str] = ()) -> str | None:
    """Which table a file is, by its name and else by its columns; None where it is none that is known."""
    stem = PurePath(file).stem.lower()
    named = _ALIASES.get(stem, stem)
    if named in TABLES:
        return named
    have = frozenset(columns)
    return next((table for table, signature in _SIGNATURES if signature <= have), None)


@dataclass(frozen=True)
class Rules:
    """What holds for the rows of a table."""

    required: tuple[str, ...] = ()
    """Without one of these the row is rejected."""
    required_by_ohana: tuple[str, ...] = ()
    """The same in the Ohana dialect, whose tables know no service at a location."""
    expected: tuple[str, ...] = ()
    """Without one of these the row is used, and reported; a table that has not the column is no worse for it."""
    expected_beside: str = ""
    """The column that has to be there for anything to be expected."""
    belongs_to: tuple[str, ...] = ()
    """One of these has to say what the row belongs to."""
    dates: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    """The header has to have these."""
    references: Mapping[str, str] = field(default_factory=dict)
    """Which table a column points into."""


_SERVICE = {"service_id": "services"}
_LOCATION = {"location_id": "locations"}
_ORGANIZATION = {"organization_id": "organizations"}
_EVERYBODY = ("service_id", "location_id", "organization_id", "service_at_location_id", "contact_id")

RULES: Mapping[str, Rules] = {
    "organizations": Rules(required=("id", "name"), dates=("date_incorporated",)),
    "programs": Rules(required=("id", "organization_id", "name"), columns=("alternate_name",), references=_ORGANIZATION),
    "services": Rules(references={**_ORGANIZATION, **_LOCATION}),
    "locations": Rules(required=("id",), expected=("name",), references=_ORGANIZATION),
    "services_at_location": Rules(required=("service_id",), references={**_SERVICE, **_LOCATION}),
    "addresses": Rules(expected=("address_1", "city", "postal_code"), belongs_to=("location_id", "organization_id"), references=_LOCATION),
    "postal_addresses": Rules(expected=("address_1", "city"), belongs_to=("location_id", "organization_id"), references=_LOCATION),
    "schedules": Rules(
        expected=("opens_at", "closes_at"),
        expected_beside="weekday",
        belongs_to=("service_id", "location_id", "service_at_location_id"),
        references={**_SERVICE, **_LOCATION},
    ),
    "holiday_schedules": Rules(
        required=("closed", "start_date", "end_date"),
        belongs_to=("service_id", "location_id", "service_at_location_id"),
        dates=("start_date", "end_date"),
        references={**_SERVICE, **_LOCATION},
    ),
    "languages": Rules(belongs_to=("service_id", "location_id", "phone_id"), references={**_SERVICE, **_LOCATION}),
    "accessibility": Rules(belongs_to=("location_id",), references=_LOCATION),
    "eligibility": Rules(belongs_to=("service_id",), references=_SERVICE),
    "attributes": Rules(belongs_to=("service_id", "link_id")),
    "cost_options": Rules(belongs_to=("service_id",), references=_SERVICE),
    "capacities": Rules(belongs_to=("service_id",), references=_SERVICE),
    "terms": Rules(required=("name",), references={"parent_id": "terms"}),
    "contacts": Rules(required_by_ohana=("name",), belongs_to=_EVERYBODY, references={**_SERVICE, **_LOCATION, **_ORGANIZATION}),
    "phones": Rules(
        required=("number",), required_by_ohana=("number_type",), belongs_to=_EVERYBODY, references={**_SERVICE, **_LOCATION, **_ORGANIZATION}
    ),
}


@dataclass(frozen=True)
class Table:
    """The rows of a table that can be used, each with what was met on it, and the lines of report about the others."""

    rows: tuple[Row, ...] = ()
    rejected: tuple[Problem, ...] = ()


def checked(table: str, sheet: Sheet) -> Table:
    """Hold the rows of a sheet against the rules of its table."""
    rules = RULES.get(table, Rules())
    rows, rejected = [], []
    for row in sheet.rows:
        faults = [Problem(*row.spot, column, reason, "rejected") for column, reason in _faults(rules, sheet.columns, row)]
        if faults:
            rejected.extend(faults)
        else:
            lacks = tuple(Problem(*row.spot, column, reason, "repaired") for column, reason in _lacks(rules, sheet.columns, row))
            rows.append(Row(row.values, row.spot, row.problems + lacks) if lacks else row)
    missing = [Problem(sheet.name, 1, column, "the column is missing", "repaired") for column in rules.columns if column not in sheet.columns]
    return Table(tuple(rows), (*missing, *rejected))


def _faults(rules: Rules, columns: tuple[str, ...], row: Row) -> Iterable[tuple[str, str]]:
    ohana = () if "service_at_location_id" in columns else rules.required_by_ohana
    for column in (*rules.required, *ohana):
        if not row.values.get(column, "").strip():
            yield column, "is missing"
    belonging = [column for column in rules.belongs_to if column in columns]
    if rules.belongs_to and not any(row.values.get(column, "").strip() for column in belonging):
        yield (belonging or list(rules.belongs_to))[0], "belongs to nothing"


def _lacks(rules: Rules, columns: tuple[str, ...], row: Row) -> Iterable[tuple[str, str]]:
    for column in rules.expected if not rules.expected_beside or rules.expected_beside in columns else ():
        if column in columns and not row.values.get(column, "").strip():
            yield column, "is missing"
    for column in rules.dates:
        if (said := row.values.get(column, "").strip()) and not _is_date(said):
            yield column, f"not a date: {said[:30]}"


def _is_date(said: str) -> bool:
    """Whether a text is a date as HSDS (ISO 8601) or as the American tables write it."""
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%B %d, %Y"):
        try:
            datetime.strptime(said, form)  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
        return True
    return False
