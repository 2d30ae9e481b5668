"""Lists the groups of a feed in a data folder: prepared and decided some hundreds at a time, so that a large feed needs little memory."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from schemas.events.groups import GroupListed
from schemas.group import Group
from services.chassis.errors import Rejected
from services.chassis.running import Answer, Running
from services.cli.installation import Installation
from services.cli.preparing import encoder, locator
from services.directory.domain import Fate, KnownGroup, ListGroup, fate_of
from services.directory.preparing import Preparer

AT_ONCE = 500


@dataclass
class Listed:
    """What became of groups: how many were added, changed or unchanged, and which were refused and why."""

    fates: Counter[Fate] = field(default_factory=Counter)
    refused: list[tuple[Group, str]] = field(default_factory=list)


def list_groups(running: Installation[Running], feed: str, groups: Sequence[Group], progress: Callable[[], None] = lambda: None) -> Listed:
    """List groups from a feed, each for itself; `progress` is called after each."""
    prepare, listed = group_preparer(running), Listed()
    for some in _slices(groups):
        with running.services.timings.of("directory").stage("prepare"):
            prepared = prepare.prepare(some, progress)
        with running.services.reading("directory") as store:
            known = store.known([group.group_id for group in some])
        now = running.services.clocks.domain.now()
        answers = running.decide("directory", [ListGroup(feed, one, now) for one in prepared])
        for group, answer in zip(some, answers, strict=True):
            _count(group, answer, known.get(group.group_id), listed)
    return listed


def group_preparer(running: Installation[Running]) -> Preparer:
    """What makes groups ready to be listed; it asks the folder for the vectors that were made before."""

    def known_vectors(encoder_hash: str, text_hashes: Sequence[str]) -> dict[str, str]:
        with running.services.reading("directory") as store:
            found: dict[str, str] = store.vectors(encoder_hash, text_hashes)
        return found

    return Preparer(encoder(), locator(), known_vectors)


def _slices(groups: Sequence[Group]) -> Iterator[Sequence[Group]]:
    return (groups[start : start + AT_ONCE] for start in range(0, len(groups), AT_ONCE))


def _count(group: Group, answer: Answer, known: KnownGroup | None, listed: Listed) -> None:
    if isinstance(answer, Rejected):
        listed.refused.append((group, str(answer)))
    elif told := next((event.data for event in answer if isinstance(event.data, GroupListed)), None):
        listed.fates[fate_of(known, told.feed, bytes.fromhex(told.content))] += 1
    else:
        listed.fates["unchanged"] += 1
