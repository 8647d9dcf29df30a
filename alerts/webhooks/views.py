"""What Twilio posts to us: receipts and replies. Signed by Twilio, over the address that we gave it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from alerts.channels.twilio import read_receipt, valid_signature
from alerts.conversation.hearing import hear
from alerts.delivery import reference as references
from alerts.delivery.keeping import keep, plain
from alerts.responses.meanings import answered_by_provider
from alerts.responses.models import Meaning
from alerts.responses.storing import TEXT_LIMIT, Inbound
from alerts.webhooks.keeping import tell_to_come_again
from registry.addresses import normalise_phone
from registry.database import unscoped
from registry.web.platform import platform

MAX_BODY = 64 * 1024
"""Bytes; Twilio's forms have a few thousand."""
FAMILIES = {"STOP": Meaning.STOP, "START": Meaning.START}
"""What Twilio's Advanced Opt-Out has understood already, and answered in its own words."""

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
    """Take in a message and answer it. Pictures are left where they are."""
    sender = normalise_phone(request.form.get("From", ""))
    sid = plain(request.form.get("MessageSid", ""), 80)
    if sender is None or not sid:
        return _twiml(())
    text = request.form.get("Body", "")[:TEXT_LIMIT]
    understood = FAMILIES.get(request.form.get("OptOutType", "").upper())
    media = request.form.get("NumMedia", "0") != "0"
    with unscoped() as session:
        heard = hear(session, platform().keyring, Inbound(sender, text, sid, meaning=understood, media=media))
    answered = understood or answered_by_provider(text)
    if answered and heard.known and heard.meaning in FAMILIES.values():
        return _twiml(())
    return _twiml(heard.answers)


def _twiml(texts: Sequence[str]) -> Response:
    """Twilio's answer in XML: messages, or nothing."""
    messages = "".join(f"<Message>{escape(text)}</Message>" for text in texts if text)
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?><Response>{messages}</Response>', mimetype="text/xml"
    )
