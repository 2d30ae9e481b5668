"""The databases of one installation, each service's with its own rights; an engine is made when it is first asked for."""

from sqlalchemy import Engine

from schemas.streams import ServiceName
from services.chassis.postgres import keys_role_url, open_postgres, role_url
from services.chassis.settings import ChassisSettings


class Databases:
    """Engines by service: one on its schema, one on the keys that it may see."""

    def __init__(self, settings: ChassisSettings) -> None:
        self._settings = settings
        self._engines: dict[tuple[str, ServiceName], Engine] = {}

    def of(self, name: ServiceName) -> Engine:
        """The database with this service's rights."""
        if ("state", name) not in self._engines:
            self._engines["state", name] = open_postgres(role_url(self._settings, name), f"together {name}", connections=8)
        return self._engines["state", name]

    def keys_of(self, name: ServiceName) -> Engine:
        """The key store with this service's rights."""
        if ("keys", name) not in self._engines:
            self._engines["keys", name] = open_postgres(keys_role_url(self._settings, name), f"together {name}")
        return self._engines["keys", name]

    def close(self) -> None:
        """Give every connection back."""
        for engine in self._engines.values():
            engine.dispose()
