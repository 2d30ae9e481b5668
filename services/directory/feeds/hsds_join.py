"""Joins the tables of an HSDS package to services in the nested shape that HSDS 3 JSON has."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from services.directory.feeds.entity import Entity
from services.directory.feeds.hsds_tables import Tables, identity
from services.directory.feeds.reading import Gathering, Problem

Owned = Mapping[str, Mapping[str, list[Entity]]]
"""By owner's id: the rows of each table that are about it."""

_OF_PLACE = ("schedules", "contacts", "phones")
_OF_SERVICE = ("schedules", "contacts", "phones", "languages", "eligibility", "cost_options", "capacities")
_OF_LOCATION = ("addresses", "accessibility", "languages", "contacts", "phones")


def services_of(tables: Tables, gathering: Gathering) -> Iterator[Entity]:
    """Every row of the services table with all that is about it, in the order of the table."""
    return _Join(tables, gathering).services()


class _Join:
    def __init__(self, tables: Tables, gathering: Gathering) -> None:
        self._tables, self._gathering = tables, gathering
        self._organizations, self._terms = self._by_id("organizations"), self._by_id("terms")
        self._of_place, self._of_service, self._of_location = self._owners()
        self._locations = {key: self._nested(row, _OF_LOCATION, self._of_location[key]) for key, row in self._by_id("locations").items()}
        self._places = self._places_by_service()
        self._attributes = self._attributes_by_service()

    def _by_id(self, table: str) -> dict[str, Entity]:
        return {identity(row): row for row in self._tables.get(table, ()) if identity(row)}

    def _owners(self) -> tuple[Owned, Owned, Owned]:
        """Share the rows out: to the service at a location where they name one, else to the service, else to the location."""
        places = {(row.text("service_id"), row.text("location_id")): identity(row) for row in self._tables.get("services_at_location", ())}
        owned: tuple[dict[str, dict[str, list[Entity]]], ...] = tuple(defaultdict(lambda: defaultdict(list)) for _ in range(3))
        for table in dict.fromkeys((*_OF_SERVICE, *_OF_LOCATION)):
            for row in self._tables.get(table, ()):
                service, location = row.text("service_id"), row.text("location_id")
                place = row.text("service_at_location_id") or places.get((service, location), "")
                if place and table in _OF_PLACE:
                    owned[0][place][table].append(row)
                elif service:
                    owned[1][service][table].append(row)
                elif location:
                    owned[2][location][table].append(row)
        return owned[0], owned[1], owned[2]

    @staticmethod
    def _nested(row: Entity, tables: tuple[str, ...], owned: Mapping[str, list[Entity]]) -> Entity:
        """The row with the rows about it under the names of their tables; a column of that name stays where there are none."""
        return replace(row, values={**row.values, **{table: owned[table] for table in tables if table in owned}})

    def _places_by_service(self) -> Mapping[str, list[Entity]]:
        places: dict[str, list[Entity]] = defaultdict(list)
        for row in self._tables.get("services_at_location", ()):
            place = self._nested(row, _OF_PLACE, self._of_place[identity(row)])
            location = self._locations.get(row.text("location_id"))
            places[row.text("service_id")].append(replace(place, values={**place.values, **({"location": location} if location else {})}))
        return places

    def _attributes_by_service(self) -> Mapping[str, list[Entity]]:
        attributes: dict[str, list[Entity]] = defaultdict(list)
        services = {identity(row) for row in self._tables.get("services", ())}
        for row in self._tables.get("attributes", ()):
            service = row.text("service_id", "link_id")
            if service not in services:
                column = row.said("service_id", "link_id")[0]
                self._gathering.report([Problem(*row.spot, column, f"points to none of the services: {service[:60]}", "rejected")])
            elif attribute := self._attribute(row, *row.said("taxonomy_id", "taxonomy_term_id")):
                attributes[service].append(attribute)
        return attributes

    def _attribute(self, row: Entity, column: str, wanted: str) -> Entity | None:
        term = self._terms.get(wanted)
        if term is None:
            reason = "points to none of the terms" if "terms" in self._tables else "the feed has no table of terms, left unknown"
            self._gathering.report([Problem(*row.spot, column, f"{reason}: {wanted[:60]}", "repaired")])
            return None
        return Entity({"taxonomy_term": term}, row.spot, "", row.problems)

    def services(self) -> Iterator[Entity]:
        for row in self._tables.get("services", ()):
            key = identity(row)
            service = self._nested(row, _OF_SERVICE, self._of_service[key])
            organization = self._organizations.get(row.text("organization_id"))
            wanted = [piece.strip() for piece in row.text("taxonomy_ids").split(",") if piece.strip()]
            terms = [attribute for piece in wanted if (attribute := self._attribute(row, "taxonomy_ids", piece))]
            more = {
                "service_at_locations": self._places.get(key) or self._own_place(row),
                "attributes": [*self._attributes.get(key, ()), *terms],
                **({"organization": organization} if organization else {}),
            }
            yield replace(service, values={**service.values, **more})

    def _own_place(self, service: Entity) -> list[Entity]:
        """HSDS 1.0 and the Ohana dialect name the location in the service's own row."""
        location = self._locations.get(service.text("location_id"))
        return [Entity({"location": location}, service.spot)] if location else []
