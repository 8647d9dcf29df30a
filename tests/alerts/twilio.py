"""Posting as Twilio does."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from tests.alerts.responses.making import PHONE

PUBLIC = "https://rollcall.example"
TOKEN = "the auth token of the tests"


@dataclass
class Twilio:
    """Posts as Twilio does: signed over the public address, though the request comes in by another."""

    client: FlaskClient
    token: str = TOKEN

    def post(self, path: str, **form: str) -> TestResponse:
        signature = RequestValidator(self.token).compute_signature(PUBLIC + path, form)
        return self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def says(self, body: str, sid: str = "SM1", sender: str = PHONE, **more: str) -> str | None:
        """The text of our first answer, if any."""
        return next(iter(self.answers(body, sid, sender, **more)), None)

    def answers(self, body: str, sid: str = "SM1", sender: str = PHONE, **more: str) -> list[str]:
        """The texts of our answers."""
        answer = self.post("/webhooks/twilio/inbound", From=sender, Body=body, MessageSid=sid, **more)
        assert (answer.status_code, answer.mimetype) == (200, "text/xml")
        root = ElementTree.fromstring(answer.data)
        assert root.tag == "Response"
        return [message.text or "" for message in root.iterfind("Message")]
