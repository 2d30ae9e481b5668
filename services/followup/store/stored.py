"""What every part of the store stands on."""

from datetime import tzinfo

from sqlalchemy import Connection

from services.chassis.vault import Vault


class Stored:
    """A connection in its transaction, a vault for that turn, and the zone of who has none of their own."""

    def __init__(self, connection: Connection, vault: Vault, zone: tzinfo) -> None:
        self._connection, self.vault, self._zone = connection, vault, zone
