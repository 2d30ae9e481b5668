"""The dead letters of an installation, and their retries: in a data folder, or on Kafka where that is set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from schemas.streams import ServiceName
from services.chassis.dead_letters import DeadLetter, dead_letters, retries_of, stream_of
from services.chassis.errors import Conflict, NotFound
from services.chassis.settings import ChassisSettings
from services.cli.installation import embedded_installation, installation, settings_for

Fate = Literal["handled", "refused again"]


def letters_of(data: Path | None) -> list[DeadLetter]:
    """What the services could not take in, each one's oldest first.

    Raises:
        UserError: Kafka is set and does not answer, or a topic is not there.
    """
    settings = settings_for(data)
    if settings.distributed:
        return _on_kafka(settings)
    with embedded_installation(settings) as running:
        return running.services.dead_letters()


def _on_kafka(settings: ChassisSettings) -> list[DeadLetter]:
    from services.chassis.distributed.cluster import cluster
    from services.chassis.distributed.reading import every_record

    bootstrap = settings.kafka_bootstrap or ""
    with cluster(bootstrap) as there:
        there.refuse_missing([name(service) for name in (stream_of, retries_of) for service in get_args(ServiceName)])
        return dead_letters(lambda stream: every_record(bootstrap, [stream]))


def letter_of(data: Path | None, id_: str) -> DeadLetter:
    """The dead letter of this id.

    Raises:
        NotFound: there is none.
    """
    for letter in letters_of(data):
        if letter.record.id == id_:
            return letter
    raise NotFound(f"no dead letter has the id {id_}")


def retry(data: Path | None, letters: Sequence[DeadLetter]) -> list[tuple[DeadLetter, Fate]]:
    """Put these before their consumers alone once more, and return what became of each.

    Raises:
        Conflict: one was retried already; nothing is done.
        Transient: the services have not taken them in within two minutes.
    """
    if done := [letter for letter in letters if letter.state == "retried"]:
        raise Conflict(f"{done[0].record.id} was retried already; where it was refused again, `list` has a newer one")
    if not letters:
        return []
    with installation(data) as running:
        running.services.retry(letters)
        running.finish()
    now = letters_of(data)
    return [(letter, _fate(letter, now)) for letter in letters]


def _fate(letter: DeadLetter, now: Sequence[DeadLetter]) -> Fate:
    later = (one for one in now if one.attempts > letter.attempts)
    return "refused again" if any((one.consumer, one.original.id) == (letter.consumer, letter.original.id) for one in later) else "handled"
