"""`together up`: everything on this machine."""

from typing import Annotated

import typer

from services.cli.options import Data


def up(
    data: Data = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to serve on; 0 takes a free one")] = 8080,
    host: Annotated[str, typer.Option(help="The address to bind; only this machine unless told otherwise")] = "127.0.0.1",
) -> None:
    """Run every service on this machine and serve them on one address, until interrupted.

    Prints `ready` and an address with a sign-in key, which works once within ten minutes.

    Example: together up --data /srv/together --port 8080
    """
    from services.cli.installation import embedded_installation, settings_for
    from services.cli.serving import serve

    with embedded_installation(settings_for(data)) as running:
        serve(running, port, host)
