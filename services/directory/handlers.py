"""What the directory makes of commands and of what is asked of its groups' places.

A group is listed when it is new or has changed, and delisted when its feed, read whole, lost it. Whoever owns the group's places is told, on
the stream by which places are asked for, of every change that moves somebody: so several copies of the directory never share a group.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.events.groups import GroupDelisted, GroupListed
from schemas.group import Capacity
from services.chassis.errors import Conflict, NotFound, Rejected
from services.chassis.service import Decided, Fact
from services.directory.domain import (
    DelistMissing,
    DirectoryStore,
    Fate,
    KnownGroup,
    ListGroup,
    Listing,
    SetCapacity,
    fate_of,
    owner_forbids,
    too_many_gone,
)
from services.directory.places.answers import answers_to
from services.directory.places.book import PlaceStore
from services.directory.places.calendar import Calendar
from services.directory.places.said import CapacityStore, Said, same


class ListingStore(DirectoryStore, CapacityStore, Protocol):
    """What listing a group reads and writes."""


def list_groups(commands: Sequence[ListGroup], store: ListingStore) -> list[Decided]:
    """List groups, each for itself: nothing follows from one that is unchanged, and another feed's group is refused."""
    group_ids = {command.group_id for command in commands}
    known, said = dict(store.known(group_ids)), dict(store.said(group_ids))
    changed: dict[str, Listing] = {}
    heard: dict[str, Said] = {}
    decided: list[Decided] = []
    for command in commands:
        group_id, before = command.group_id, known.get(command.group_id)
        if refusal := owner_forbids(before, command.feed):
            decided.append(Conflict(refusal))
            continue
        last = said.get(group_id, Said())
        said[group_id] = last.heard(command.feed, command.prepared.group)
        listing = _listing(_with_capacity(command, said[group_id].standing), store)
        fate = fate_of(before, command.feed, listing.content)
        decided.append(_told(listing, fate, said[group_id] if _moves_somebody(before, last, said[group_id]) else None))
        if said[group_id] != last:
            heard[group_id] = said[group_id]
        if fate != "unchanged":
            known[group_id] = KnownGroup(group_id, command.feed, listing.content, listed=True)
            changed[group_id] = listing
    store.save(list(changed.values()))
    store.remember(heard)
    return decided


def set_capacity(command: SetCapacity, store: ListingStore) -> list[Fact]:
    """Set a group's capacity by hand and list the group anew with it; nothing follows from the one that stands, unless the organiser shut it.

    Raises:
        NotFound: the group is not listed.
    """
    group_id, listed = command.group_id, store.last_listing(command.group_id)
    if listed is None:
        raise NotFound("no group is listed by this id")
    stands = same(listed.prepared.group.capacity, command.capacity)
    if stands and not store.shut(group_id):
        return []
    said = store.said([group_id]).get(group_id, Said()).set_by_hand(command.capacity)
    listing = _listing(_with_capacity(replace(listed, at=command.at), command.capacity), store)
    store.save([] if stands else [listing])
    store.remember({group_id: said})
    return _told(listing, "unchanged" if stands else "changed", said)


def delist_missing(command: DelistMissing, store: DirectoryStore) -> list[Fact]:
    """Delist what is gone from a feed, within that feed only. Nothing follows for who has a place: a delisted group keeps them, and takes nobody new.

    Raises:
        Rejected: fewer than half of the feed's groups would be left, and nobody said that this is meant.
    """
    known = store.listed_ids(command.feed)
    gone = sorted(known - command.present)
    if too_many_gone(known, gone) and not command.anyway:
        raise Rejected(f"{len(gone)} of the {len(known)} groups listed from this source are gone from it, so none was delisted; --yes delists them")
    store.delist(gone)
    return [Fact(GroupDelisted(group_id=group_id, feed=command.feed)) for group_id in gone]


def answer_requests(events: Sequence[Event[Data]], store: PlaceStore, calendar: Callable[[], Calendar]) -> list[Fact]:
    """Answer what is asked of groups' places, by one read and one write of the groups that it is asked of."""
    places: dict[str, set[str]] = defaultdict(set)
    for event in events:
        places[event.data.subject].add(getattr(event.data, "place_id", ""))
    books, now = store.books(places), calendar()
    facts = [fact for event in events for fact in _numbered(event, answers_to(event.data, books[event.data.subject], now))]
    store.keep(books.values())
    return facts


def _numbered(cause: Event[Data], answers: Sequence[Data]) -> Iterator[Fact]:
    """The answers as facts, numbered among those of their type, because they are all about one group."""
    told: Counter[type[Data]] = Counter()
    for answer in answers:
        yield Fact(answer, cause, told[type(answer)])
        told[type(answer)] += 1


def _moves_somebody(before: KnownGroup | None, last: Said, said: Said) -> bool:
    """Whether the owner of the group's places must look at them anew: its capacity was said anew, or it met before and does so otherwise now."""
    return said.revision != last.revision or (before is not None and (said.terms != last.terms or not before.listed))


def _with_capacity(command: ListGroup, capacity: Capacity | None) -> ListGroup:
    if command.prepared.group.capacity is capacity:
        return command
    group = command.prepared.group.model_copy(update={"capacity": capacity})
    return replace(command, prepared=replace(command.prepared, group=group))


def _listing(command: ListGroup, store: DirectoryStore) -> Listing:
    return Listing(command, store.hash("content", command.prepared.content))


def _told(listing: Listing, fate: Fate, said: Said | None) -> list[Fact]:
    listed = [] if fate == "unchanged" else [Fact(_listed(listing))]
    return [*listed, Fact(said.fact(listing.command.group_id), listed[0] if listed else None)] if said else listed


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
