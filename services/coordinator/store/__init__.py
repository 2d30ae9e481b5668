"""The coordinator's store: facts with their personal parts sealed, where each case stands, places, and how far touches have come."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, or_, select, true, tuple_, update

from schemas.envelope import Event, event_type
from schemas.events.base import Data, Sealed
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.places import PlaceHeld, PlaceWaitlisted
from schemas.events.referrals import ConsentChanged
from schemas.group import Group
from services.chassis.codec import open_part, plain_parts, sealed_parts
from services.chassis.rows import insert, rows_with, write_rows
from services.chassis.vault import Vault
from services.coordinator.domain import VIEWS, Arrival, Case, CaseFact, CasePlace, P, QueuePlace, Side, Status, Touch, View
from services.coordinator.store import company, groups, rows, tables
from services.coordinator.store.ledger import unmet, unmet_from
from services.coordinator.store.tables import CASES, ERASED, FACTS, IN_CLEAR, ORDER, PLACES, SIDES, TOUCHES

Row = Sequence[Any]
_LOST = ("refused", "released")
_SAID_TO_THE_PERSON = ("claimed", "sent", "failed")
"""Nobody knows of a message that failed whether it arrived, or who has said it instead."""

_GIVEN = (event_type(PlaceHeld), event_type(PlaceWaitlisted))
_CONSENT = event_type(ConsentChanged)
_WITH_SEALED = (*IN_CLEAR, FACTS.c.details, FACTS.c.matching)
_STANDING = (
    CASES.c.case_id, CASES.c.person, CASES.c.received_at, CASES.c.status, CASES.c.red_flag, CASES.c.priority, CASES.c.version, CASES.c.task,
    CASES.c.due_at, CASES.c.silent,
)  # fmt: skip


class SqlCoordinatorStore:
    """The coordinator's store on SQLAlchemy Core, in the transaction of its connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection, self.vault = connection, vault
        self._standing: dict[str, tuple[object, ...]] = {}

    @cached_property
    def _kinds(self) -> rows.Kinds:
        return rows.Kinds(self.vault)

    def hash(self, *values: str) -> bytes:
        """The keyed hash by which something is found again."""
        return self.vault.hash(*values)

    def open(self, events: Iterable[Event[Data]], part: str, as_: type[P]) -> list[P | None]:
        """One sealed part of each of these events; None where its key was destroyed."""
        sealed = [event.sealed[part] for event in events]
        for purpose in {one.purpose for one in sealed}:
            self.vault.fetch(purpose, [one.owner for one in sealed])
        return [open_part(one, as_, self.vault) for one in sealed]

    def opened(self, sealed: Sealed | None, as_: type[P]) -> P | None:
        """What is inside one sealed part of a fact; None where there is nothing, or its key was destroyed."""
        return None if sealed is None else open_part(sealed, as_, self.vault)

    def sealed(self, events: Sequence[Event[Data]]) -> list[Event[Data]]:
        """These events of our own with their personal parts sealed; one about an erased person is left out."""
        ready: list[Event[Data]] = []
        for event in events:
            parts = sealed_parts(event, plain_parts(event.data), self.vault)
            if parts is None:
                continue
            purposes = {name: event.data.sealed_parts[name][0] for name in parts}
            told = {name: Sealed(purposes[name], event.data.subject, event.id, event.type, text) for name, text in parts.items()}
            ready.append(replace(event, sealed=told))
        return ready

    def erased(self, persons: Collection[str]) -> set[str]:
        """Which of these persons are erased."""
        return {person for (person,) in rows_with(self._connection, tables.ALL_ERASED, ERASED.c.person, persons)}

    def add(self, facts: Sequence[CaseFact]) -> None:
        """Keep facts; one that is there already is the same, but for when it was written."""
        write_rows(self._connection, tables.NEW_FACT, [rows.fact_row(fact, self._kinds) for fact in facts])

    def known(self, event_ids: Collection[str]) -> set[str]:
        """Which of these facts are kept."""
        return {event_id for (event_id,) in rows_with(self._connection, tables.ALL_IDS, FACTS.c.event_id, event_ids)}

    def facts_of(self, persons: Collection[str]) -> Sequence[CaseFact]:
        """All facts about these persons, without their sealed parts."""
        found = rows_with(self._connection, tables.ALL_FACTS, FACTS.c.person, persons)
        return [rows.fact_of(row, self._kinds) for row in found]

    def history(self, case_id: str) -> Sequence[CaseFact]:
        """All facts of one case, and of its person beside their cases, with their sealed parts, in the order of their time."""
        person = select(CASES.c.person).where(CASES.c.case_id == case_id).scalar_subquery()
        about = or_(FACTS.c.case_id == case_id, and_(FACTS.c.person == person, FACTS.c.case_id == ""))
        found = self._connection.execute(select(*_WITH_SEALED).where(about).order_by(FACTS.c.time, FACTS.c.event_id))
        return [rows.fact_of(row, self._kinds) for row in found]

    def received(self, case_ids: Collection[str]) -> dict[str, CaseFact]:
        """The fact of the referral itself for each of these cases, with its sealed parts."""
        query = select(*_WITH_SEALED).where(FACTS.c.case_id.in_(case_ids), FACTS.c.type.endswith("ReferralReceived"))
        return {row.case_id: rows.fact_of(row, self._kinds) for row in self._connection.execute(query)}

    def arrivals_of(self, persons: Collection[str]) -> Sequence[Arrival]:
        """The referrals of these persons."""
        found = rows_with(self._connection, tables.ALL_CASES, CASES.c.person, persons)
        self._standing.update({row[0]: tuple(row[5:]) for row in found})
        return [Arrival(row[0], row[1], datetime.fromisoformat(row[3]), bool(row[4]), row[2]) for row in found]

    def put(self, arrivals: Iterable[Arrival], cases: Iterable[Case]) -> None:
        """Keep each of these referrals, and where it stands now; of those that `arrivals_of` told, what did not change is not written again."""
        new: list[tuple[object, ...]] = []
        changed: list[tuple[object, ...]] = []
        for arrival, case in zip(arrivals, cases, strict=True):
            before, now = self._standing.get(case.case_id), rows.standing_row(case, self._kinds)
            if before is None:
                new.append((*rows.arrival_row(arrival), *now))
            elif before != now:
                changed.append((*now, case.case_id))
            self._standing[case.case_id] = now
        write_rows(self._connection, tables.NEW_CASE, new)
        write_rows(self._connection, tables.PUT_STANDING, changed)

    def put_places(self, places: Iterable[CasePlace]) -> None:
        """Keep how each of these places stands now."""
        write_rows(self._connection, tables.PUT_PLACE, [rows.place_row(place) for place in places])

    def places_of(self, persons: Collection[str]) -> Sequence[CasePlace]:
        """Every place that was ever asked for these persons."""
        return [rows.place_of(row) for row in rows_with(self._connection, tables.ALL_PLACES, PLACES.c.person, persons)]

    def places_in(self, group_ids: Collection[str]) -> Sequence[CasePlace]:
        """The places in these groups that are not lost."""
        found = rows_with(self._connection, tables.ALL_PLACES, PLACES.c.group_id, group_ids)
        return [place for place in map(rows.place_of, found) if place.state not in _LOST]

    def given_in(self, group_id: str) -> Mapping[str, str]:
        """When each place in a group was first held or put on its waiting list, in ISO; those that never were are left out."""
        cases = select(PLACES.c.case_id).where(PLACES.c.group_id == group_id)
        given = (
            select(FACTS.c.clear, FACTS.c.time)
            .where(FACTS.c.case_id.in_(cases), FACTS.c.type.in_(_GIVEN), FACTS.c.clear.is_not(None))
            .order_by(FACTS.c.time.desc())
        )
        return {from_json(clear)["place_id"]: time for clear, time in self._connection.execute(given)}

    def organisers_silent(self, start: datetime, limit: int) -> Sequence[CasePlace]:
        """Places that the organiser has not confirmed and whose session begins by then, the first first."""
        near = PLACES.c.unconfirmed_start <= start.isoformat()
        return [
            rows.place_of(row) for row in self._connection.execute(tables.ALL_PLACES.where(near).order_by(PLACES.c.unconfirmed_start).limit(limit))
        ]

    def organisers_asked(self, place_ids: Collection[str]) -> None:
        """A human has been told to ask about these places."""
        self._connection.execute(update(PLACES).where(PLACES.c.place_id.in_(place_ids)).values(unconfirmed_start=None))

    def put_sides(self, sides: Iterable[Side]) -> None:
        """Keep how far each side of these pairs has come."""
        company.put(self._connection, sides)

    def pairs_of(self, persons: Collection[str]) -> Sequence[Side]:
        """Both sides of every pair that these persons are in, by `pair_id`; of an erased person there is none."""
        return company.pairs_of(self._connection, persons)

    def seeking_company(self, after: datetime, limit: int) -> Sequence[CasePlace]:
        """The places of the next sessions after then for whom somebody is to be looked for, with all others who seek at the same session."""
        return company.seeking(self._connection, after, limit)

    def company_sought(self, place_ids: Collection[str]) -> None:
        """Somebody was looked for, for these places."""
        company.sought(self._connection, place_ids)

    def company_open(self, until: datetime, limit: int) -> Sequence[CasePlace]:
        """The places whose session begins by then and whose pair has not both answers."""
        return company.still_open(self._connection, until, limit)

    def companions(self) -> Mapping[str, int]:
        """How many pairs were possible, and of how many both were asked, agreed, and went together."""
        came = company.reached(self._connection).items()
        steps = enumerate(("possible", "asked", "agreed", "went_together"))
        return {name: sum(pairs for far, pairs in came if far >= step) for step, name in steps}

    def consents_of(self, persons: Collection[str]) -> Sequence[CaseFact]:
        """What was said about these persons' consent since they were referred, with its sealed parts."""
        said = and_(FACTS.c.person.in_(persons), FACTS.c.type == _CONSENT)
        return [rows.fact_of(row, self._kinds) for row in self._connection.execute(select(*_WITH_SEALED).where(said))]

    def put_touches(self, touches: Iterable[Touch]) -> None:
        """Keep how far each of these touches has come; it never goes back."""
        write_rows(self._connection, tables.PUT_TOUCH, list(map(rows.touch_row, touches)))

    def touches_called(self, touch_ids: Collection[str]) -> Mapping[str, Touch]:
        """These touches, as far as they are known."""
        return {row[0]: rows.touch_of(row) for row in rows_with(self._connection, tables.ALL_TOUCHES, TOUCHES.c.touch_id, touch_ids)}

    def touches_of(self, case_id: str) -> Sequence[Touch]:
        """The touches of a case, in the order in which they are due."""
        return [
            rows.touch_of(row) for row in self._connection.execute(tables.ALL_TOUCHES.where(TOUCHES.c.case_id == case_id).order_by(TOUCHES.c.due_at))
        ]

    def touches_about(self, place_ids: Collection[str]) -> Sequence[Touch]:
        """The touches about these places."""
        return [rows.touch_of(row) for row in rows_with(self._connection, tables.ALL_TOUCHES, TOUCHES.c.place_id, place_ids)]

    def put_groups(self, events: Sequence[Event[GroupListed] | Event[GroupDelisted]]) -> None:
        """Keep what was said of these groups; the newest word counts."""
        groups.put(self._connection, events)

    def group(self, group_id: str) -> Group | None:
        """The group as it was last listed, also where it is gone by now."""
        return groups.called(self._connection, group_id)

    def stopped(self, group_ids: Collection[str]) -> set[str]:
        """Those of these groups that are known to run no more."""
        return groups.stopped(self._connection, group_ids)

    def spoken_of(self, place_ids: Collection[str]) -> set[str]:
        """Those of these places of which the person was told something."""
        found = self.touches_about(place_ids)
        return {touch.place_id or "" for touch in found if touch.state in _SAID_TO_THE_PERSON and touch.step != "organiser_asked"}

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row about these persons, and remember that they are erased."""
        if not persons:
            return
        for table in (FACTS, CASES, PLACES, SIDES, TOUCHES):
            self._connection.execute(delete(table).where(table.c.person.in_(persons)))
        self._connection.execute(insert(ERASED).on_conflict_do_nothing(), [{"person": person} for person in persons])

    def cases_called(self, id_: str) -> Sequence[Case]:
        """The cases that a `case_id` or a sender's `referral_id` names."""
        called = (CASES.c.case_id == id_) | (CASES.c.referral_id == self.hash("referral_id", id_))
        return self._cases(select(*_STANDING).where(called).order_by(*ORDER))

    def queue(self, part: Status | View | None, now: datetime, limit: int, after: QueuePlace | None) -> Sequence[Case]:
        """The next cases of a part of the queue, or of all of it: open flags first, then urgent, then who has waited longest."""
        query = select(*_STANDING).where(_of_part(part, now)).order_by(*ORDER).limit(limit)
        return self._cases(query.where(tuple_(*ORDER) > (after.priority, after.received_at, after.case_id)) if after else query)

    def count(self, part: Status | View | None, now: datetime) -> int:
        """How many cases there are in a part of the queue, or in all of it."""
        return self._connection.execute(select(func.count()).select_from(CASES).where(_of_part(part, now))).scalar_one()

    def counts(self) -> dict[Status, int]:
        """How many cases have each status; a status that none has is left out."""
        found = self._connection.execute(select(CASES.c.status, func.count()).group_by(CASES.c.status))
        return {row.status: row[1] for row in found}

    def view_counts(self, now: datetime) -> dict[View, int]:
        """How many cases there are in each view."""
        return {view: self.count(view, now) for view in VIEWS}

    def unmet(self) -> Sequence[tuple[str, str, str, str, int]]:
        """The ledger of unmet need, the most wanted first: kind, area, month, reason, and how many cases."""
        return unmet(self._connection, self.vault)

    def unmet_from(self) -> datetime | None:
        """Since when the ledger counts, where there is more than it reads."""
        return unmet_from(self._connection)

    def _cases(self, query: Select[Any]) -> Sequence[Case]:
        return [rows.case_of(row, self._kinds) for row in self._connection.execute(query)]


def _of_part(part: Status | View | None, now: datetime) -> ColumnElement[bool]:
    open_ = CASES.c.in_queue == true()
    match part:
        case None:
            return open_
        case "new":
            return and_(open_, CASES.c.undecided == true())
        case "urgent":
            return and_(open_, CASES.c.urgent == true())
        case "red_flag":
            return CASES.c.red_flag == true()
        case "waiting":
            return and_(open_, CASES.c.status == "waitlisted")
        case "to_do":
            return CASES.c.task.is_not(None)
        case "overdue":
            return CASES.c.due_at < now.isoformat()
        case "silent":
            return CASES.c.silent == true()
        case "closed" | "withdrawn":
            return CASES.c.status == part
        case _:
            return and_(open_, CASES.c.status == part)
