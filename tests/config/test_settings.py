"""A wrong setting is named in one line, before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import Misconfigured
from config.runtime import load_settings
from tests.config.conftest import Called
from tests.conftest import MASTER_KEY


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "mysql://host/x", "postgresql://"),
        (
            "DATABASE_URL",
            "postgresql://user:hunter2@host:port/x",
            "postgresql://user:password@host:5432/name",
        ),
        ("REDIS_URL", "nonsense", "redis://host:6379/0"),
        ("BROKER_URL", "http://host", "amqp://user:password@host:5672/vhost"),
        ("REDIS_URL", "redis://host:port/0", "redis://host:6379/0"),
        ("REDIS_URL", "redis://host/name", "number of a database"),
        ("PUBLIC_URL", "alerts.example.org", "https://"),
        ("TWILIO_API_URL", "gateway", "https://"),
        ("TWILIO_ACCOUNT_SID", "AC1", "TWILIO_AUTH_TOKEN"),
        ("TWILIO_FROM", "+15005550006", "TWILIO_ACCOUNT_SID"),
        ("SMTP_URL", "mail.example.org", "smtp://"),
        ("MAIL_FROM", "me", "not an email address"),
        ("MASTER_KEY", "short", "32 random bytes"),
        ("MASTER_KEY_PREVIOUS", f"{MASTER_KEY},short", "32 random bytes"),
        ("LOG_LEVEL", "loud", "DEBUG"),
        ("PORT", "many", "integer"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as refused:
        load_settings()
    said = str(refused.value)
    assert name in said
    assert said.count(f"{name}:") <= 1
    assert words in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("DATABASE_URL", "postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("DATABASE_URL", "postgresql:///d?host=/run/pg", "postgresql+psycopg:///d?host=/run/pg"),
        ("REDIS_URL", "rediss://user:word@host", "rediss://user:word@host"),
        ("REDIS_URL", "unix:///run/valkey.sock?db=3", "unix:///run/valkey.sock?db=3"),
        ("PUBLIC_URL", "https://alerts.example.org/", "https://alerts.example.org"),
        ("LOG_LEVEL", "debug", "DEBUG"),
    ],
)
def test_every_right_spelling_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, read: str
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(load_settings(), name.lower()) == read


def test_secrets_come_from_files_where_there_is_a_folder_of_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.delenv("MASTER_KEY", raising=False)
    monkeypatch.setenv("MAIL_FROM", "here@example.org")
    (tmp_path / "master_key").write_text(f"{MASTER_KEY}\n")
    (tmp_path / "mail_from").write_text("there@example.org")
    settings = load_settings()
    assert settings.master_key and settings.master_key.get_secret_value() == MASTER_KEY
    assert settings.mail_from == "here@example.org", "the environment comes first"
    (tmp_path / "master_key").write_text("short")
    with pytest.raises(Misconfigured, match="MASTER_KEY: "):
        load_settings()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "nowhere"))
    with pytest.raises(Misconfigured, match="CREDENTIALS_DIRECTORY: there is no folder"):
        load_settings()


def test_a_key_made_here_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    made = load_settings().master_key_bytes
    assert load_settings().master_key_bytes == made
    (kept,) = (tmp_path / "secrets").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_another_master_key_is_refused(rollcall: Callable[..., Called]) -> None:
    assert rollcall("demo", "--people", "1").code == 0
    refused = rollcall("demo", "--people", "1", MASTER_KEY="11" * 32)
    assert (refused.code, refused.err) == (
        1,
        "rollcall: MASTER_KEY is not the one that this registry was made with: nothing in it can be read\n",
    )
