"""What follow-up may be told from outside, as environment variables `TOGETHER_…`; without any of them messages are files in the outbox."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class FollowupSettings(BaseSettings):
    """Which mail server to use, and who writes."""

    model_config = SettingsConfigDict(env_prefix="TOGETHER_", frozen=True, extra="ignore", env_ignore_empty=True)

    smtp_url: str | None = None
    sender: str | None = None
