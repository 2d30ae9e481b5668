"""Persons and groups as the gate sees them: put together from what is kept of them, their sealed parts opened for this turn alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import bindparam, select

from models.consent import EVERYTHING, Said, consent_of
from schemas.envelope import event_type
from schemas.events.base import Part, Purpose, Sealed
from schemas.events.groups import GroupListed
from schemas.events.referrals import ConsentChanged, ConsentChoice, ReferralReceived
from schemas.group import Group, GroupContact
from schemas.record import TimeZone
from schemas.referral import Consent, PersonContact
from services.chassis.codec import open_part
from services.chassis.errors import Rejected
from services.chassis.rows import rows_with
from services.followup.domain.people import NOTHING, Ending, GroupStanding, Recipient
from services.followup.store.stored import Stored
from services.followup.store.tables import CONSENTS, ENDINGS, FLAGS, GROUPS, PLACES, REFERRALS, TOUCHES, UNREADABLE

LOOKED_BACK = timedelta(days=8)
"""How long a message counts against the limits, and a day more."""

_REFERRALS = select(REFERRALS.c.person, REFERRALS.c.case_id, REFERRALS.c.event_id, REFERRALS.c.time, REFERRALS.c.details, REFERRALS.c.matching)
_CONSENTS = select(CONSENTS.c.person, CONSENTS.c.arrival, CONSENTS.c.event_id, CONSENTS.c.time, CONSENTS.c.matching)
_FLAGS = select(FLAGS.c.person, FLAGS.c.raised, FLAGS.c.cleared)
_ENDINGS = select(ENDINGS.c.person, ENDINGS.c.case_id, ENDINGS.c.type, ENDINGS.c.time, ENDINGS.c.arrival)
_PLACES = select(PLACES.c.person, PLACES.c.place_id, PLACES.c.state)
_CLAIMS = select(TOUCHES.c.person, TOUCHES.c.step, TOUCHES.c.claimed_at)
_ASKED = select(TOUCHES.c.group_id, TOUCHES.c.claimed_at).where(
    TOUCHES.c.group_id.in_(bindparam("b_groups", expanding=True)), TOUCHES.c.claimed_at > bindparam("b_since"), TOUCHES.c.step == "organiser_asked"
)
_UNREADABLE = select(UNREADABLE.c.subject)
_GROUPS = select(GROUPS.c.group_id, GROUPS.c.event_id, GROUPS.c.listed, GROUPS.c.group, GROUPS.c.contact)
_ENDED_BY: Mapping[str, Ending | None] = {"ReferralWithdrawn": "withdrawn", "ReferralClosed": "closed", "ReferralReopened": None}


P = TypeVar("P", bound=BaseModel)


class _HowToReach(Part):
    contact: PersonContact | None = None


class _Agreed(Part):
    consent: Consent | None = None
    time_zone: TimeZone | None = None


class _Referral(NamedTuple):
    """One referral with what is opened of it; None where it is not there, or its key was destroyed."""

    at: datetime
    event_id: str
    reach: _HowToReach | None
    agreed: _Agreed | None


class SqlPeople(Stored):
    """The part of the store that the gate reads."""

    def people(self, persons: Collection[str], now: datetime | None = None) -> Mapping[str, Recipient]:
        """These persons as the gate sees them, where a referral of theirs is known; their claims up to a week before `now`."""
        referrals = self._grouped(_REFERRALS, REFERRALS.c.person, persons)
        self.vault.fetch_all({"details": referrals, "matching": referrals})
        told: dict[str, dict[str, list[Sequence[Any]]]] = {
            "consents": self._grouped(_CONSENTS, CONSENTS.c.person, referrals),
            "flags": self._grouped(_FLAGS, FLAGS.c.person, referrals),
            "endings": self._grouped(_ENDINGS, ENDINGS.c.person, referrals),
            "places": self._grouped(_PLACES, PLACES.c.person, referrals),
            "claims": self._grouped(_CLAIMS, TOUCHES.c.person, referrals) if now else {},
        }
        unreadable = {subject for (subject,) in rows_with(self._connection, _UNREADABLE, UNREADABLE.c.subject, referrals)}
        mine = {person: {name: rows.get(person, []) for name, rows in told.items()} for person in referrals}
        return {person: self._recipient(person, rows, mine[person], now, person in unreadable) for person, rows in referrals.items()}

    def _recipient(
        self, person: str, referrals: list[Sequence[Any]], told: Mapping[str, list[Sequence[Any]]], now: datetime | None, unreadable: bool
    ) -> Recipient:
        """One person out of their rows; what does not open stops their automation like what could not be read."""
        try:
            opened = sorted((self._referral(person, *row[2:]) for row in referrals), key=lambda one: one[:2])
            said = [self._said(person, *row[1:]) for row in told["consents"]]
        except Rejected:
            return Recipient(person, self._zone, unreadable=True)
        statements = [*(_by_referrer(one) for one in opened), *(one for one in said if one)]
        consent = consent_of(statements)
        theirs = {name for one in statements if one.by_person for name in one.about}
        zone = next((one.agreed.time_zone for one in reversed(opened) if one.agreed and one.agreed.time_zone), None)
        return Recipient(
            person,
            ZoneInfo(zone) if zone else self._zone,
            consent,
            consent_of(one for one in statements if not one.by_person),
            frozenset(name for name in theirs if not getattr(consent, name)),
            _contact([one.reach.contact for one in opened if one.reach and one.reach.contact]),
            any(raised and not cleared for _, raised, cleared in told["flags"]),
            unreadable,
            _ended(told["endings"]),
            frozenset(place_id for _, place_id, state in told["places"] if state == "held"),
            tuple(_moments((at for _, step, at in told["claims"] if step != "organiser_asked"), now)) if now else (),
        )

    def _referral(self, person: str, event_id: str, time: str, details: bytes | None, matching: bytes | None) -> _Referral:
        type_ = event_type(ReferralReceived)
        return _Referral(
            datetime.fromisoformat(time),
            event_id,
            self._open("details", person, event_id, type_, details, _HowToReach),
            self._open("matching", person, event_id, type_, matching, _Agreed),
        )

    def _said(self, person: str, arrival: int, event_id: str, time: str, matching: bytes | None) -> Said | None:
        """A statement on consent; of two of the same moment the later to arrive counts."""
        choice = self._open("matching", person, event_id, event_type(ConsentChanged), matching, ConsentChoice)
        if choice is None:
            return None
        return Said(datetime.fromisoformat(time), f"{arrival:020}", choice.consent, frozenset(choice.about), choice.said_by == "person")

    def _open(self, purpose: Purpose, owner: str, event_id: str, type_: str, sealed: bytes | None, part: type[P]) -> P | None:
        return None if sealed is None else open_part(Sealed(purpose, owner, event_id, type_, sealed), part, self.vault)

    def groups(self, group_ids: Collection[str], now: datetime, with_organisers: Collection[str] = ()) -> Mapping[str, GroupStanding]:
        """These groups as the gate sees them; the organiser only of those for which they are asked for."""
        self.vault.fetch("group", with_organisers)
        unreadable = {subject for (subject,) in rows_with(self._connection, _UNREADABLE, UNREADABLE.c.subject, group_ids)}
        asked = self._asked(with_organisers, now)
        rows = {row[0]: row for row in rows_with(self._connection, _GROUPS, GROUPS.c.group_id, group_ids)}
        return {id_: self._standing(rows.get(id_, (id_, "", False, None, None)), unreadable, asked, id_ in with_organisers) for id_ in group_ids}

    def _standing(self, row: Sequence[Any], unreadable: Collection[str], asked: Mapping[str, list[datetime]], with_organiser: bool) -> GroupStanding:
        group_id, event_id, listed, text, sealed = row
        group = None if text is None else Group.model_validate_json(text)
        zone = ZoneInfo(group.time_zone) if group and group.time_zone else self._zone
        organiser = None
        if with_organiser:
            try:
                organiser = self._open("group", group_id, event_id, event_type(GroupListed), sealed, GroupContact)
            except Rejected:
                return GroupStanding(group_id, zone, group, bool(listed), unreadable=True)
        return GroupStanding(group_id, zone, group, bool(listed), group_id in unreadable, organiser, tuple(asked.get(group_id, ())))

    def _asked(self, group_ids: Collection[str], now: datetime) -> Mapping[str, list[datetime]]:
        """When each group's organiser was written to lately."""
        found: defaultdict[str, list[datetime]] = defaultdict(list)
        for group_id, at in self._connection.execute(_ASKED, {"b_groups": list(group_ids), "b_since": (now - LOOKED_BACK).isoformat()}):
            found[group_id].append(datetime.fromisoformat(at))
        return found

    def _grouped(self, query: Any, column: Any, persons: Collection[str]) -> dict[str, list[Sequence[Any]]]:
        found: dict[str, list[Sequence[Any]]] = {}
        for row in rows_with(self._connection, query, column, persons):
            found.setdefault(row[0], []).append(row)
        return found


def _by_referrer(referral: _Referral) -> Said:
    return Said(referral.at, "", (referral.agreed.consent if referral.agreed else None) or NOTHING, EVERYTHING)


def _contact(told: Sequence[PersonContact]) -> PersonContact | None:
    """The newest of these; whether it is safe is what the newest says that says it, because saying nothing takes no warning back."""
    if not told:
        return None
    safe = next((one.safe_to_contact for one in reversed(told) if one.safe_to_contact is not None), None)
    return told[-1].model_copy(update={"safe_to_contact": safe})


def _ended(rows: Iterable[Sequence[Any]]) -> dict[str, Ending]:
    """The cases that are over: a withdrawal for good, a closing until it is reopened."""
    newest: dict[str, str] = {}
    for _, case_id, type_, _, _ in sorted(rows, key=lambda row: (row[3], row[4])):
        if newest.get(case_id) != "ReferralWithdrawn":
            newest[case_id] = type_
    return {case_id: ending for case_id, type_ in newest.items() if (ending := _ENDED_BY[type_])}


def _moments(times: Iterable[str | None], now: datetime) -> list[datetime]:
    since = (now - LOOKED_BACK).isoformat()
    return [datetime.fromisoformat(time) for time in times if time and time > since]
