"""`together streams`: the events as they are written."""

from typing import Annotated

import typer

from services.cli.options import Data, Format

app = typer.Typer(help="The streams of events.\n\nExample: together streams tail matches --from-start", no_args_is_help=True)


@app.callback()
def streams() -> None:
    """The streams of events."""


@app.command()
def tail(
    stream: Annotated[str, typer.Argument(help="The stream's name, such as referrals or matches", metavar="STREAM")],
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest event, not with the next one")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until interrupted")] = False,
    data: Data = None,
) -> None:
    """Print a stream's events as CloudEvents, one JSON object a line, sealed parts sealed.

    Example: together streams tail matches --from-start
    """
    from services.cli.output import print_json
    from services.cli.tailing import records_of

    for record in records_of(stream, data, from_start=from_start, follow=follow):
        print_json(record.structured())


@app.command()
def lag(
    partitions: Annotated[bool, typer.Option("--partitions", help="Each partition by itself, not their sum")] = False,
    data: Data = None,
    format_: Format = None,
) -> None:
    """List how many records each service has still to take in, and how old the oldest of them is.

    Example: together streams lag --format table
    """
    from services.cli.lagging import lags
    from services.cli.output import print_list

    columns = ("service", "stream", *(("partition",) if partitions else ()), "end", "committed", "lag", "oldest_seconds")
    print_list(lags(data, by_partition=partitions), columns, format_)


@app.command("apply")
def apply_(
    yes: Annotated[bool, typer.Option("--yes", help="Make the change, not only say what it would be")] = False,
    replication: Annotated[int | None, typer.Option(min=1, help="Copies of each topic; else 3 where there are as many brokers, else 1")] = None,
    format_: Format = None,
) -> None:
    """List what about Kafka's topics is not as the streams want it; with --yes, make and set it so.

    Nothing is deleted or made smaller. `remedy` says what --yes does: make a topic, set a setting, leave it, or refuse altogether.

    Example: together streams apply --yes
    """
    from services.chassis.distributed.cluster import cluster, refuse_other_partitions
    from services.chassis.errors import UserError
    from services.cli.installation import settings_for
    from services.cli.output import print_list, progress

    settings = settings_for()
    if settings.kafka_bootstrap is None:
        raise UserError("TOGETHER_KAFKA_BOOTSTRAP is not set: a data folder makes its streams by itself")
    with cluster(settings.kafka_bootstrap) as there:
        wanted = there.wanted(replication)
        found = there.differences(wanted)
        rows = [{"topic": one.topic, "what": one.what, "is": one.is_, "should_be": one.should_be, "remedy": one.remedy} for one in found]
        print_list(rows, ("topic", "what", "is", "should_be", "remedy"), format_)
        refuse_other_partitions(found)
        if yes:
            with progress("Applying"):
                there.apply(wanted, found)


@app.command()
def replay(
    into: Annotated[str, typer.Option("--into", help="The service that reads again", metavar="SERVICE")],
    since: Annotated[str, typer.Option("--from", help="`beginning`, an offset, or a time with its zone", metavar="TIME|OFFSET")],
    stream: Annotated[list[str] | None, typer.Option("--stream", help="Only this stream; may be given several times")] = None,
) -> None:
    """Have a service read its streams once more from an earlier moment on, so that its store becomes what they say.

    Nothing follows once more from what is read again: nothing is decided, claimed, sent or published. The service's copies are stopped first
    and started afterwards. It is for Kafka; the services of a data folder read each record once.

    Example: together streams replay --into matcher --from 2026-11-01T08:00:00Z
    """
    from services.cli.output import print_json
    from services.cli.replaying import replay_into, service_called

    print_json(replay_into(service_called(into), since, tuple(stream or ())))


@app.command()
def move(
    to_kafka: Annotated[bool, typer.Option("--to-kafka", help="Into Kafka and PostgreSQL, the only place there is to move to")] = False,
    data: Data = None,
) -> None:
    """Move a data folder's streams, state and keys into Kafka and PostgreSQL; what was sent is not sent again.

    TOGETHER_KAFKA_BOOTSTRAP and TOGETHER_DATABASE_URL say where to, after `together database upgrade` and `together streams apply --yes`. The
    folder is left as it is, and is not run any more. A move that was cut short goes on when it is asked for again.

    Example: together streams move --to-kafka --data /srv/together
    """
    from services.cli.output import print_json

    if not to_kafka:
        raise typer.BadParameter("say --to-kafka: there is nowhere else to move to")
    from services.cli.moving import move_to_kafka

    print_json(move_to_kafka(data))
