"""Limits on what the public may ask of us."""

from __future__ import annotations

from datetime import timedelta

from flask import request

from registry.database import unscoped
from registry.people.pages import fares
from registry.people.pages.fares import block_of
from registry.web.limits import CODES, allow, network_of, refuse_beyond
from registry.web.platform import platform

HALF_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
CODES_PER_CONTACT, CODES_PER_CONTACT_A_DAY = 4, 10
CODES_PER_CLIENT = 120
"""An hour; generous, for a whole camp or carrier may stand behind one address."""
CODES_PER_BLOCK = 30
"""An hour, to a thousand numbers that follow each other."""
TRIES_PER_LINK = 60
GUESSES_PER_CLIENT = 200


def limit_messages_to(address: str) -> bool:
    """Count one message that somebody makes us send to an address; raise TooManyRequests beyond the limits.

    Whether an address that nobody has confirmed yet may be sent one: not when today's codes by SMS are used up.
    """
    here = platform()
    key = here.signing_key
    refuse_beyond(key, "message-from", network_of(request.remote_addr), CODES_PER_CLIENT, HOUR)
    refuse_beyond(key, "message-to", address, CODES_PER_CONTACT, HALF_HOUR)
    refuse_beyond(key, "message-to-daily", address, CODES_PER_CONTACT_A_DAY, DAY)
    if "@" in address:
        return True
    refuse_beyond(key, "message-to-block", block_of(address), CODES_PER_BLOCK, HOUR)
    with unscoped() as session:
        return allow(session, key, CODES, "", here.sms_codes_a_day, DAY)


def takes_codes(address: str) -> bool:
    """Whether codes are sent to this address at all, whoever has it."""
    return "@" in address or fares.takes_codes(address, platform().sms_countries)


def limit_guesses() -> None:
    """Count one guess of a code or a link by a client."""
    refuse_beyond(platform().signing_key, "guess", network_of(request.remote_addr), GUESSES_PER_CLIENT, HOUR)


def limit_changes_by(token: str) -> None:
    """Count one change made by a personal link."""
    refuse_beyond(platform().signing_key, "personal-link", token, TRIES_PER_LINK, HOUR)
