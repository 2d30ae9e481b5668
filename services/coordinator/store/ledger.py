"""The unmet-need ledger, read out of sealed facts: what was sought is a person's own, so it is kept nowhere else and goes with their keys."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime

from sqlalchemy import Connection, select

from services.chassis.codec import open_part
from services.chassis.vault import Vault
from services.coordinator.domain import CaseFact, Sought, UnmetNeed, unmet_needs
from services.coordinator.store.tables import FACTS


def unmet(connection: Connection, vault: Vault) -> Sequence[tuple[str, str, str, str, int]]:
    """The ledger, the most wanted first: kind, area, month, reason, and how many cases; a kind counts once a case, as it was first told."""
    columns = (FACTS.c.event_id, FACTS.c.case_id, FACTS.c.person, FACTS.c.type, FACTS.c.time, FACTS.c.matching)
    query = select(*columns).where(FACTS.c.type.endswith("NoMatchFound")).order_by(FACTS.c.time, FACTS.c.event_id)
    facts = [CaseFact(*row[:4], datetime.fromisoformat(row.time), None, row.matching) for row in connection.execute(query)]
    vault.fetch("matching", {fact.person for fact in facts})
    first: dict[tuple[str, str], UnmetNeed] = {}
    for fact in facts:
        sealed = fact.sealed_matching()
        sought = sealed and open_part(sealed, Sought, vault)
        for need in unmet_needs(sought, fact.time) if sought else ():
            first.setdefault((fact.case_id, need.kind), need)
    counted = [(*astuple(need), cases) for need, cases in Counter(first.values()).items()]
    return sorted(counted, key=lambda row: (-row[-1], row))
