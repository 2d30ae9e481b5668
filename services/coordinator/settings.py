"""What the coordinator may be told from outside, as environment variables `TOGETHER_…`; none is needed."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.record import Line, TimeZone


class CoordinatorSettings(BaseSettings):
    """Whose the red flags are, and within which time a task is to be done."""

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    duty_worker: Line = "duty worker"
    red_flag_hours: Annotated[float, Field(gt=0, le=168)] = 1
    task_working_days: Annotated[int, Field(ge=1, le=30)] = 1
    organiser_silent_days: Annotated[float, Field(gt=0, le=60)] = 2
    time_zone: TimeZone = "Europe/London"
