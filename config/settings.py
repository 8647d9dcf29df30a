"""Settings, read from the environment once, here and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from config import addresses
from config.addresses import database_address, read_by, redis_address, web_address
from config.keys import all_key_bytes, kept, key_bytes
from config.providers import ProviderSettings

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Settings(ProviderSettings):
    """Every setting has a default that works for `rollcall up`."""

    database_url: str | None = None
    database_owner_url: str | None = None
    """The same database as the role that owns its tables, for migrations; without it DATABASE_URL does both."""
    redis_url: str | None = None
    broker_url: Annotated[SecretStr | None, read_by(addresses.broker_address)] = None
    """RabbitMQ (amqp://…) in Redis's place; it holds tasks only, and no truth."""
    public_url: str = ""
    secret_key: SecretStr | None = None
    master_key: Annotated[SecretStr | None, read_by(all_key_bytes)] = None
    """32 random bytes in base64 or hex."""
    master_key_previous: Annotated[SecretStr | None, read_by(all_key_bytes)] = None
    """Master keys of before, with commas between: what they sealed still opens."""
    keystore: Path | None = None
    """The folder of key-encryption keys of posts, outside the database; by default under ROLLCALL_HOME/secrets."""
    rollcall_home: Path = Path(__file__).parents[1] / "var"
    """State of the embedded services, and keys made here; by default beside the code, wherever it is called from."""
    audit_checkpoints: Path | None = None
    """Folder outside the database for the audit log's checkpoints; best on another machine, where lines can only be
    added."""
    port: int = Field(8000, ge=1, le=65535)
    trusted_proxies: int = Field(0, ge=0, le=10)
    """Proxies in front whose X-Forwarded-For is believed: limits by client address need the client's own."""
    trusted_hosts: str = ""
    """Further names under which we answer, apart by commas: of an internal proxy, of what reads our metrics."""
    sms_countries: str = ""
    """Countries (ISO 3166-1 alpha-2, apart by commas) to whose phones the public may have codes sent; none: all."""
    sms_codes_a_day: int = Field(5000, ge=0)
    sms_rate: float | None = Field(None, gt=0)
    """SMS segments a second that the sender carries; none: as fast as the provider takes them."""
    email_rate: float | None = Field(None, gt=0)
    sms_segment_price: float | None = Field(None, ge=0)
    currency: str = "USD"
    export_limit: int = Field(100, ge=0)
    """Rows of an export above which a second officer must confirm it."""
    keep_unconfirmed_days: int = Field(7, ge=1, le=3650)
    keep_ledger_days: int = Field(90, ge=1, le=3650)
    ask_silent_after_days: int = Field(365, ge=30, le=36500)
    erase_silent_after_days: int = Field(30, ge=7, le=3650)
    """After they were asked."""
    one_time_password_hours: int = Field(24, ge=1, le=720)
    api_rate: float = Field(600, gt=0)
    """Calls of the API a second that one key may make of each web process; twice as many at once."""
    confirm_above: int = Field(1000, ge=0)
    """People above whose number an officer types it before an alert may go."""
    plea_unread_minutes: int = Field(15, ge=1, le=1440)
    """After which the duty list is told that a plea for help waits."""
    log_level: str = "INFO"

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _database(cls, url: str | None) -> str | None:
        return url and database_address(url)

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str | None) -> str | None:
        return url and redis_address(url)

    @field_validator("public_url")
    @classmethod
    def _web(cls, url: str) -> str:
        return url and web_address(url)

    @field_validator("log_level")
    @classmethod
    def _level(cls, level: str) -> str:
        if level.upper() not in LOG_LEVELS:
            raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
        return level.upper()

    @property
    def one_time_life(self) -> timedelta:
        """How long a one-time password waits to be used."""
        return timedelta(hours=self.one_time_password_hours)

    @property
    def broker_address(self) -> str | None:
        """Where tasks are queued; None: nowhere yet."""
        return self.broker_url.get_secret_value() if self.broker_url else self.redis_url

    @property
    def base_url(self) -> str:
        """Where the world reaches this service, without a trailing slash."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def in_development(self) -> bool:
        """Whether only this machine can open the pages."""
        return urlsplit(self.base_url).hostname in ("127.0.0.1", "localhost", "::1")

    @property
    def trusted_host_names(self) -> list[str]:
        """The names in TRUSTED_HOSTS."""
        return [name.strip() for name in self.trusted_hosts.split(",") if name.strip()]

    @property
    def sms_country_codes(self) -> frozenset[str]:
        """The codes in SMS_COUNTRIES."""
        return frozenset(code.strip().upper() for code in self.sms_countries.split(",") if code.strip())

    @property
    def https(self) -> bool:
        """Whether the world reaches it by TLS, so that cookies can insist on it."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def audit_folder(self) -> Path:
        """Where the audit log's checkpoints are also kept."""
        return (self.audit_checkpoints or self.rollcall_home / "audit").absolute()

    @cached_property
    def master_key_bytes(self) -> bytes:
        """The master key; made and kept in ROLLCALL_HOME when none is set."""
        return key_bytes(self.master_key.get_secret_value() if self.master_key else self._kept("master.key"))

    @property
    def previous_master_keys(self) -> list[bytes]:
        """The master keys of before, the latest first."""
        return all_key_bytes(self.master_key_previous.get_secret_value()) if self.master_key_previous else []

    @property
    def keystore_folder(self) -> Path:
        """Where key-encryption keys of posts lie."""
        return self.keystore or self.rollcall_home / "secrets" / "posts"

    @cached_property
    def secret_key_text(self) -> str:
        """The key of the session cookie; made and kept in ROLLCALL_HOME when none is set."""
        return self.secret_key.get_secret_value() if self.secret_key else self._kept("secret.key")

    def _kept(self, name: str) -> str:
        return kept(self.rollcall_home / "secrets", name)
