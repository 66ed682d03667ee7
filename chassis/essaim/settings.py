"""Every environment variable a service reads, typed, with a default for one's own machine."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from `ESSAIM_…`. A service with more of its own inherits from this."""

    model_config = SettingsConfigDict(env_prefix="ESSAIM_", extra="ignore", secrets_dir=None)

    data: Path = Path("data")
    """The folder for documents, and for the database when it is SQLite."""
    consortium: Path | None = None
    """Who takes part: the consortium file; `consortium.yaml` in `data` by default, if there."""
    database_url: str = ""
    """`sqlite:///…` or `postgresql://…`; a file in `data` by default."""
    nats_url: str = "nats://127.0.0.1:4222"
    nats_user: str = ""
    nats_password: SecretStr = SecretStr("")
    public_url: str = "http://127.0.0.1:8000"
    """The address people see, for links in messages."""
    secret: SecretStr = SecretStr("")
    """Of this service alone: proves that forms, feeds and links are its own."""
    sign_in_key: SecretStr = SecretStr("")
    """Where the people directory is kept, and there only: the key that signs who signed in."""
    sign_in_public_key: str = ""
    """Everywhere else: reads what the keeper signed. `essaim sign-in-key` prints it there."""
    clock: Literal["system", "simulated"] = "system"
    simulated_start: str = "2019-11-01T08:00:00+01:00"
    log_level: str = "INFO"
    tracing: Literal["off", "otlp"] = "off"
    """`otlp` sends spans to where OTEL_EXPORTER_OTLP_ENDPOINT says; needs essaim[tracing]."""
    message_metrics: bool = False
    """FastStream's figures of questions and chunks in /metrics; costs a lone fact some latency."""
    host: str = "127.0.0.1"
    port: int = 8000

    def database_url_of(self, service: str) -> str:
        return self.database_url or f"sqlite:///{self.data / service}.db"
