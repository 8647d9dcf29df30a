"""What an SMS gateway tells us about a message. It signs nothing: the message's own signed address is the proof."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from alerts.channels.gateway import DIALECTS
from alerts.delivery import reference as references
from alerts.webhooks.keeping import keep, tell_to_come_again
from registry.people.models import ChannelName
from registry.web.platform import platform

MAX_BODY = 64 * 1024
"""Bytes."""

blueprint = Blueprint("gateway", __name__, url_prefix="/webhooks/gateway")
tell_to_come_again(blueprint)


@blueprint.route("/<kind>/receipts/<name>", methods=["GET", "POST"])
def receipts(kind: str, name: str) -> ResponseReturnValue:
    """Keep a delivery receipt. Kannel tells by GET, Jasmin by POST."""
    request.max_content_length = MAX_BODY
    dialect = DIALECTS.get(kind)
    reference = references.read(platform().keyring.signing_key, name)
    # The reference of a letter stands in it for its reader to see; of an SMS only the gateway knows it.
    if dialect is None or "gateway" not in platform().providers["sms"]:
        abort(404)
    if reference is None or reference.channel not in (ChannelName.SMS, "notice"):
        abort(404)
    receipt = dialect.receipt(request.values)
    if receipt is None:
        abort(400, "This says nothing about a message.")
    keep(reference, receipt)
    return Response(dialect.thanks, mimetype="text/plain")
