"""Which adapter serves which channel: the providers that are set up, or the sandbox in their place."""

from __future__ import annotations

from datetime import timedelta

from alerts.channels import canaries
from alerts.channels.base import Channel
from alerts.channels.gateway import DIALECTS, GatewayChannel
from alerts.channels.smtp import SmtpChannel
from alerts.channels.twilio import TwilioChannel
from alerts.channels.twilio.transport import TWILIO
from alerts.sandbox.channel import SandboxChannel
from config.errors import Misconfigured
from config.settings import Settings
from registry.crypto import Keyring
from workers.mailbox import Mailbox
from workers.routes import Route
from workers.runtime import Periods, WorkerRuntime


def make_worker_runtime(settings: Settings, keyring: Keyring) -> WorkerRuntime:
    """Keys, channels and rates for a worker or a dispatcher."""
    ways = [_SMS[name](settings, keyring) for name in settings.sms_providers]
    email = _email(settings, keyring)
    channels: dict[str, Channel] = {"sms": ways[0].channel, "email": email.channel}
    rates = {"sms": ways[0].rate, "email": settings.email_rate}
    return WorkerRuntime(
        keyring,
        channels,
        settings.base_url,
        rates,
        routes={"sms": ways, "email": [email]},
        audit_folder=settings.audit_folder,
        mailbox=Mailbox.of_url(settings.mail_inbox.get_secret_value()) if settings.mail_inbox else None,
        periods=_periods(settings),
    )


def _periods(settings: Settings) -> Periods:
    return Periods(
        timedelta(days=settings.keep_unconfirmed_days),
        timedelta(days=settings.keep_ledger_days),
        timedelta(days=settings.ask_silent_after_days),
        timedelta(days=settings.erase_silent_after_days),
        timedelta(minutes=settings.plea_unread_minutes),
    )


def _sandbox(settings: Settings, keyring: Keyring) -> Route:
    return Route(SandboxChannel(keyring, "sms"), settings.sms_rate)


def _twilio(settings: Settings, _keyring: Keyring) -> Route:
    token = settings.twilio_auth_token
    channel = TwilioChannel(
        settings.twilio_account_sid or "",
        token.get_secret_value() if token else "",
        settings.twilio_messaging_service_sid or settings.twilio_from or "",
        settings.twilio_api_url,
        f"{settings.base_url}/webhooks/twilio/receipts/",
    )
    api_url = settings.twilio_api_url or TWILIO
    sid, secret = settings.twilio_account_sid or "", token.get_secret_value() if token else ""
    return Route(channel, settings.sms_rate, canary=canaries.twilio(sid, secret, api_url))


def _gateway(settings: Settings, _keyring: Keyring) -> Route:
    try:
        channel = GatewayChannel(
            settings.gateway_url or "",
            DIALECTS[settings.gateway_kind],
            settings.gateway_user,
            settings.gateway_password.get_secret_value(),
            settings.gateway_from,
            f"{settings.base_url}/webhooks/gateway/{settings.gateway_kind}/receipts/",
        )
    except ValueError as error:
        raise Misconfigured(str(error)) from None
    countries = frozenset(settings.gateway_countries.split(",")) if settings.gateway_countries else None
    canary = canaries.gateway(
        settings.gateway_url or "",
        settings.gateway_kind,
        settings.gateway_user,
        settings.gateway_password.get_secret_value(),
    )
    return Route(channel, settings.gateway_rate, countries, canary)


_SMS = {"twilio": _twilio, "gateway": _gateway, "sandbox": _sandbox}


def _email(settings: Settings, keyring: Keyring) -> Route:
    if settings.smtp_url is None:
        return Route(SandboxChannel(keyring, "email"), settings.email_rate)
    url, sender = settings.smtp_url.get_secret_value(), settings.mail_from
    try:
        channel = SmtpChannel(url, sender, bounces=settings.mail_bounces)
        return Route(channel, settings.email_rate, canary=canaries.smtp(url, sender))
    except ValueError as error:
        raise Misconfigured(str(error)) from None
