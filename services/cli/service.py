"""`together service`: one service in a process of its own, over Kafka and PostgreSQL."""

from typing import Annotated, Literal

import typer

Named = Literal["intake", "directory", "matcher", "coordinator", "followup", "learning", "web"]


def service(
    name: Annotated[Named, typer.Argument(help="Which service; `web` serves every service's pages and routes", metavar="NAME")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port of its health and metrics, or of the web; 0 takes a free one")] = 8080,
    host: Annotated[str, typer.Option(help="The address to bind; only this machine unless told otherwise")] = "127.0.0.1",
) -> None:
    """Run one copy of one service until interrupted; start as many copies as the load asks for.

    TOGETHER_KAFKA_BOOTSTRAP and TOGETHER_DATABASE_URL say where Kafka and PostgreSQL are. `together database upgrade` and
    `together streams apply --yes` come first.

    Example: together service matcher --port 8081
    """
    from services.cli.installation import distributed_installation, settings_for
    from services.cli.serving import serve_web
    from services.cli.working import work

    settings = settings_for()
    if name == "web":
        with distributed_installation(settings, waits=True) as running:
            serve_web(running, port, host)
    else:
        with distributed_installation(settings, [name], waits=True) as running:
            work(running, name, port, host)
