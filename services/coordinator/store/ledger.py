"""The unmet-need ledger, read out of sealed facts: what was sought is a person's own, so it is kept nowhere else and goes with their keys.

It tells of whom nothing could be proposed to, and of whom every place was refused or declined and who never held one.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from schemas.envelope import event_type
from schemas.events.places import PlaceHeld
from services.chassis.codec import open_part
from services.chassis.rows import rows_with
from services.chassis.vault import Vault
from services.coordinator.domain import CaseFact
from services.coordinator.store.rows import Kinds, fact_of
from services.coordinator.store.tables import FACTS, IN_CLEAR, UNMET
from services.coordinator.unmet import Sought, UnmetNeed, Wanted, refused_needs, unmet_needs

MOST_FACTS: Final = 10_000
"""How many of the newest facts one look at the ledger reads: opening them takes a quarter of a second."""

Row = tuple[str, str, str, str, int]
"""Kind, area, month, reason, and how many cases."""

_SEALED = select(*IN_CLEAR, FACTS.c.details, FACTS.c.matching)
_TYPES = select(FACTS.c.case_id, FACTS.c.type)


def unmet(connection: Connection, vault: Vault) -> Sequence[Row]:
    """The ledger, the most wanted first; a kind counts once a case, as it was first told."""
    kinds = Kinds(vault)
    newest = connection.execute(_SEALED.where(UNMET).order_by(FACTS.c.time.desc()).limit(MOST_FACTS))
    facts = sorted((fact_of(row, kinds) for row in newest), key=lambda fact: (fact.time, fact.event_id))
    lost = {fact.case_id for fact in facts if fact.name != "NoMatchFound"}
    wanted = _wanted(connection, vault, kinds, lost - _held(connection, lost))
    vault.fetch("matching", {fact.person for fact in facts})
    first: dict[tuple[str, str], UnmetNeed] = {}
    for fact in facts:
        for need in _needs(fact, wanted, vault):
            first.setdefault((fact.case_id, need.kind), need)
    counted = [(*astuple(need), cases) for need, cases in Counter(first.values()).items()]
    return sorted(counted, key=lambda row: (-row[-1], row))


def unmet_from(connection: Connection) -> datetime | None:
    """The time of the oldest fact that the ledger reads, where it leaves older ones out; None where it tells of all there are."""
    times = select(FACTS.c.time).where(UNMET).order_by(FACTS.c.time.desc())
    found = connection.execute(times.offset(MOST_FACTS - 1).limit(2)).scalars().all()
    return datetime.fromisoformat(found[0]) if len(found) > 1 else None


def _needs(fact: CaseFact, wanted: Mapping[str, Wanted], vault: Vault) -> Iterator[UnmetNeed]:
    if fact.name == "NoMatchFound":
        sealed = fact.sealed_matching()
        sought = sealed and open_part(sealed, Sought, vault)
        yield from unmet_needs(sought, fact.time) if sought else ()
    elif fact.case_id in wanted:
        yield from refused_needs(wanted[fact.case_id], fact.time, fact.clear.reason or "declined")


def _held(connection: Connection, case_ids: Collection[str]) -> set[str]:
    held = event_type(PlaceHeld)
    return {case_id for case_id, type_ in rows_with(connection, _TYPES, FACTS.c.case_id, case_ids) if type_ == held}


def _wanted(connection: Connection, vault: Vault, kinds: Kinds, case_ids: Collection[str]) -> dict[str, Wanted]:
    found = [fact_of(row, kinds) for row in rows_with(connection, _SEALED, FACTS.c.case_id, case_ids)]
    received = [fact for fact in found if fact.name == "ReferralReceived"]
    vault.fetch("matching", {fact.person for fact in received})
    opened = {fact.case_id: open_part(sealed, Wanted, vault) for fact in received if (sealed := fact.sealed_matching())}
    return {case_id: wanted for case_id, wanted in opened.items() if wanted}
