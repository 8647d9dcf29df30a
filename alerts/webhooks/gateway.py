"""What an SMS gateway tells us: receipts, proved by the message's own signed address, and messages from phones, proved
by a secret that it shares with us."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from alerts.channels.gateway import DIALECTS
from alerts.channels.gateway.dialect import Dialect
from alerts.conversation.hearing import Heard, hear
from alerts.delivery import reference as references
from alerts.delivery.keeping import keep, plain
from alerts.responses.holders import holders_of
from alerts.responses.storing import TEXT_LIMIT, Inbound
from alerts.text import measure
from alerts.webhooks.keeping import tell_to_come_again
from registry.addresses import normalise_phone
from registry.database import Session, unscoped
from registry.notices.services import queue
from registry.people.models import ChannelName
from registry.web.platform import platform

MAX_BODY = 64 * 1024
"""Bytes."""
SIGNATURE = "X-Rollcall-Signature"
"""HMAC-SHA256 of the body by the secret, in hexadecimal digits: for a gateway that can sign."""

ANSWER_FOR = timedelta(hours=6)

blueprint = Blueprint("gateway", __name__, url_prefix="/webhooks/gateway")
tell_to_come_again(blueprint)


@blueprint.route("/<kind>/receipts/<name>", methods=["GET", "POST"])
def receipts(kind: str, name: str) -> ResponseReturnValue:
    """Keep a delivery receipt. Kannel tells by GET, Jasmin by POST."""
    dialect = _dialect(kind)
    reference = references.read(platform().keyring.signing_key, name)
    # The reference of a letter stands in it for its reader to see; of an SMS only the gateway knows it.
    if reference is None or reference.channel not in (ChannelName.SMS, "notice"):
        abort(404)
    receipt = dialect.receipt(request.values)
    if receipt is None:
        abort(400, "This says nothing about a message.")
    keep(reference, receipt)
    return Response(dialect.thanks, mimetype="text/plain")


@blueprint.route("/<kind>/inbound", methods=["GET", "POST"])
def inbound(kind: str) -> ResponseReturnValue:
    """Take in a message from a phone and answer it: here, where the gateway sends that back, else by a message."""
    dialect = _dialect(kind)
    if request.method == "HEAD":
        abort(405)
    arrival = dialect.arrival(_proved_parameters())
    if arrival is None:
        abort(400, "This is no message.")
    sender = normalise_phone(_international(plain(arrival.sender, 40)))
    if sender is None:  # a short code, a name: nobody whom we could answer
        return _said(dialect, "")
    number = plain(f"gw:{arrival.provider_id}", 80)
    with unscoped() as session:
        message = Inbound(sender, plain(arrival.text, TEXT_LIMIT), number)
        heard = hear(session, platform().keyring, message)
        if not dialect.answers:
            _answer_by_message(session, sender, heard)
    return _said(dialect, "\n".join(heard.answers))


def _answer_by_message(session: Session, address: str, heard: Heard) -> None:
    """To a stranger, and to whoever has just been erased, there is no way back: nothing may be kept of them."""
    holders = holders_of(session, platform().keyring, address) if heard.answers else []
    for holder in holders[:1]:
        for text in heard.answers:
            queue(session, holder.vault, holder.contact, None, text, valid_for=ANSWER_FOR)


def _dialect(kind: str) -> Dialect:
    request.max_content_length = MAX_BODY
    dialect = DIALECTS.get(kind)
    if dialect is None or "gateway" not in platform().providers["sms"]:
        abort(404)
    return dialect


def _proved_parameters() -> Mapping[str, str]:
    """What comes from where it may, and with the secret: a password, a parameter, or the key of a signature."""
    here = platform()
    if not here.gateway_secret:
        abort(404)
    if here.gateway_networks:
        address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - no address is ours
        if not any(address in network for network in here.gateway_networks):
            abort(403)
    signature = request.headers.get(SIGNATURE)
    if signature is not None:
        expected = hmac.digest(here.gateway_secret.encode(), request.get_data(), sha256).hex()
        if request.method != "POST" or not _same(signature.lower(), expected):
            abort(403)
        return request.form
    given = request.authorization.password if request.authorization else request.values.get("secret")
    if not _same(given or "", here.gateway_secret):
        abort(403)
    return request.values


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _international(sender: str) -> str:
    """Carriers leave the plus sign out; a number without it is still one with its country code."""
    digits = sender.strip()
    return digits if digits.startswith(("+", "00")) else f"+{digits}"


def _said(dialect: Dialect, text: str) -> Response:
    """Kannel sends a text in other letters than GSM's only when it is told to."""
    response = Response(text if dialect.answers else dialect.thanks, mimetype="text/plain")
    if dialect.answers and text and measure(text).encoding == "ucs-2":
        response.headers["X-Kannel-Coding"] = "2"
    return response
