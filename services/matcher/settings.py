"""What the matcher may be told from outside, as environment variables `TOGETHER_…`."""

from datetime import time, timedelta
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.exploration import MOST, Exploration

PROPOSED: Final = 10
"""The most groups proposed to a person."""


class MatcherSettings(BaseSettings):
    """For how many days a group that was declined, or whose organiser refused the person, is not proposed to them again, and what is left to chance.

    `rematch` is whether all who wait are asked about together once a night, at `rematch_at` in TOGETHER_TIME_ZONE. `exploration` is the chance
    that one of the ten groups proposed, never the first, is swapped for one of the three that come next. `spread` is how strongly people are spread
    over groups by their places; at 0 groups come by their score alone.
    """

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    cooling_off_days: int = Field(default=90, ge=0, le=3650)
    exploration: float = Field(default=0.0, ge=0, le=MOST)
    spread: float = Field(default=0.0, ge=0, le=1)
    rematch: bool = True
    rematch_at: time = time(3)

    @property
    def cooling_off(self) -> timedelta:
        """The same as a stretch of time."""
        return timedelta(days=self.cooling_off_days)

    @property
    def chance(self) -> Exploration:
        """What may be proposed, and how likely."""
        return Exploration(self.exploration, shown=PROPOSED)
