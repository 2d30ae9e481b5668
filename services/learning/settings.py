"""What learning may be told from outside, as environment variables `TOGETHER_…`."""

from datetime import time

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.registry import TOLERANCE


class LearningSettings(BaseSettings):
    """When at night it learns (in TOGETHER_TIME_ZONE), from how many new outcomes on, and what a challenger may lose on a slice, in nDCG@10."""

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    learning_at: time = time(2)
    learning_enough: int = Field(default=50, ge=1, le=1_000_000)
    learning_tolerance: float = Field(default=TOLERANCE, ge=0, le=1)
