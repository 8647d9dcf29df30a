"""Reading the addresses among the settings, so that a mistake is named before anything starts."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


def database_address(url: str) -> str:
    """PostgreSQL's address, whatever its spelling, for our one driver. Raises ValueError."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("must be a postgresql:// address")
    try:
        make_url(f"postgresql+psycopg://{rest}")
    except (ArgumentError, ValueError):
        raise ValueError("must be like postgresql://user:password@host:5432/name") from None
    return f"postgresql+psycopg://{rest}"


def redis_address(url: str) -> str:
    """`redis[s]://[user:password@]host[:port][/number]`, or redis-py's `unix:///path?db=number`. Raises ValueError."""
    parts = _split(url)
    if parts is None or parts.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must be like redis://host:6379/0")
    if parts.scheme != "unix" and not re.fullmatch(r"/?\d*", parts.path):
        raise ValueError("must end with the number of a database, like redis://host:6379/0")
    return url


def broker_address(url: str) -> str:
    """`amqp[s]://user:password@host[:port]/vhost`, or a Redis address. Raises ValueError."""
    parts = _split(url)
    if parts is not None and parts.scheme in {"redis", "rediss", "unix"}:
        return redis_address(url)
    if parts is None or parts.scheme not in {"amqp", "amqps"} or not parts.hostname:
        raise ValueError("must be like amqp://user:password@host:5672/vhost or redis://host:6379/0")
    return url


def web_address(url: str) -> str:
    """`http[s]://host…`, without a slash at its end. Raises ValueError."""
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an https:// or http:// address")
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """An address's parts; None when it has none, or a port that is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def networks(words: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks (10.0.0.5, 10.0.0.0/8, fd00::/8) apart by commas. Raises ValueError."""
    try:
        return tuple(ip_network(word.strip()) for word in words.split(",") if word.strip())
    except ValueError:
        raise ValueError(
            "must be addresses or networks apart by commas, such as 10.0.0.5,10.1.0.0/16"
        ) from None


def read_by(read: Callable[[str], object]) -> AfterValidator:
    """For a setting that is kept as it was given, once `read` has found no mistake in it. An empty one isn't read."""

    def check(given: str | SecretStr | None) -> str | SecretStr | None:
        if given:
            read(given if isinstance(given, str) else given.get_secret_value())
        return given

    return AfterValidator(check)
