"""Which adapter serves which channel: the providers that are set up, or the sandbox in their place."""

from __future__ import annotations

from datetime import timedelta

from alerts.channels.base import Channel
from alerts.channels.smtp import SmtpChannel
from alerts.channels.twilio import TwilioChannel
from alerts.sandbox.channel import SandboxChannel
from config.errors import Misconfigured
from config.settings import Settings
from registry.crypto import Keyring
from workers.runtime import Periods, WorkerRuntime


def make_worker_runtime(settings: Settings, keyring: Keyring) -> WorkerRuntime:
    """Keys, channels and rates for a worker or a dispatcher."""
    channels: dict[str, Channel] = {"sms": _sms(settings, keyring), "email": _email(settings, keyring)}
    rates = {"sms": settings.sms_rate, "email": settings.email_rate}
    return WorkerRuntime(
        keyring,
        channels,
        settings.base_url,
        rates,
        audit_folder=settings.audit_folder,
        periods=_periods(settings),
    )


def _periods(settings: Settings) -> Periods:
    return Periods(
        timedelta(days=settings.keep_unconfirmed_days),
        timedelta(days=settings.keep_ledger_days),
        timedelta(days=settings.ask_silent_after_days),
        timedelta(days=settings.erase_silent_after_days),
    )


def _sms(settings: Settings, keyring: Keyring) -> Channel:
    if not settings.twilio_is_set or settings.twilio_auth_token is None:
        return SandboxChannel(keyring, "sms")
    return TwilioChannel(
        settings.twilio_account_sid or "",
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_messaging_service_sid or settings.twilio_from or "",
        settings.twilio_api_url,
        f"{settings.base_url}/webhooks/twilio/receipts/",
    )


def _email(settings: Settings, keyring: Keyring) -> Channel:
    if settings.smtp_url is None:
        return SandboxChannel(keyring, "email")
    try:
        return SmtpChannel(settings.smtp_url.get_secret_value(), settings.mail_from)
    except ValueError as error:
        raise Misconfigured(str(error)) from None
