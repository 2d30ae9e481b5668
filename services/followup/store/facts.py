"""What facts about people, groups and places leave behind, and what is read back of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Table, bindparam, delete, select

from schemas.envelope import Event
from schemas.events.base import Part
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.events.outcomes import SessionAttended, SessionMissed
from schemas.events.referrals import ConsentChanged, RedFlagCleared, RedFlagRaised, ReferralReceived
from schemas.referral import person_id_as_known
from services.chassis.codec import open_part
from services.chassis.rows import insert, rows_with, write_rows
from services.followup.domain.people import Known
from services.followup.domain.store import CaseEnded
from services.followup.domain.touches import Place
from services.followup.store.columns import cause_from, cause_text, session_from, session_text
from services.followup.store.stored import Stored
from services.followup.store.tables import (
    ATTENDANCE,
    CONSENTS,
    ENDINGS,
    ERASED,
    FLAGS,
    GROUPS,
    PLACES,
    REFERRALS,
    SAID,
    TO_DELETE,
    TOUCHES,
    UNREADABLE,
)


def _to_fill(table: Table) -> dict[str, BindParameter[Any]]:
    """Every column but the arrival, which the database counts: of what was said at the same moment the later to arrive holds."""
    return {column.name: bindparam(column.name) for column in table.c if column.name != "arrival"}


_ABOUT_PERSONS = (REFERRALS, CONSENTS, FLAGS, ENDINGS, ATTENDANCE, PLACES, TOUCHES, SAID)
_ERASED = select(ERASED.c.person)
_NEW_REFERRAL = insert(REFERRALS).on_conflict_do_nothing()
_NEW_CONSENT = insert(CONSENTS).values(_to_fill(CONSENTS)).on_conflict_do_nothing()
_NEW_ENDING = insert(ENDINGS).values(_to_fill(ENDINGS)).on_conflict_do_nothing()
_NEW_KNOWN = insert(ATTENDANCE).on_conflict_do_nothing()
_NEW_UNREADABLE = insert(UNREADABLE).on_conflict_do_nothing()
_FLAG = insert(FLAGS)
_RAISED = _FLAG.on_conflict_do_update(index_elements=[FLAGS.c.flag_id], set_={"raised": _FLAG.excluded.raised})
_CLEARED = _FLAG.on_conflict_do_update(index_elements=[FLAGS.c.flag_id], set_={"cleared": _FLAG.excluded.cleared})
_GROUP = insert(GROUPS)
_GROUP = _GROUP.on_conflict_do_update(
    index_elements=[GROUPS.c.group_id],
    set_={name: _GROUP.excluded[name] for name in ("event_id", "time", "listed", "group", "contact")},
    where=_GROUP.excluded.time >= GROUPS.c.time,
)
_PLACE = insert(PLACES)
_PLACE = _PLACE.on_conflict_do_update(index_elements=[PLACES.c.place_id], set_={column.name: _PLACE.excluded[column.name] for column in PLACES.c})
_PLACES, _KNOWN = select(PLACES), select(ATTENDANCE)


class SentBy(Part):
    """All that is looked up of a referral's details."""

    person_id: str


class SqlFacts(Stored):
    """The part of the store that facts fill."""

    def erased(self, persons: Collection[str]) -> set[str]:
        """Which of these persons are erased."""
        return {person for (person,) in rows_with(self._connection, _ERASED, ERASED.c.person, persons)}

    def forget(self, persons: Collection[str]) -> None:
        """Delete every row about these persons, and remember that they are erased and which messages are to be deleted."""
        if not persons:
            return
        gone = select(TOUCHES.c.touch_id).where(TOUCHES.c.person.in_(persons), TOUCHES.c.claimed_at.is_not(None))
        self._connection.execute(insert(TO_DELETE).from_select(["touch_id"], gone).on_conflict_do_nothing())
        for table in _ABOUT_PERSONS:
            self._connection.execute(delete(table).where(table.c.person.in_(persons)))
        self._connection.execute(delete(UNREADABLE).where(UNREADABLE.c.subject.in_(persons)))
        self._connection.execute(insert(ERASED).on_conflict_do_nothing(), [{"person": person} for person in persons])

    def receive(self, events: Sequence[Event[ReferralReceived]]) -> None:
        """Keep referrals."""
        rows = [
            (event.data.case_id, event.data.person, sender, event.id, _utc(event), _part(event, "details"), _part(event, "matching"))
            for event, sender in zip(events, self._senders(events), strict=True)
        ]
        write_rows(self._connection, _NEW_REFERRAL, rows)

    def _senders(self, events: Sequence[Event[ReferralReceived]]) -> list[bytes]:
        """The keyed hash of each sender's `person_id`; of none where the key was destroyed meanwhile."""
        self.vault.fetch("details", [event.data.person for event in events])
        opened = [open_part(event.sealed["details"], SentBy, self.vault) if "details" in event.sealed else None for event in events]
        return [self.hash_of(one.person_id) if one else b"" for one in opened]

    def hash_of(self, person_id: str) -> bytes:
        """The keyed hash by which a person is found again by their sender's id."""
        return self.vault.hash("person_id", person_id_as_known(person_id))

    def change_consent(self, events: Sequence[Event[ConsentChanged]]) -> None:
        """Keep statements on consent."""
        write_rows(self._connection, _NEW_CONSENT, [(event.id, event.data.person, _utc(event), _part(event, "matching")) for event in events])

    def raise_flags(self, events: Sequence[Event[RedFlagRaised]]) -> None:
        """Keep flags; one that was cleared before it was learned of stays cleared."""
        write_rows(self._connection, _RAISED, [(event.data.flag_id, event.data.person, True, False) for event in events])

    def clear_flags(self, events: Sequence[Event[RedFlagCleared]]) -> None:
        """Keep that flags are cleared."""
        rows = [(flag_id, event.data.person, False, True) for event in events for flag_id in event.data.flag_ids]
        write_rows(self._connection, _CLEARED, rows)

    def end_cases(self, events: Sequence[Event[CaseEnded]]) -> None:
        """Keep the ends and reopenings of cases."""
        rows = [(event.id, event.data.case_id, event.data.person, type(event.data).__name__, _utc(event)) for event in events]
        write_rows(self._connection, _NEW_ENDING, rows)

    def know(self, events: Sequence[Event[SessionAttended] | Event[SessionMissed]]) -> None:
        """Keep that it is known who came; the newest of equal ones is the same."""
        rows = [(event.data.person, event.data.group_id, event.data.on.isoformat(), event.data.said_by) for event in events]
        write_rows(self._connection, _NEW_KNOWN, rows)

    def known_of(self, persons: Collection[str]) -> Sequence[Known]:
        """For which sessions of these persons it is known whether they came."""
        rows = rows_with(self._connection, _KNOWN, ATTENDANCE.c.person, persons)
        return [Known(person, group_id, date.fromisoformat(on), said_by) for person, group_id, on, said_by in rows]

    def list_groups(self, events: Sequence[Event[GroupListed] | Event[GroupDelisted]]) -> None:
        """Keep the newest of each group; of two of the same moment the later one to arrive."""
        write_rows(self._connection, _GROUP, [_group_row(event) for event in events])

    def mark_unreadable(self, records: Sequence[tuple[str, str, str]]) -> None:
        """Remember records that could not be read, each (event id, stream, subject)."""
        write_rows(self._connection, _NEW_UNREADABLE, records)

    def mend(self, event_ids: Collection[str]) -> set[str]:
        """Forget that these could not be read; returns the persons and groups that they are about."""
        if self._connection.execute(select(UNREADABLE.c.event_id).limit(1)).first() is None:
            return set()
        mended = delete(UNREADABLE).where(UNREADABLE.c.event_id.in_(event_ids)).returning(UNREADABLE.c.subject)
        return set(self._connection.execute(mended).scalars())

    def places(self, ids: Collection[str]) -> Mapping[str, Place]:
        """The places of these ids."""
        return {row[0]: _place(*row) for row in rows_with(self._connection, _PLACES, PLACES.c.place_id, ids)}

    def places_of(self, persons: Collection[str]) -> Sequence[Place]:
        """The places of these persons."""
        return [_place(*row) for row in rows_with(self._connection, _PLACES, PLACES.c.person, persons)]

    def put_places(self, places: Sequence[Place]) -> None:
        """Keep places as they are now."""
        write_rows(self._connection, _PLACE, [_place_row(place) for place in places])

    def messages_to_delete(self) -> Sequence[str]:
        """The touches of erased persons whose messages may still lie in the outbox."""
        return list(self._connection.execute(select(TO_DELETE.c.touch_id)).scalars())

    def deleted(self, touch_ids: Collection[str]) -> None:
        """Remember that these messages are gone."""
        self._connection.execute(delete(TO_DELETE).where(TO_DELETE.c.touch_id.in_(touch_ids)))


def _utc(event: Event[Any]) -> str:
    return str(event.time.isoformat())


def _part(event: Event[Any], name: str) -> bytes | None:
    return event.sealed[name].ciphertext if name in event.sealed else None


def _group_row(event: Event[Any]) -> tuple[object, ...]:
    data = event.data
    listed = isinstance(data, GroupListed)
    return data.group_id, event.id, _utc(event), listed, data.group.model_dump_json() if listed else None, _part(event, "contact")


def _place_row(place: Place) -> tuple[object, ...]:
    return (
        place.place_id, place.group_id, place.person, place.case_id, place.count, place.state, cause_text(place.told_by), place.told_at.isoformat(),
        cause_text(place.given_by), place.given_at.isoformat(), session_text(place.session), place.seat, place.confirmed, place.reason,
    )  # fmt: skip


def _place(*row: Any) -> Place:
    place_id, group_id, person, case_id, count, state, told_by, told_at, given_by, given_at, session, seat, confirmed, reason = row
    return Place(
        place_id, group_id, person, case_id, count, state, cause_from(told_by), datetime.fromisoformat(told_at), cause_from(given_by),
        datetime.fromisoformat(given_at), session_from(session), seat, bool(confirmed), reason,
    )  # fmt: skip
