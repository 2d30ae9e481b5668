"""Follow-up's store on SQLAlchemy Core, in the transaction of its connection."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from services.chassis.rows import insert
from services.followup.store.facts import SqlFacts
from services.followup.store.people import SqlPeople
from services.followup.store.tables import REFERRALS, SAID
from services.followup.store.touches import SqlTouches


class SqlFollowupStore(SqlFacts, SqlPeople, SqlTouches):
    """All parts of the store, and what replies ask of it."""

    def persons_called(self, id_: str) -> Sequence[str]:
        """The persons that a sender's `person_id`, or our own id, names."""
        named = (REFERRALS.c.person == id_) | (REFERRALS.c.sender == self.hash_of(id_))
        return list(self._connection.execute(select(REFERRALS.c.person).where(named).distinct().order_by(REFERRALS.c.person)).scalars())

    def says_again(self, person: str, content: Sequence[str], at: datetime, within: timedelta) -> bool:
        """Whether this is what the person said last, no longer ago than that; where it is not, it is what they said last from here on."""
        hashed = self.vault.hash("said", person, *content)
        last = self._connection.execute(select(SAID.c.content, SAID.c.at).where(SAID.c.person == person)).first()
        if last is not None and last.content == hashed and at - datetime.fromisoformat(last.at) < within:
            return True
        said = {"person": person, "content": hashed, "at": at.isoformat()}
        self._connection.execute(insert(SAID).values(said).on_conflict_do_update(index_elements=[SAID.c.person], set_=said))
        return False

    def newest_case(self, person: str) -> str | None:
        """The case that a reply belongs to which is about none in particular: an open one before one that is over."""
        query = select(REFERRALS.c.case_id).where(REFERRALS.c.person == person).order_by(REFERRALS.c.time.desc(), REFERRALS.c.case_id)
        cases = list(self._connection.execute(query).scalars())
        ended = self.people([person])[person].ended if cases else {}
        return min(cases, key=lambda case: case in ended, default=None)
