"""Every environment variable a service reads, typed, with a default for one's own machine.

What is wrong in them is said at start, all of it at once, and nothing starts.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import SplitResult, urlsplit

import nkeys
import sqlalchemy as sa
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from essaim.clock import Clock, SimulatedClock, SystemClock

PREFIX = "ESSAIM_"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_DATABASES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
_GIB = 1024**3


class Settings(BaseSettings):
    """Read from `ESSAIM_…`. A service with more of its own inherits from this.

    The `description` of a field is what to write, as a sentence says that goes « Write … ».
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        secrets_dir=None,
        str_strip_whitespace=True,
    )

    data: Path = Path("data")
    """The folder for documents, and for the database when it is SQLite."""
    consortium: Path | None = None
    """Who takes part: the consortium file; `consortium.yaml` in `data` by default, if there."""
    database_url: str = Field(
        "", description="sqlite:///folder/file.db or postgresql://user:password@host/name"
    )
    """A file in `data` by default."""
    nats_url: str = Field(
        "nats://127.0.0.1:4222",
        description="nats://host:4222 or tls://host, several of a cluster apart by commas",
    )
    nats_seed_file: Path | None = Field(
        None, description="a file with the seed alone, which only this user may read"
    )
    """The key we sign on to the broker with. The file is read again when its key is refused."""
    nats_seed: SecretStr = Field(SecretStr(""), description="a user's NKey seed, which begins SU")
    """The same, as a value."""
    sandbox_url: str = Field("", description="nats://host:4333, as people outside reach it")
    """Where `essaim sandbox` runs; the page for integrators then shows how to try it."""
    nats_ca: Path | None = Field(None, description="the file ca.pem that the operator gave")
    """Who vouches for the broker, with `tls://`; whom this machine trusts by default."""
    public_url: str = Field(
        "http://127.0.0.1:8000", description="the address people see: http(s)://host:port, no path"
    )
    """For links in messages."""
    secret: SecretStr = Field(SecretStr(""), description="32 signs or more, taken at random")
    """Of this service alone: proves that forms, feeds and links are its own."""
    sign_in_key: SecretStr = SecretStr("")
    """Where the people directory is kept, and there only: the key that signs who signed in."""
    sign_in_public_key: str = ""
    """Everywhere else: reads what the keeper signed. `essaim sign-in-key` prints it there."""
    openid_secrets: SecretStr = Field(
        SecretStr("{}"), description='{"name of the provider": "client secret", …}, in JSON'
    )
    """Where the people directory is kept: the secrets its providers of OpenID Connect gave."""
    clock: Literal["system", "simulated"] = "system"
    simulated_start: str = Field(
        "2019-11-01T08:00:00+01:00", description="an instant with its zone, 2019-11-01T08:00+01:00"
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL")
    tracing: Literal["off", "otlp"] = "off"
    """`otlp` sends spans to where OTEL_EXPORTER_OTLP_ENDPOINT says; needs essaim[tracing]."""
    message_metrics: bool = Field(False, description="true or false")
    """FastStream's figures of questions and chunks in /metrics; costs a lone fact some latency."""
    host: str = Field("127.0.0.1", description="an address of this machine, 127.0.0.1 or 0.0.0.0")
    port: int = Field(8000, ge=1, le=65535, description="a whole number from 1 to 65535")
    nats_replicas: int = Field(1, ge=1, le=5, description="a whole number from 1 to 5")
    """How many servers of a NATS cluster keep each stream. For the operator."""
    stream_max_bytes: int = Field(
        2 * _GIB, ge=1024**2, description="a whole number of bytes, without spaces, from 1048576"
    )
    """How large the stream of facts may grow. For the operator."""
    nats_system_seed_file: Path | None = None
    """The key of the broker's user `system`, who has it read its users anew. For the operator."""
    nats_host: str = Field("", description="the name that reaches this machine, broker.example.org")
    """Under which partners elsewhere reach the broker, with TLS. For the operator."""
    nats_bind: str = Field("0.0.0.0", description="an address of this machine, or 0.0.0.0")  # noqa: S104
    """Where the broker of `essaim up` listens for them, where it has such a name."""
    nats_port: int = Field(0, ge=0, le=65535, description="a whole number from 1 to 65535")
    """The port of the same; 0 where none is set."""
    services_at: str = Field("", description="http://{service}:8000, or another address with it")
    """Where `essaim doctor` asks each service whether it is ready. For the operator."""

    retention: Literal["warn", "apply"] = "warn"
    """Whether what is not to be kept any more goes by itself, thirty days after it was announced,
    or waits for `essaim retention apply`."""

    backup_to: str = Field("", description="a folder, or s3://bucket/folder")
    """Where backups go. For the operator, as are those that follow."""
    backup_recipient: str = Field("", description="a public age key, age1…")
    """Whom backups are encrypted for: `essaim backup key` makes one."""
    backup_keep: str = Field("7d,4w,12m", description="how many days, weeks, months: 7d,4w,12m")
    """Of how many days, weeks and months a backup is kept."""
    backup_keys: Path | None = None
    """The folder with the keys to save; the data folder by default."""
    documents_at: str = Field("", description="/volumes/{service}, or another folder with it")
    """Where a backup finds each service's data folder, when it is not one for all."""

    def documents_of(self, service: str) -> Path:
        folder = Path(self.documents_at.format(service=service)) if self.documents_at else self.data
        return folder / f"{service}-documents"

    @property
    def nats_urls(self) -> list[str]:
        """Any server of the broker's cluster will do; the first that answers is taken."""
        return [one.strip() for one in self.nats_url.split(",")]

    def read_nats_seed(self) -> str:
        """
        Raises:
            OSError: the file cannot be read.
        """
        if self.nats_seed_file is not None:
            return self.nats_seed_file.read_text().strip()
        return self.nats_seed.get_secret_value()

    def database_url_of(self, service: str) -> str:
        return self.database_url or f"sqlite:///{self.data / service}.db"

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        if url:
            check_database_url(url)
        return url

    @field_validator("nats_url")
    @classmethod
    def _is_a_broker(cls, url: str) -> str:
        for one in url.split(","):
            check_url(one.strip(), ("nats", "tls", "ws", "wss"))
        return url

    @field_validator("secret")
    @classmethod
    def _cannot_be_guessed(cls, secret: SecretStr) -> SecretStr:
        if 0 < len(secret) < 32:
            raise ValueError("it is shorter than 32 signs, and may be guessed")
        return secret

    @field_validator("nats_seed")
    @classmethod
    def _is_a_seed(cls, seed: SecretStr) -> SecretStr:
        if seed.get_secret_value():
            check_seed(seed.get_secret_value())
        return seed

    @field_validator("nats_seed_file", "nats_system_seed_file")
    @classmethod
    def _holds_a_seed(cls, file: Path | None) -> Path | None:
        if file is not None:
            check_seed(_readable(file).strip())
        return file

    @field_validator("nats_ca")
    @classmethod
    def _holds_certificates(cls, file: Path | None) -> Path | None:
        if file is not None and "-----BEGIN CERTIFICATE-----" not in _readable(file):
            raise ValueError("it holds no certificate")
        return file

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = check_url(url, ("http", "https"))
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("pages are at the root of an address")
        if "@" in parts.netloc:
            raise ValueError("people would see its user and password")
        return url.rstrip("/")

    @field_validator("openid_secrets")
    @classmethod
    def _are_texts_by_name(cls, secrets: SecretStr) -> SecretStr:
        try:
            known = json.loads(secrets.get_secret_value())
        except ValueError:
            raise ValueError("it is no JSON") from None
        if not isinstance(known, dict) or not all(isinstance(one, str) for one in known.values()):
            raise ValueError("it does not give each name a text")
        return secrets

    def openid_secret_of(self, provider: str) -> str:
        """Nothing for a provider that gave none, a public client."""
        known: dict[str, str] = json.loads(self.openid_secrets.get_secret_value())
        return known.get(provider, "")

    @field_validator("services_at")
    @classmethod
    def _names_each_service(cls, url: str) -> str:
        if url:
            check_url(url.replace("{service}", "service"), ("http", "https"))
        return url.rstrip("/")

    @field_validator("documents_at")
    @classmethod
    def _is_of_each_service(cls, folder: str) -> str:
        if folder and "{service}" not in folder:
            raise ValueError("it is the same for all services")
        return folder

    @field_validator("simulated_start")
    @classmethod
    def _is_an_instant(cls, text: str) -> str:
        try:
            has_zone = datetime.fromisoformat(text).tzinfo is not None
        except ValueError:
            raise ValueError("it is no instant") from None
        if not has_zone:
            raise ValueError("it has no time zone")
        return text

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, level: str) -> str:
        if level.upper() not in LEVELS:
            raise ValueError("there is no such level")
        return level.upper()

    @field_validator("host", "nats_host", "nats_bind")
    @classmethod
    def _is_a_host(cls, host: str) -> str:
        if host and not re.fullmatch(r"[A-Za-z0-9_.:%-]+", host):
            raise ValueError("it is no host")
        return host


def clock_of(settings: Settings) -> Clock:
    if settings.clock == "simulated":
        return SimulatedClock(datetime.fromisoformat(settings.simulated_start))
    return SystemClock()


S = TypeVar("S", bound=Settings)


class SettingsRefused(Exception):
    """What stands in the environment is not what a service needs; `problems` has a sentence each.

    Values that may hold a secret are not in them.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(self.problems))


def read_settings(kind: type[S], **given: Any) -> S:
    """Settings from the environment; what is `given` counts more.

    Raises:
        SettingsRefused: says every variable that is wrong, and what to write.
    """
    try:
        return kind(**given)
    except ValidationError as error:
        raise SettingsRefused(_sentence(kind, one) for one in error.errors()) from None


def check_database_url(url: str) -> None:
    """
    Raises:
        ValueError: it names no database that we know how to use.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("it is no address of a database") from None
    if parsed.drivername not in _DATABASES:
        raise ValueError(f"{parsed.drivername!r} is no kind of database we know")
    if parsed.database in (None, "", ":memory:"):
        raise ValueError("it names no database")


def check_seed(seed: str) -> None:
    """
    Raises:
        ValueError: it is no seed of a NATS user.
    """
    try:
        prefix, _ = nkeys.decode_seed(bytearray(seed.encode()))
    except (nkeys.NkeysError, ValueError, IndexError):
        prefix = None
    if prefix != nkeys.PREFIX_BYTE_USER:
        raise ValueError("it is no seed of a NATS user")


def _readable(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        raise ValueError("there is no such file") from None
    except (OSError, UnicodeDecodeError):
        raise ValueError("it cannot be read") from None


def check_url(url: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of an address.

    Raises:
        ValueError: it has another scheme, no host, or a port that is none.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("it is no address") from None
    if parts.scheme not in schemes or "://" not in url:
        raise ValueError(f"it does not begin with {' or '.join(f'{one}://' for one in schemes)}")
    if not parts.hostname or re.search(r"\s", url):
        raise ValueError("it names no host")
    try:
        parts.port  # noqa: B018
    except ValueError:
        raise ValueError("its port is no number from 1 to 65535") from None
    return parts


def folder_problem(folder: Path) -> str | None:
    """Why nothing can be kept in the data folder; None when it can, or can be made."""
    name = f"{PREFIX}DATA (or --data) is {str(folder)!r}"
    if folder.exists() and not folder.is_dir():
        return f"{name}, which is no folder. Name a folder, which need not exist."
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return f"{name}, which we may not write in. Name another, or give us the right to."
    return None


_READ_ELSEWHERE = {
    f"{PREFIX}{name}"
    for name in ("JSON_LOGS", "BIND", "PUBLISHED_ON", "PUBLISHED_PORT", "BUILD_NETWORK", "COMPOSE",
                 "REQUIRE_ALL", "SEED", "WORKERS")
}  # fmt: skip
"""By the command, by what stands around it in containers, by the tests."""


def unknown_variables(
    kinds: Iterable[type[Settings]], environment: Mapping[str, str]
) -> Iterator[str]:
    """A sentence for each `ESSAIM_…` that nothing here reads, as when it is written wrongly."""
    read: list[type[Settings]] = [Settings, *kinds]
    known = _READ_ELSEWHERE | {
        f"{PREFIX}{name.upper()}" for kind in read for name in kind.model_fields
    }
    for name in sorted(environment):
        is_read = name.upper() in known or name.startswith(f"{PREFIX}DATABASE_URL_")
        if name.upper().startswith(PREFIX) and not is_read:
            near = get_close_matches(name.upper(), known, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            yield f"{name} is set, and nothing here reads it.{meant}"


def _sentence(kind: type[Settings], error: ErrorDetails) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    variable, field = f"{PREFIX}{name.upper()}", kind.model_fields.get(name)
    reason = error["msg"].removeprefix("Value error, ") if error["type"] == "value_error" else ""
    if reason.startswith(PREFIX) or field is None:
        return reason or error["msg"]
    shown = _shown(error["input"], field)
    because = f": {reason}" if reason else ""
    return f"{variable} is {shown}{because}. Write {_what_to_write(field)}."


def _shown(value: object, field: FieldInfo) -> str:
    """The value, unless it may hold a secret: a password stands before an « @ »."""
    text = str(value)
    is_secret = field.annotation is SecretStr or isinstance(value, SecretStr)
    return "not right" if is_secret or ("@" in text and "://" in text) else repr(text)


def _what_to_write(field: FieldInfo) -> str:
    choices = get_args(field.annotation)
    if field.description:
        return field.description
    return " or ".join(map(str, choices)) if choices else "another value"
