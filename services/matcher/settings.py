"""What the matcher may be told from outside, as environment variables `TOGETHER_…`."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class MatcherSettings(BaseSettings):
    """For how many days a group that was declined, or whose organiser refused the person, is not proposed to them again."""

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    cooling_off_days: int = Field(default=90, ge=0, le=3650)

    @property
    def cooling_off(self) -> timedelta:
        """The same as a stretch of time."""
        return timedelta(days=self.cooling_off_days)
