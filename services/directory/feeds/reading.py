"""What reading a directory gives: the groups, and one line of report for everything that was mended or could not be used.

A bad row never raises and never takes a good row with it; only a feed of which nothing can be read raises `FeedUnreadable`. The counts are of
groups, a report line is about a row of the feed: a group with three mended fields is one repaired group and three lines.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from schemas.group import Group

Action = Literal["rejected", "repaired"]


class FeedUnreadable(Exception):
    """Nothing can be read of this feed; the message is one line that names the file, and the line and field where known."""


class Spot(NamedTuple):
    """Where something stands: the file as given, and the line from 1 (in JSON the item's position from 1)."""

    file: str
    row: int


class Problem(NamedTuple):
    """One line of the report."""

    file: str
    row: int
    field: str
    reason: str
    action: Action


@dataclass(frozen=True)
class Reading:
    """The outcome of one feed: `read` groups, of which `rejected` are not in `groups`, and `repaired` are there with something mended.

    `refused` are the ids of rejected groups: the feed has them still. `spots` tells where each of `groups` stands. `whole` is false where a part
    of the feed was missing (a page that failed): nothing may be concluded from a group's absence then. Nor may it where rows were
    `unread` or cut off, any of which may be any group, unless somebody says that it is so.
    """

    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]
    read: int
    rejected: int
    repaired: int
    whole: bool = True
    unread: int = 0
    refused: frozenset[str] = frozenset()
    spots: Mapping[str, Spot] = field(default_factory=dict)

    @property
    def usable(self) -> int:
        """How many groups can be listed."""
        return len(self.groups)

    @property
    def reasons(self) -> Counter[tuple[Action, str]]:
        """How often each reason was given; a reason's part after a colon is particular to the row and left out."""
        return Counter((problem.action, problem.reason.partition(":")[0]) for problem in self.problems)


class Findings:
    """The problems met while one group, or one row, is being made; the same problem met twice is one."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    def repaired(self, spot: Spot, field: str, reason: str) -> None:
        """Note that `field` was mended or left unknown."""
        self._problems[Problem(spot.file, spot.row, field, reason, "repaired")] = None

    def rejected(self, spot: Spot, field: str, reason: str) -> None:
        """Note that what stands at `spot` cannot be used because of `field`."""
        self._problems[Problem(spot.file, spot.row, field, reason, "rejected")] = None

    def include(self, problems: Iterable[Problem]) -> None:
        """Take over problems that were met elsewhere about something this is made of."""
        self._problems.update(dict.fromkeys(problems))

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._problems)

    def __bool__(self) -> bool:
        return bool(self._problems)


class Gathering:
    """The groups of one feed as they come in; a group that comes twice is merged when it is the same and refused when it is not."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._spots: dict[str, Spot] = {}
        self._refused: set[str] = set()
        self._mended: set[str] = set()
        self._problems: dict[Problem, None] = {}
        self._rejected = self._unread = 0
        self._whole = True

    def report(self, problems: Iterable[Problem]) -> None:
        """Put lines in the report that belong to no single group."""
        self._problems.update(dict.fromkeys(problems))

    def lose(self, number: int) -> None:
        """Count groups rejected before they could be told apart: any group may be one of them. Their lines are reported with `report`."""
        self._rejected += number
        self.not_read(number)

    def not_read(self, number: int) -> None:
        """Remember so many rows that could not be read, of which groups are made together with others."""
        self._unread += number

    def not_whole(self) -> None:
        """Remember that a part of the feed was not seen."""
        self._whole = False

    def add(self, spot: Spot, group: Group | None, findings: Findings, group_id: str = "") -> None:
        """Take in one group, or the fact that one of this id was rejected (`group` is None and `findings` say why)."""
        if group is None:
            self._rejected += 1
            self._refused.add(group_id)
        elif group.group_id in self._groups:
            self._add_again(spot, group, findings)
        else:
            self._groups[group.group_id], self._spots[group.group_id] = group, spot
            if findings:
                self._mended.add(group.group_id)
        self.report(findings)

    def _add_again(self, spot: Spot, group: Group, findings: Findings) -> None:
        if group == self._groups[group.group_id]:
            findings.repaired(spot, "group_id", f"given twice with the same content, merged: {group.group_id}")
            self._mended.add(group.group_id)
        else:
            findings.rejected(spot, "group_id", f"given before with other content, the first is kept: {group.group_id}")
            self._rejected += 1

    def reading(self) -> Reading:
        """All that was gathered."""
        groups, problems = tuple(self._groups.values()), tuple(self._problems)
        read = len(groups) + self._rejected
        return Reading(groups, problems, read, self._rejected, len(self._mended), self._whole, self._unread, frozenset(self._refused), self._spots)
