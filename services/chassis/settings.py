"""What every service may be told from outside, as environment variables `TOGETHER_…`; none is needed for the embedded run."""

from pathlib import Path
from typing import Any

from pydantic import AwareDatetime
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.record import TimeZone


class ChassisSettings(BaseSettings):
    """Where the data and the keys are, who may call, and which time it is."""

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    data: Path = Path(".together")
    key_file: Path | None = None
    api_token: str | None = None
    clock: AwareDatetime | None = None
    public_url: str | None = None
    time_zone: TimeZone = "Europe/London"
    encoder: Path | None = None
    geocoder: str | None = None
    geocoder_options: dict[str, Any] = {}
