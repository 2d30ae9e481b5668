"""What every service may be told from outside, as environment variables `TOGETHER_…`; none is needed for the embedded run."""

from pathlib import Path
from typing import Any

from pydantic import AwareDatetime
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.record import TimeZone
from services.chassis.errors import UserError


class ChassisSettings(BaseSettings):
    """Where the data and the keys are, who may call, and which time it is.

    Without `kafka_bootstrap` (host:port, more by commas) and `database_url` (postgresql://owner@host:port/name) everything runs over `data`.
    `secrets` is a folder with one file a secret; `database-ROLE` is the password of a database role. `models` is where learned models lie,
    for learning to write and every copy of the matcher to read; else `models` in `data`.
    """

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    data: Path = Path(".together")
    key_file: Path | None = None
    api_token: str | None = None
    clock: AwareDatetime | None = None
    public_url: str | None = None
    time_zone: TimeZone = "Europe/London"
    encoder: Path | None = None
    models: Path | None = None
    geocoder: str | None = None
    geocoder_options: dict[str, Any] = {}
    kafka_bootstrap: str | None = None
    database_url: str | None = None
    keys_database_url: str | None = None
    secrets: Path | None = None

    @property
    def models_folder(self) -> Path:
        """Where learned models lie."""
        return self.models or self.data / "models"

    @property
    def distributed(self) -> bool:
        """Whether the services run over Kafka and PostgreSQL, and not over the data folder alone.

        Raises:
            UserError: only one of the two is set.
        """
        if bool(self.kafka_bootstrap) != bool(self.database_url):
            missing, there = ("DATABASE_URL", "KAFKA_BOOTSTRAP") if self.kafka_bootstrap else ("KAFKA_BOOTSTRAP", "DATABASE_URL")
            raise UserError(f"TOGETHER_{missing} is not set, and TOGETHER_{there} is: the services need both, or neither")
        return bool(self.kafka_bootstrap)
