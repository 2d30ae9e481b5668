"""Two people who could go together the first time: suggested by time, decided by a human, and ended by time where not both have answered."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final

from schemas.events.cases import CompanionAgreed, CompanionAsked, CompanionSuggested
from services.chassis.errors import Conflict
from services.chassis.ids import derived_id
from services.chassis.service import Cause, Fact
from services.coordinator.commands import DecideTogether, TogetherAnswer
from services.coordinator.companions import Companion
from services.coordinator.domain import Case, CasePlace, CoordinatorStore, Side
from services.coordinator.handlers.keeping import take_in_own
from services.coordinator.handlers.pair import Pairing, Standings, Written, pairing_of, pairs_of, standings_in
from services.coordinator.handlers.willing import willing_of
from services.coordinator.pairing import Pair, Willing, best_pairs
from services.coordinator.tasks import Desk, Periods

ASKED_UNTIL: Final = timedelta(days=1)
"""So long before the session both have answered, or each comes alone."""

SOUGHT_UNTIL: Final = timedelta(days=2)
AT_ONCE: Final = 100
NO_PAIR: Final = "they are not to go together with anybody now; look at the case again"


def suggest_companions(now: datetime, store: CoordinatorStore, periods: Periods) -> list[Fact]:
    """Suggest who could go together, for each session for which a place was newly given; a human decides whether they are asked."""
    places = store.seeking_company(now + SOUGHT_UNTIL, AT_ONCE)
    if not places:
        return []
    store.company_sought([place.place_id for place in places])
    facts: list[Fact] = []
    person_of = {one.case_id: one.person for one in store.arrivals_of({place.person for place in places})}
    standings = standings_in(person_of, store)
    ever = {one.pair_id for standing in standings.values() for one in standing.companions}
    taken = {person_of[case_id] for case_id, standing in standings.items() if standing.companion}
    for _, session in groupby(places, attrgetter("first_start", "group_id")):
        for pair in best_pairs(_free(session, taken, store), ever):
            taken |= {side.person for side in pair.sides}
            facts += _suggested(pair, standings, periods, now)
    take_in_own(facts, store, now)
    return facts


def _free(session: Iterable[CasePlace], taken: Collection[str], store: CoordinatorStore) -> list[Willing]:
    """Those of a session who would go with somebody and are in no pair; nobody's wishes are read who is there alone."""
    free = [place for place in session if place.person not in taken]
    return willing_of(free, store) if len(free) > 1 else []


def _suggested(pair: Pair, standings: Standings, periods: Periods, now: datetime) -> list[Fact]:
    written = Written(Cause(pair.pair_id, pair.pair_id))
    sides = [Side(pair.pair_id, one.person, one.case_id, one.place_id) for one in pair.sides]
    pairing = Pairing(sides, standings, Desk(standings, periods), written.add, now)
    for side in sides:
        pairing.say(CompanionSuggested, side)
        pairing.open(side, "could_go_together")
    return written.facts


def end_unanswered_pairs(now: datetime, store: CoordinatorStore, periods: Periods) -> list[Fact]:
    """End every pair that has not both answers on the eve of its session: silence is no yes, and no blame."""
    late = store.company_open(now + ASKED_UNTIL, AT_ONCE)
    facts: list[Fact] = []
    for pair_id, sides in pairs_of({place.person for place in late}, store).items():
        if not {side.place_id for side in sides}.isdisjoint(place.place_id for place in late):
            written = Written(Cause(derived_id(pair_id, "eve", pair_id, 0), pair_id))
            pairing_of(sides, written, store, periods, now).end()
            facts += written.facts
    take_in_own(facts, store, now)
    return facts


def decide_pair(command: DecideTogether, case: Case, store: CoordinatorStore, periods: Periods) -> Sequence[Fact]:
    """Ask both, take down what one of them said, or let it be.

    Raises:
        Conflict: they are in no such pair any more, nobody has decided to ask them yet, or one of the two cannot go.
    """
    written = Written(Cause(command.id, command.id))
    mine, pairing = _mine(command, case, written, store, periods)
    stands = pairing.of(mine)
    if stands is None or not stands.open:
        if stands and (stands.state == "declined") == (command.answer == "no") and command.answer in ("no", "apart"):
            return []
        raise Conflict(NO_PAIR)
    if command.answer in ("ask", "yes"):
        _refuse_where_one_cannot_go(pairing, store, command.at)
    _ANSWERS[command.answer](mine, stands, pairing)
    return take_in_own(written.facts, store, command.at)


def _mine(command: DecideTogether, case: Case, written: Written, store: CoordinatorStore, periods: Periods) -> tuple[Side, Pairing]:
    pairs = pairs_of([case.person], store)
    sides = [side for some in pairs.values() for side in some if side.case_id == case.case_id]
    standing = standings_in({case.case_id: case.person}, store)[case.case_id]
    wanted = command.pair_id or (standing.companion.pair_id if standing.companion else None)
    mine = next((side for side in sides if side.pair_id == wanted), None)
    if mine is None:
        raise Conflict(NO_PAIR)
    return mine, pairing_of(pairs[mine.pair_id], written, store, periods, command.at)


def _refuse_where_one_cannot_go(pairing: Pairing, store: CoordinatorStore, now: datetime) -> None:
    """What ends a pair may be decided and not yet have come round; and whoever has gone already needs nobody."""
    going = [standing.goes_first_to for side in pairing.sides if (standing := pairing.standings.get(side.case_id))]
    sessions = {(place.group_id, place.session) for place in going if place}
    wanted = {side.place_id for side in pairing.sides}
    places = [place for place in store.places_of({side.person for side in pairing.sides}) if place.place_id in wanted]
    willing = {one.place_id for one in willing_of(places, store)}
    ahead = all(session and session.start > now for _, session in sessions)
    same = len(pairing.sides) == 2 and {place.place_id for place in going if place} == wanted and len(sessions) == 1
    if not (same and ahead and wanted <= willing):
        raise Conflict("one of the two cannot go with the other any more; each comes alone this time, and is welcome")


def _ask(_mine: Side, stands: Companion, pairing: Pairing) -> None:
    for side in pairing.sides if stands.state == "suggested" else ():
        pairing.say(CompanionAsked, side)
        pairing.close(side, ("could_go_together",), "it was decided to ask both")
        pairing.open(side, "ask_companion")


def _yes(mine: Side, stands: Companion, pairing: Pairing) -> None:
    if stands.state == "suggested":
        raise Conflict("nobody has decided yet that both are asked; decide that first")
    if stands.state == "agreed":
        return
    pairing.say(CompanionAgreed, mine)
    pairing.close(mine, ("ask_companion",), "they said yes")
    others = [one for side in pairing.sides if side != mine and (one := pairing.of(side))]
    if [one.state for one in others] == ["agreed"]:
        for side in pairing.sides:
            pairing.open(side, "tell_companion")


def _no(mine: Side, _stands: Companion, pairing: Pairing) -> None:
    pairing.end(declined=mine)


def _apart(_mine: Side, _stands: Companion, pairing: Pairing) -> None:
    pairing.end()


_ANSWERS: Final[Mapping[TogetherAnswer, Callable[[Side, Companion, Pairing], None]]] = {"ask": _ask, "yes": _yes, "no": _no, "apart": _apart}
