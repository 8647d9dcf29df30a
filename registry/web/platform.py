"""What the composition root hands to the views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network

from flask import current_app

from registry.api.pace import Pace
from registry.crypto import Keyring
from registry.events.damper import Damper


@dataclass(frozen=True, slots=True)
class Platform:
    """Found under `current_app.extensions["rollcall"]`."""

    keyring: Keyring
    base_url: str
    """Where the world reaches us, without a trailing slash."""
    https: bool
    sandbox_sms: bool
    """SMS stay in the sandbox."""
    sandbox_email: bool
    providers: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"sms": ["twilio"], "email": ["smtp"]}
    )
    """The names of each channel's providers, in the order in which they are tried."""
    twilio_tokens: tuple[str, ...] = ()
    """Auth tokens whose webhook signatures are accepted; two during a rotation."""
    gateway_secret: str = ""
    """What an SMS gateway shows with a message from a phone; without, none are taken from it."""
    gateway_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Where such messages may come from; none: from anywhere."""
    join_number: str = ""
    """The number, in E.164, that people text to join; empty: none is known."""
    sms_rate: float | None = None
    email_rate: float | None = None
    segment_price: float | None = None
    currency: str = "USD"
    sms_countries: frozenset[str] = frozenset()
    """Countries (ISO 3166-1) to whose numbers the public may have codes sent; none: all."""
    sms_codes_a_day: int = 5000
    """Codes by SMS that the public may make us send in a day; beyond it only confirmed numbers get theirs."""
    export_limit: int = 100
    """Rows of an export above which a second officer must confirm."""
    confirm_above: int = 1000
    """People above whose number an officer types it before an alert may go."""
    one_time_life: timedelta = timedelta(hours=24)
    """How long a one-time password waits to be used."""
    plea_unread_minutes: int = 15
    """After which a plea for help has waited too long, and the duty list is told."""
    pace: Pace = field(default_factory=lambda: Pace(600))
    """Of each key's calls in this process."""
    damper: Damper = field(default_factory=Damper)
    """Of what this process notes of refusals."""
    unconfirmed_days: int = 7
    """After which a registration that was never confirmed is erased."""
    silent_days: int = 365
    """After which people who give no sign are asked whether to stay."""
    answer_days: int = 30
    """After that question, those who don't answer are erased."""

    @property
    def signing_key(self) -> bytes:
        """For tokens and references that we hand out and get back."""
        return self.keyring.signing_key


def platform() -> Platform:
    """The platform of the current application."""
    found: Platform = current_app.extensions["rollcall"]
    return found
