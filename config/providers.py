"""Settings of whoever carries our messages: Twilio, an SMS gateway, mail."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from alerts.channels.smtp.server import read_bounces, read_sender, read_url
from config.addresses import networks, read_by, web_address
from registry.addresses import normalise_phone
from registry.places import country_codes
from workers.mailbox import Mailbox


class ProviderSettings(BaseSettings):
    """Without them the sandbox carries everything."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_messaging_service_sid: str | None = None
    twilio_from: str | None = None
    twilio_api_url: str | None = None
    gateway_url: str | None = None
    """Where an SMS gateway of one's own takes messages; without, there is none."""
    gateway_kind: Literal["kannel", "jasmin"] = "kannel"
    gateway_user: str = ""
    gateway_password: SecretStr = SecretStr("")
    gateway_from: str = ""
    gateway_countries: str = ""
    """ISO 3166-1 codes apart by commas, of numbers that the gateway serves; none: of all."""
    gateway_rate: float | None = Field(None, gt=0)
    gateway_inbound_secret: SecretStr = SecretStr("")
    """What the gateway shows with each message from a phone; without, none are taken from it."""
    gateway_allowed: Annotated[str, read_by(networks)] = ""
    """Addresses and networks, apart by commas, from which it may bring them; none: any."""
    join_number: str = ""
    """The number that people text, for posters; by default what SMS leave from, where that is a number."""
    sms_routes: str = ""
    """The providers of SMS in the order in which they are tried; by default a gateway for some countries only comes
    first, one for all after Twilio."""
    smtp_url: Annotated[SecretStr | None, read_by(read_url)] = None
    mail_from: str = "rollcall@localhost.localdomain"
    mail_bounces: Annotated[str, read_by(read_bounces)] = ""
    """Whom bounces go to, such as bounces@alerts.example.org; each mail's own has a signed word after a plus sign."""
    mail_inbox: Annotated[SecretStr | None, read_by(Mailbox.of_url)] = None
    """The mailbox, by IMAP, of bounces and answers: imaps://user:password@host/folder."""

    @field_validator("sms_routes")
    @classmethod
    def _known_routes(cls, words: str) -> str:
        if unknown := {word.strip().lower() for word in words.split(",")} - {"", "twilio", "gateway"}:
            raise ValueError(f"knows twilio and gateway only, not {', '.join(sorted(unknown))}")
        return words

    @field_validator("gateway_countries")
    @classmethod
    def _countries(cls, words: str) -> str:
        codes = [word.strip().upper() for word in words.split(",") if word.strip()]
        if wrong := [code for code in codes if code not in country_codes()]:
            raise ValueError(f"must be ISO 3166-1 codes apart by commas, and {wrong[0]} is none")
        return ",".join(codes)

    @field_validator("join_number")
    @classmethod
    def _number(cls, text: str) -> str:
        if text and not (text := normalise_phone(text) or ""):
            raise ValueError("must be a phone number that starts with + and the country's code")
        return text

    @field_validator("twilio_api_url")
    @classmethod
    def _twilio_address(cls, url: str | None) -> str | None:
        return url and web_address(url)

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, mail_from: str) -> str:
        read_sender(mail_from)
        return mail_from

    @model_validator(mode="after")
    def _whole_twilio(self) -> Self:
        """Half of Twilio's settings would leave the alerts of a crisis in the sandbox, and nobody would know."""
        if self.twilio_is_set or not (
            self.twilio_account_sid or self.twilio_messaging_service_sid or self.twilio_from
        ):
            return self
        raise ValueError(
            "Twilio needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM"
        )

    @property
    def number_to_text(self) -> str:
        """In E.164; empty where none is known, as behind a messaging service or a sender's name."""
        given = (self.join_number, self.twilio_from, self.gateway_from)
        return next((number for text in given if text and (number := normalise_phone(text))), "")

    @property
    def gateway_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """What GATEWAY_ALLOWED names."""
        return networks(self.gateway_allowed)

    @property
    def twilio_is_set(self) -> bool:
        """Whether SMS leave by Twilio; otherwise the sandbox takes them."""
        return bool(
            self.twilio_account_sid
            and self.twilio_auth_token
            and (self.twilio_messaging_service_sid or self.twilio_from)
        )

    @property
    def sms_providers(self) -> tuple[str, ...]:
        """Those that are set up, in their order; the sandbox where there is none."""
        found = {
            name for name, is_set in (("twilio", self.twilio_is_set), ("gateway", self.gateway_url)) if is_set
        }
        usual = ("gateway", "twilio") if self.gateway_countries else ("twilio", "gateway")
        wanted = [word.strip().lower() for word in self.sms_routes.split(",") if word.strip()] or usual
        return tuple(name for name in wanted if name in found) or ("sandbox",)

    @property
    def email_providers(self) -> tuple[str, ...]:
        """As for SMS."""
        return ("sandbox",) if self.smtp_url is None else ("smtp",)
