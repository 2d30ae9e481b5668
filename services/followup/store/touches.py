"""The touches, those that are to be looked at, and those whose answer is waited for."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final, get_args

from sqlalchemy import bindparam, select, update

from schemas.events.follow_ups import WhyCancelled
from services.chassis.rows import AT_ONCE, insert, rows_with, write_rows
from services.followup.domain.touches import Touch
from services.followup.store.columns import cause_from, cause_text, session_from, session_text
from services.followup.store.stored import Stored
from services.followup.store.tables import TOUCHES

WHY_CANCELLED: Final[tuple[WhyCancelled, ...]] = get_args(WhyCancelled)
_LATER = ("look_at", "answer_by", "measured")
_COLUMNS = tuple(column for column in TOUCHES.c if column.name not in _LATER)
_TOUCHES, _NEW_TOUCH = select(*_COLUMNS), insert(TOUCHES).on_conflict_do_nothing()
_SETTLE = (
    update(TOUCHES)
    .where(TOUCHES.c.touch_id == bindparam("b_id"))
    .values(state=bindparam("b_state"), reason=bindparam("b_reason"), claimed_at=bindparam("b_claimed_at"), look_at=None)
)
_POSTPONE = update(TOUCHES).where(TOUCHES.c.touch_id == bindparam("b_id")).values(look_at=bindparam("b_look_at"))


class SqlTouches(Stored):
    """The part of the store that touches live in."""

    def touches_of(self, persons: Collection[str]) -> Sequence[Touch]:
        """All touches of these persons."""
        return [self._touch(*row) for row in rows_with(self._connection, _TOUCHES, TOUCHES.c.person, persons)]

    def touches(self, touch_ids: Collection[str]) -> Sequence[Touch]:
        """The touches of these ids that are there."""
        return [self._touch(*row) for row in rows_with(self._connection, _TOUCHES, TOUCHES.c.touch_id, touch_ids)]

    def touch(self, touch_id: str) -> Touch | None:
        """One touch."""
        return next(iter(self.touches([touch_id])), None)

    def plan(self, touches: Sequence[Touch]) -> None:
        """Keep new touches."""
        write_rows(self._connection, _NEW_TOUCH, [self._row(touch) for touch in touches])

    def settle(self, touches: Sequence[Touch]) -> None:
        """Keep how far these touches have come."""
        rows = [
            {"b_id": one.touch_id, "b_state": one.state, "b_reason": self._why(one), "b_claimed_at": one.claimed_at and one.claimed_at.isoformat()}
            for one in touches
        ]
        if rows:
            self._connection.execute(_SETTLE, rows)

    def look_again(self, persons: Collection[str], groups: Collection[str]) -> None:
        """Have the gate look again at the planned touches of these: something about them has changed."""
        for column, values in ((TOUCHES.c.person, list(persons)), (TOUCHES.c.group_id, list(groups))):
            for start in range(0, len(values), AT_ONCE):
                concerned = (TOUCHES.c.state == "planned") & column.in_(values[start : start + AT_ONCE])
                self._connection.execute(update(TOUCHES).where(concerned).values(look_at=TOUCHES.c.due_at))

    def to_look_at(self, now: datetime, limit: int) -> Sequence[Touch]:
        """The planned touches whose time has come, those that have waited longest first."""
        due = (TOUCHES.c.state == "planned") & (TOUCHES.c.look_at <= now.isoformat())
        return self._where(due, TOUCHES.c.look_at, limit)

    def left_behind(self, limit: int) -> Sequence[Touch]:
        """The touches that were claimed and never recorded."""
        return self._where(TOUCHES.c.state == "claimed", TOUCHES.c.claimed_at, limit)

    def postpone(self, until: Sequence[tuple[str, datetime]]) -> None:
        """Look at each of these touches not before its moment, or not before something about it changes."""
        if until:
            self._connection.execute(_POSTPONE, [{"b_id": touch_id, "b_look_at": moment.isoformat()} for touch_id, moment in until])

    def wait_for_answers(self, touch_ids: Collection[str], until: datetime) -> None:
        """Wait for answers to these questions until then."""
        self._connection.execute(update(TOUCHES).where(TOUCHES.c.touch_id.in_(touch_ids)).values(answer_by=until.isoformat()))

    def silent(self, now: datetime, limit: int) -> Sequence[Touch]:
        """Questions that were sent and have waited for an answer long enough."""
        return self._where(TOUCHES.c.answer_by <= now.isoformat(), TOUCHES.c.answer_by, limit)

    def stop_waiting(self, touch_ids: Collection[str]) -> None:
        """Wait for no answer to these any more."""
        self._connection.execute(update(TOUCHES).where(TOUCHES.c.touch_id.in_(touch_ids)).values(answer_by=None))

    def answered(self, person: str) -> None:
        """Wait for no answer of this person's any more."""
        self._connection.execute(update(TOUCHES).where(TOUCHES.c.person == person).values(answer_by=None))

    def measure(self, touch_id: str) -> bool:
        """Remember that this touch was answered with a measure; False where it was before."""
        first = (TOUCHES.c.touch_id == touch_id) & TOUCHES.c.measured.is_not(True)
        return self._connection.execute(update(TOUCHES).where(first).values(measured=True)).rowcount > 0

    def _where(self, condition: Any, order: Any, limit: int) -> list[Touch]:
        rows = self._connection.execute(_TOUCHES.where(condition).order_by(order, TOUCHES.c.touch_id).limit(limit))
        return [self._touch(*row) for row in rows]

    def _why(self, touch: Touch) -> str | None:
        """A keyed hash of why it is not sent, because that may tell of a STOP or of consent; there are few reasons, so it is found again."""
        return touch.reason and self.vault.hash("why", touch.touch_id, touch.reason).hex()

    def _known(self, touch_id: str, kept: str | None) -> WhyCancelled | None:
        return next((why for why in WHY_CANCELLED if kept == self.vault.hash("why", touch_id, why).hex()), None) if kept else None

    def _row(self, touch: Touch) -> tuple[object, ...]:
        due = touch.due_at.isoformat()
        return (
            touch.touch_id, touch.person, touch.case_id, touch.step, touch.channel, due, touch.useless_after.isoformat(),
            cause_text(touch.planned_by), touch.place_id, touch.group_id, session_text(touch.session), touch.seat, touch.over,
            touch.asks_about and touch.asks_about.isoformat(), touch.state, self._why(touch),
            touch.claimed_at and touch.claimed_at.isoformat(), due, None, None,
        )  # fmt: skip

    def _touch(self, *row: Any) -> Touch:
        touch_id, person, case_id, step, channel, due_at, useless_after, planned_by, place_id, group_id, *rest = row
        session, seat, over, asks_about, state, reason, claimed_at = rest
        return Touch(
            touch_id, person, case_id, step, channel, datetime.fromisoformat(due_at), datetime.fromisoformat(useless_after), cause_from(planned_by),
            place_id, group_id, session_from(session), seat, bool(over), date.fromisoformat(asks_about) if asks_about else None, state,
            self._known(touch_id, reason), datetime.fromisoformat(claimed_at) if claimed_at else None,
        )  # fmt: skip
