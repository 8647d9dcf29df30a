"""What Twilio posts to us: receipts and replies. Signed by Twilio, over the address that we gave it."""

from __future__ import annotations

from datetime import timedelta
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from alerts.channels.twilio import read_receipt, valid_signature
from alerts.delivery import reference as references
from alerts.responses.acknowledgements import acknowledgement
from alerts.responses.meanings import answered_by_provider
from alerts.responses.models import Meaning
from alerts.responses.receiving import TEXT_LIMIT, Inbound, receive
from alerts.webhooks.keeping import keep, plain, tell_to_come_again
from registry.addresses import normalise_phone
from registry.database import unscoped
from registry.web.limits import allow
from registry.web.platform import platform

MAX_BODY = 64 * 1024
"""Bytes; Twilio's forms have a few thousand."""
FAMILIES = {"STOP": Meaning.STOP, "START": Meaning.START}
"""What Twilio's Advanced Opt-Out has understood already, and answered in its own words."""
STRANGERS = (3, timedelta(days=1))
"""Answers to a number that nobody registered: enough to be told where to join, too few to run up a bill."""

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks/twilio")
tell_to_come_again(blueprint)


@blueprint.before_request
def check_signature() -> None:
    """Let in only what Twilio signed, over PUBLIC_URL and never over the host that a request names."""
    request.max_content_length = MAX_BODY
    here = platform()
    query = request.query_string.decode("latin-1")
    url = here.base_url + request.path + (f"?{query}" if query else "")
    if not valid_signature(here.twilio_tokens, url, request.form, request.headers.get("X-Twilio-Signature")):
        abort(403)


@blueprint.post("/receipts/<name>")
def receipts(name: str) -> ResponseReturnValue:
    """Keep a delivery receipt."""
    reference = references.read(platform().keyring.signing_key, name)
    if reference is None:
        abort(404)
    keep(reference, read_receipt(request.form))
    return "", 204


@blueprint.post("/inbound")
def inbound() -> ResponseReturnValue:
    """Take in a reply and answer it. Pictures are left where they are."""
    sender = normalise_phone(request.form.get("From", ""))
    sid = plain(request.form.get("MessageSid", ""), 80)
    if sender is None or not sid:
        return _twiml(None)
    keyring = platform().keyring
    text = request.form.get("Body", "")[:TEXT_LIMIT]
    understood = FAMILIES.get(request.form.get("OptOutType", "").upper())
    with unscoped() as session:
        received = receive(session, keyring, Inbound(sender, text, sid, meaning=understood))
        heard = received.language is not None or allow(
            session, keyring.signing_key, "stranger", sender, *STRANGERS
        )
    if understood or answered_by_provider(text) or not heard:
        return _twiml(None)
    return _twiml(acknowledgement(received, platform().base_url))


def _twiml(text: str | None) -> Response:
    """Twilio's answer in XML: one message, or nothing."""
    message = f"<Message>{escape(text)}</Message>" if text else ""
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>', mimetype="text/xml"
    )
