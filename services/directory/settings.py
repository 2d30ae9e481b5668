"""What the directory may be told from outside, as environment variables `TOGETHER_…`."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DirectorySettings(BaseSettings):
    """How long before a first session its place must be held, so that the person can get ready and messages arrive in time."""

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    first_session_lead_hours: int = Field(default=24, ge=0, le=24 * 28)

    @property
    def lead(self) -> timedelta:
        """The time between holding a place and its first session, at least."""
        return timedelta(hours=self.first_session_lead_hours)
