"""What the directory makes of commands: a group is listed when it is new or has changed, and delisted when its feed, read whole, lost it."""

from collections.abc import Sequence

from schemas.events.groups import GroupDelisted, GroupListed
from services.chassis.errors import Conflict, Rejected
from services.chassis.service import Decided, Fact
from services.directory.domain import (
    DelistMissing,
    DirectoryStore,
    KnownGroup,
    ListGroup,
    Listing,
    fate_of,
    owner_forbids,
    too_many_gone,
)


def list_groups(commands: Sequence[ListGroup], store: DirectoryStore) -> list[Decided]:
    """List groups, each for itself: nothing follows from one that is unchanged, and another feed's group is refused."""
    known = dict(store.known({command.group_id for command in commands}))
    changed: dict[str, Listing] = {}
    decided: list[Decided] = []
    for command in commands:
        group_id, content = command.group_id, store.hash("content", command.prepared.content)
        before = known.get(group_id)
        if refusal := owner_forbids(before, command.feed):
            decided.append(Conflict(refusal))
        elif fate_of(before, command.feed, content) == "unchanged":
            decided.append([])
        else:
            known[group_id] = KnownGroup(group_id, command.feed, content, listed=True)
            changed[group_id] = Listing(command, content)
            decided.append([Fact(_listed(changed[group_id]))])
    store.save(list(changed.values()))
    return decided


def delist_missing(command: DelistMissing, store: DirectoryStore) -> list[Fact]:
    """Delist what is gone from a feed, within that feed only.

    Raises:
        Rejected: fewer than half of the feed's groups would be left, and nobody said that this is meant.
    """
    known = store.listed_ids(command.feed)
    gone = sorted(known - command.present)
    if too_many_gone(known, gone) and not command.anyway:
        raise Rejected(f"{len(gone)} of the {len(known)} groups listed from this source are gone from it, so none was delisted; --yes delists them")
    store.delist(gone)
    return [Fact(GroupDelisted(group_id=group_id, feed=command.feed)) for group_id in gone]


def _listed(listing: Listing) -> GroupListed:
    command, prepared = listing.command, listing.command.prepared
    return GroupListed(
        group_id=command.group_id,
        feed=command.feed,
        group=prepared.group,
        area=prepared.area,
        content=listing.content.hex(),
        vector=prepared.embedding.vector,
        encoder=prepared.embedding.encoder,
        words=list(prepared.embedding.words),
        contact=prepared.contact,
    )
