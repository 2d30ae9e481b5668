"""Everything that is held about one person, read out of the log with both of their keys; and its erasure."""

from collections.abc import Iterator
from time import sleep
from typing import Any

import structlog
from pydantic_core import from_json

from schemas.envelope import Event, event_name
from schemas.events.base import Data
from schemas.streams import STREAMS
from services.chassis.codec import decode, opened
from services.chassis.errors import Ambiguous, NotFound, Rejected, Transient
from services.chassis.log import Stored
from services.chassis.running import Running
from services.chassis.vault import Vault
from services.cli.installation import Installation
from services.intake.domain import ErasePerson

_LOOK_AGAIN = 0.02  # seconds
_LOOKS = 3_000
logger = structlog.get_logger()


def personal_record(running: Installation[Running], id_: str) -> dict[str, Any]:
    """What every event about the person says, opened; the read itself is recorded in the logs.

    Raises:
        NotFound: nobody is known by this id.
        Ambiguous: several persons are.
    """
    person = person_called(running, id_)
    vault = Vault("intake", running.services.keys_of("intake"), ("details", "matching"))
    logger.info("person_exported", person=person)
    stored = [*running.services.about(person, _personal_streams()), *_of_places(running, person)]
    events = [opened(decode(one.record), vault, ("details", "matching")) for one in sorted(stored, key=lambda one: (one.record.time, one.position))]
    return {"person": person, "events": [_told(event) for event in events]}


def erase_person(running: Installation[Running], id_: str) -> dict[str, Any]:
    """Write PersonErased, see the keys destroyed, every row and every message deleted.

    Raises:
        Rejected: the id names nobody, or several.
        Transient: whoever holds the folder has not destroyed the keys and deleted the messages in time; asking again waits again.
    """
    [answer] = running.decide("intake", [ErasePerson(id_, running.services.clocks.domain.now())])
    running.finish()  # whatever the answer: an erasure that was cut short is ended by asking again
    if isinstance(answer, Rejected):
        raise answer
    person = answer[0].data.subject
    _wait_until_gone(running, person)
    running.services.truncate()
    return {"person": person, "erased": True}


def person_called(running: Installation[Running], id_: str) -> str:
    """Our own id of the person whom a sender's id names."""
    with running.services.reading("intake") as store:
        persons = store.persons_called(id_)
    if not persons:
        raise NotFound("no person is known by this id")
    if len(persons) > 1:
        raise Ambiguous("several persons have this id at different organisations; name one by our own id:", tuple(persons))
    return str(persons[0])


def _wait_until_gone(running: Installation[Running], person: str) -> None:
    for _ in range(_LOOKS):
        with running.services.reading("intake") as store:
            keys_left = person in store.erasures_open()
        with running.services.reading("followup") as store:
            messages_left = bool(store.messages_to_delete())
        if not keys_left and not messages_left:
            return
        sleep(_LOOK_AGAIN)
    raise Transient("the erasure is written down, but the running services have not destroyed the keys and deleted the messages yet")


def _personal_streams() -> list[str]:
    return [name for name, stream in STREAMS.items() if stream.key == "person"]


def _of_places(running: Installation[Running], person: str) -> Iterator[Stored]:
    """What the streams that are kept by group say about the person's places."""
    for stream in (name for name, one in STREAMS.items() if one.key == "group_id" and not one.compacted):
        yield from (one for one in running.services.all_of(stream) if _is_about(one, person))


def _is_about(stored: Stored, person: str) -> bool:
    try:
        return bool(from_json(stored.record.data)["person"] == person)
    except (ValueError, KeyError, TypeError):  # about a group alone, or not readable: the dead letters tell of that
        return False


def _told(event: Event[Data]) -> dict[str, Any]:
    return {
        "event": event_name(event.type),
        "at": event.time.isoformat(),
        "because_of": event.causationid,
        "data": event.data.model_dump(mode="json", exclude_none=True),
    }
