"""Groups from HSDS services: a group is a service at a location, with the schedule, access, cost and limits that hold there.

The id is that of the service at the location, where the feed gives one; else that of the service, with the location's when there are several.
What a feed says in words becomes a fact only where the words are certain; a field of its own always goes before words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.group import Group
from services.directory.feeds.accessibility import access_in
from services.directory.feeds.costs import CURRENCIES, Cost, cost_in, is_for_everybody
from services.directory.feeds.eligibility import ages_in, genders_in
from services.directory.feeds.entity import Entity
from services.directory.feeds.fields import UNKNOWN, Values
from services.directory.feeds.languages import tag_of, tags_in
from services.directory.feeds.reading import Findings, Gathering
from services.directory.feeds.records import Origins, group_of
from services.directory.feeds.recurrence import sessions_of
from services.directory.feeds.text import plain, without_markup

GENDER_TAXONOMY, MODE_TAXONOMY = "gender", "attendance"

_SCHEDULES = ("schedules", "schedule", "regular_schedules", "regular_schedule")
_TERMS = ("attributes", "service_taxonomys", "service_taxonomy", "services_taxonomy")


def gather(service: Entity, gathering: Gathering, today: date | None = None) -> None:
    """Add a service's groups, one for each place where it is held, or one without a place."""
    places = list(service.children("service_at_locations", "service_at_location"))
    for position, place in enumerate(places or [None], start=1):
        findings = Findings()
        made = _At(service, place, alone=len(places) < 2, position=position)
        gathering.add((place or service).spot, made.group(findings, today), findings, made.group_id)


@dataclass(frozen=True)
class _At:
    """A service at one place (or at none that is known)."""

    service: Entity
    place: Entity | None
    alone: bool
    position: int

    @property
    def location(self) -> Entity | None:
        return self.place.child("location") if self.place else None

    @property
    def parts(self) -> Iterator[Entity]:
        """Where a fact may stand, the nearest to this group first."""
        return (part for part in (self.place, self.service, self.location) if part is not None)

    def group(self, findings: Findings, today: date | None) -> Group | None:
        for part in self.parts:
            findings.include(part.problems)
        values: Values = {
            "group_id": self.group_id,
            "name": self.service.text("name"),
            "description": self._description(),
            "tags": _tags(self.service, findings),
            "organisation": self._organisation(findings),
            "status": self.service.text("status"),
            "sessions": self._sessions(findings, today),
            "languages": self._languages(findings),
            "access": self._access(findings),
            "genders": self._genders(),
            "contact": self._contact(),
            "assured_on": self.service.text("assured_date")[:10],
            **(_capacity(self.service, findings) if self.alone else {}),
            **_cost(self.service, findings, today),
            **self._ages(),
            **self._position(findings),
        }
        return group_of(values, self.service.spot, findings, self._origins())

    def _origins(self) -> Origins:
        """Where the fields came from, for the report."""
        origins = {"group_id": (self.service.spot, self.service.field("id"))}
        if (organization := self.service.child("organization")) is not None:
            origins["organisation"] = (organization.spot, organization.field("name"))
        if (location := self.location) is not None:
            origins |= {field: (location.spot, location.field(field)) for field in ("latitude", "longitude")}
        return origins

    @property
    def group_id(self) -> str:
        """Stable between two reads of the same feed, whatever the order of its rows."""
        own = self.place.text("id") if self.place else ""
        service = self.service.text("id")
        if own or self.alone or not service:
            return own or service
        where = self.location.text("id", "name") if self.location else ""
        return f"{service}:{where or self.position}"

    def _description(self) -> str:
        said = self.service.text("description") or (self.place.text("description") if self.place else "")
        return without_markup(said)

    def _organisation(self, findings: Findings) -> str:
        organization = self.service.child("organization")
        if organization is None:
            return ""
        findings.include(organization.problems)
        return organization.text("name")

    def _sessions(self, findings: Findings, today: date | None) -> list[dict[str, Any]]:
        """The schedule of the service here, else that of the service; when the building is open says nothing about the group."""
        for part in (self.place, self.service):
            schedules = list(part.children(*_SCHEDULES)) if part else []
            if schedules:
                sessions = [session for schedule in schedules for session in sessions_of(schedule, findings, today)]
                return [session.model_dump() for session in dict.fromkeys(sessions)]
        return []

    def _languages(self, findings: Findings) -> list[str]:
        tags: dict[str, None] = {}
        for part in (self.service, self.location):
            for language in part.children("languages", "language") if part and not tags else ():
                findings.include(language.problems)
                tags.update(dict.fromkeys(_language(language, findings)))
            if part and not tags and isinstance(said := part.values.get("languages"), str):
                tags.update(dict.fromkeys(_language(Entity({"languages": said}, part.spot), findings)))
        return list(tags)

    def _access(self, findings: Findings) -> list[str] | None:
        if self.location is None:
            return None
        said = [self.location.text("accessibility")]
        for item in self.location.children("accessibility", "accessibility_for_disabilities"):
            findings.include(item.problems)
            said.extend((item.text("accessibility", "description"), item.text("details")))
        codes = access_in("\n".join(filter(None, said)))
        return None if codes is None else list(codes)

    def _genders(self) -> list[str] | None:
        named = [term.text("name").lower() for term in _terms(self.service) if term.text("taxonomy") == GENDER_TAXONOMY]
        certain = genders_in(_eligibility(self.service))
        return named or (list(certain) if certain else None)

    def _ages(self) -> Values:
        if self.service.text("minimum_age", "maximum_age"):
            return {field: self.service.text(field) for field in ("minimum_age", "maximum_age")}
        ages = ages_in(_eligibility(self.service))
        return {"minimum_age": ages.minimum, "maximum_age": ages.maximum}

    def _contact(self) -> Values:
        contacts = [contact for part in self.parts for contact in part.children("contacts", "contact")]
        phones = [phone for part in (*self.parts, *contacts) for phone in part.children("phones", "phone")]
        name = next(filter(None, (contact.text("name") for contact in contacts)), "")
        email = self.service.text("email") or next(filter(None, (contact.text("email") for contact in contacts)), "")
        voice = [phone.text("number").strip('"') for phone in phones if phone.text("type", "number_type") in ("", "voice", "cell", "hotline")]
        return {"name": name, "email": email, "phone": next(filter(None, voice), "")}

    def _position(self, findings: Findings) -> Values:
        """Mode, coordinates and postcode; the mode is what the location's type says, or the term that stands for both at once."""
        modes = [term.text("name").lower() for term in _terms(self.service) if term.text("taxonomy") == MODE_TAXONOMY]
        if self.location is None:
            return {"mode": modes[0] if modes else ""}
        location, kind = self.location, self.location.text("location_type").lower()
        virtual = kind == "virtual" or location.text("virtual").lower() == "true"
        given = {field: location.text(field) for field in ("latitude", "longitude")}
        if not virtual and not any(given.values()) and kind != "postal":
            findings.repaired(location.spot, location.field("latitude"), f"no coordinates, position {UNKNOWN}")
        return {"mode": modes[0] if modes else "online" if virtual else "", "postcode": _postcode(location, findings), **given}


def _postcode(location: Entity, findings: Findings) -> str:
    addresses = list(location.children("addresses", "address", "physical_addresses"))
    addresses.sort(key=lambda address: address.text("address_type").lower() not in ("", "physical"))
    for address in addresses:
        findings.include(address.problems)
        if postcode := address.text("postal_code"):
            return postcode
    return ""


def _eligibility(service: Entity) -> str:
    """What a service says about whom it is for; HSDS 1.x has a table for it, the Ohana dialect a column."""
    said = [service.text("eligibility_description", "eligibility")]
    said += [item.text("eligibility", "eligibility_description") for item in service.children("eligibility", "eligibilitys")]
    return plain("\n".join(filter(None, said)), 2_000).text


def _language(language: Entity, findings: Findings) -> tuple[str, ...]:
    name, said = language.said("code", "name", "language", "languages")
    if name == "code" and (tag := tag_of(said)):
        return (tag,)
    tags, unknown = tags_in(plain(language.text("name", "language", "languages") or said, 500).text)
    for piece in unknown:
        findings.repaired(language.spot, language.field(name), f"not a language, left out: {piece[:40]}")
    return tags


def _terms(service: Entity) -> Iterator[Entity]:
    for attribute in service.children(*_TERMS):
        yield attribute.child("taxonomy_term", "taxonomy", "term") or attribute


def _tags(service: Entity, findings: Findings) -> list[str]:
    tags: dict[str, None] = {}
    for attribute in service.children(*_TERMS):
        findings.include(attribute.problems)
    for term in _terms(service):
        findings.include(term.problems)
        if term.text("taxonomy") not in (GENDER_TAXONOMY, MODE_TAXONOMY):
            tags[term.text("name", "taxonomy_detail", "term")] = None
    tags.update(dict.fromkeys(keyword.strip() for keyword in service.text("keywords").split(",")))
    return [tag for tag in tags if tag]


def _cost(service: Entity, findings: Findings, today: date | None) -> Values:
    """The cost that the options agree on, else what the fees say in words; unknown where neither is certain."""
    options = [option for option in service.children("cost_options", "cost_option") if not _over(option, today)]
    costs = {_cost_of(option) for option in options}
    if options and (len(costs) > 1 or None in costs):
        findings.repaired(options[0].spot, options[0].field("amount"), f"no one price for everybody, cost {UNKNOWN}")
    agreed = next(iter(costs)) if len(costs) == 1 else None
    cost = agreed if options else cost_in(plain(service.text("fees_description", "fees"), 400).text)
    return {} if cost is None else {"cost": cost.amount, **({"currency": cost.currency} if cost.currency else {})}


def _over(option: Entity, today: date | None) -> bool:
    return bool(today and option.text("valid_to") and option.text("valid_to")[:10] < today.isoformat())


def _cost_of(option: Entity) -> Cost | None:
    said, about = option.text("amount"), option.text("amount_description")
    if not is_for_everybody(option.text("option"), about):
        return None
    try:
        amount = float(said)
    except ValueError:
        return cost_in(said or option.text("option"))
    currency = option.text("currency").strip()
    return Cost(amount, CURRENCIES.get(currency, currency.upper()) or None)


def _capacity(service: Entity, findings: Findings) -> Values:
    """The capacity of HSDS 3.1, with its time stamp, because the same number without a newer stamp is no news.

    It is that of the service, and says nothing about one place where the service is held in several.
    """
    stated = service.child("capacities", "service_capacities", "service_capacity")
    if stated is None:
        return {}
    maximum, available = stated.text("maximum"), stated.text("available")
    if not maximum and available:
        findings.repaired(stated.spot, stated.field("maximum"), "no maximum, the places available are taken for it")
    values = {"maximum": maximum or available, "available": available, "updated": stated.text("updated")}
    return {"capacity": {key: value for key, value in values.items() if value}} if maximum or available else {}
