"""The tables of an HSDS package as entities: each row once, each held against its table's rules, each reference looked up.

What points to a row that is not there is reported. A row that is only about something else (an address, a schedule) is rejected when nothing of what
it is about is there; a service or a location stands for itself and is used. Where a whole table is not part of the feed nothing is known about its
rows, and the reference is only reported.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.directory.feeds.csv_rows import Row, Sheet
from services.directory.feeds.entity import Entity
from services.directory.feeds.reading import Gathering, Problem, Spot
from services.directory.feeds.tables import RULES, Rules, checked, table_name

Tables = dict[str, list[Entity]]

# A row of these tables is a thing of its own: one that points to nothing is still a thing. All others are only about something else.
THINGS = ("organizations", "programs", "services", "locations", "terms")
_UNIQUE = ("organizations", "locations", "services_at_location", "terms")


def identity(entity: Entity) -> str:
    """A row's id; the terms of the Ohana dialect name theirs `taxonomy_id`."""
    return entity.text("id", "taxonomy_id")


def tables_of(sheets: Iterable[tuple[str, Sheet]], gathering: Gathering) -> Tables:
    """The usable rows of the sheets (each with the name of its table), everything else reported."""
    tables: Tables = {}
    for name, sheet in sheets:
        gathering.report(sheet.problems)
        gathering.lose(sheet.lost if name == "services" else 0)
        gathering.not_read(int(sheet.cut_off) + (sheet.lost if name == "services_at_location" else 0))
        table = checked(name, sheet)
        gathering.report(table.rejected)
        tables.setdefault(name, []).extend(Entity(row.values, row.spot, "", row.problems) for row in table.rows)
    for name in tables:
        tables[name] = list(_each_once(name, tables[name], gathering))
    ids = {name: {identity(row) for row in rows} for name, rows in tables.items()}
    for name in tables:
        tables[name] = list(_with_references(name, tables[name], ids, gathering))
    return tables


def sheets_of_json(tables: Mapping[str, Any], name: str) -> list[tuple[str, Sheet]]:
    """The tables of the tabular JSON that HSDS 3 shows: file names as keys, lists of rows as values; a row's number is its position."""
    sheets = []
    for file, items in tables.items():
        rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        columns = tuple(dict.fromkeys(str(column) for row in rows for column in row))
        if table := table_name(file, columns):
            cells = ({str(column): _cell(value) for column, value in row.items()} for row in rows)
            # The table's name leads to the row, for the position alone does not.
            part = f"{name}#{file}"
            sheets.append((table, Sheet(part, columns, tuple(Row(row, Spot(part, at)) for at, row in enumerate(cells, start=1)), (), 0)))
    return sheets


def _cell(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _each_once(name: str, rows: list[Entity], gathering: Gathering) -> Iterator[Entity]:
    """The rows without repetitions, and where an id has to be unique without those that use it again for something else."""
    contents: set[tuple[tuple[str, object], ...]] = set()
    ids: set[str] = set()
    for row in rows:
        gathering.report(row.problems)
        content = tuple(item for item in row.values.items() if item[0] != "id" or name in THINGS)
        if name != "services" and content in contents:
            gathering.report([Problem(*row.spot, "", "the same is said twice, merged", "repaired")])
        elif name in _UNIQUE and identity(row) and identity(row) in ids:
            gathering.report([Problem(*row.spot, "id", f"given before with other content, the first is kept: {identity(row)[:60]}", "rejected")])
        else:
            contents.add(content)
            ids.add(identity(row))
            yield row


@dataclass(frozen=True)
class _Looked:
    """What looking up the references of one row gave."""

    found: int
    problems: tuple[Problem, ...]
    lost: tuple[Problem, ...]


def _with_references(name: str, rows: list[Entity], ids: Mapping[str, set[str]], gathering: Gathering) -> Iterator[Entity]:
    rules = RULES.get(name, Rules())
    for row in rows:
        looked = _look_up(row, rules, ids)
        stands_alone = name in THINGS or looked.found or not looked.lost
        dangling = looked.lost if not stands_alone else tuple(problem._replace(action="repaired") for problem in looked.lost)
        gathering.report((*looked.problems, *dangling))
        if stands_alone:
            yield replace(row, problems=(*row.problems, *looked.problems, *dangling)) if looked.problems or dangling else row


def _look_up(row: Entity, rules: Rules, ids: Mapping[str, set[str]]) -> _Looked:
    found, problems, lost = 0, [], []
    for column, table in rules.references.items():
        wanted = row.text(column)
        if wanted and table not in ids:
            problems.append(Problem(*row.spot, column, f"the feed has no table of {table}, left unknown: {wanted[:60]}", "repaired"))
        elif wanted in ids.get(table, ()):
            found += 1
        elif wanted:
            lost.append(Problem(*row.spot, column, f"points to none of the {table}: {wanted[:60]}", "rejected"))
    return _Looked(found, tuple(problems), tuple(lost))
