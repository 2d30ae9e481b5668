"""The small application of the web's shell, served on a free port of this machine while a block runs."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread

from starlette.types import ASGIApp

from services.chassis.web.serving import Server, address, listen


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address of the application, without the slash at its end."""
    ready = Event()
    with closing(listen("127.0.0.1", 0)) as listening:
        server = Server(app, listening, ready.set)
        thread = Thread(target=server.run_until_stopped, name="server")
        thread.start()
        try:
            assert ready.wait(20)
            yield address(listening).rstrip("/")
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
