"""The referral record: one request from a referrer about one person, and the part of it that matching may see."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StrictBool, StrictInt, StringConstraints, model_validator

from schemas.record import Age, Clock, Code, EmptyWhenNull, Id, LanguageTag, Latitude, Line, Longitude, Money, Record, Text, TimeZone, Weekday

Urgency = Literal["routine", "urgent"]
TravelMode = Literal["walk", "bus", "car", "any"]
Kilometres = Annotated[float, Field(gt=0, le=20_040)]
UclaItem = Annotated[StrictInt, Field(ge=1, le=3)]
SHARED_SYSTEMS = frozenset({"nhs"})
"""Systems whose ids count everywhere and not only within one organisation."""


class Travel(Record):
    """How the person gets about, and how far at the most, in kilometres along the geodesic."""

    mode: TravelMode = "any"
    max_km: Kilometres | None = None


class Window(Record):
    """A weekly stretch of the person's free time, in their own time zone."""

    weekday: Weekday
    start: Clock
    end: Clock


class Attended(Record):
    """How many sessions of a group the person has been to before."""

    group_id: Id
    sessions: Annotated[int, Field(ge=0, le=100_000)] = 1


class Loneliness(Record):
    """UCLA three items (each 1 to 3, sum 3 to 9) and the direct question (1 often/always … 5 never): STANDARDS.md."""

    ucla3: tuple[UclaItem, UclaItem, UclaItem] | None = None
    direct: Annotated[StrictInt, Field(ge=1, le=5)] | None = None


class Consent(Record):
    """What the person agreed to; absent is no."""

    match: StrictBool = False
    sms: StrictBool = False
    email: StrictBool = False
    companion: StrictBool = False
    learning: StrictBool = False


class PersonContact(Record):
    """How to reach the person, and whether that is safe."""

    name: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    preferred: Line | None = None
    safe_to_contact: StrictBool | None = None


class Referrer(Record):
    """Who referred; `organisation` is the space in which the sender's own ids count."""

    organisation: Line | None = None
    practitioner: Line | None = None
    reply_to: Line | None = None


class Needs(Record):
    """What matching may know of a person: the part of a referral that is sealed under the `matching` key."""

    urgency: Urgency = "routine"
    reason: Annotated[list[Code], EmptyWhenNull, Field(max_length=50)] = []
    tags: Annotated[list[Code], EmptyWhenNull, Field(max_length=100)] = []
    age: Age | None = None
    gender: Code | None = None
    languages: Annotated[list[LanguageTag], EmptyWhenNull, Field(max_length=20)] = []
    access_needs: Annotated[list[Code], EmptyWhenNull, Field(max_length=50)] = []
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    travel: Travel | None = None
    availability: Annotated[list[Window], EmptyWhenNull, Field(max_length=100)] = []
    max_cost: Money | None = None
    attended: Annotated[list[Attended], EmptyWhenNull, Field(max_length=1000)] = []
    loneliness: Loneliness | None = None
    consent: Consent | None = None
    flags: Annotated[list[Code], EmptyWhenNull, Field(max_length=50)] = []
    time_zone: TimeZone | None = None


class Referral(Needs):
    """A referral as files carry it; everything may be missing, because interests alone are enough to match on files."""

    referral_id: Id | None = None
    person_id: Id | None = None
    received_at: AwareDatetime | None = None
    interests: Text = ""
    postcode: Annotated[str, StringConstraints(max_length=20)] | None = None
    contact: PersonContact | None = None
    referrer: Referrer | None = None

    @model_validator(mode="after")
    def _whole_position(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude belong together: give both or neither")
        return self


def person_id_as_known(person_id: str) -> str:
    """The spelling by which a person_id is found again: a shared system's without regard to case and spaces, another one as it was sent."""
    system, _, rest = person_id.partition(":")
    return f"{system.lower()}:{''.join(rest.split())}" if rest and system.lower() in SHARED_SYSTEMS else person_id
