"""What the tests of alerts share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from apiflask import APIFlask

from registry.crypto import Keyring
from tests.alerts.offices import Office
from tests.alerts.twilio import PUBLIC, TOKEN, Twilio


@pytest.fixture
def office(database: str, keyring: Keyring) -> Office:
    return Office.open(keyring, "Consulate of Freedonia")


@pytest.fixture
def twilio(app: APIFlask) -> Twilio:
    """Twilio, with our public address and tokens of two."""
    app.extensions["rollcall"] = replace(
        app.extensions["rollcall"], base_url=PUBLIC, twilio_tokens=("old", TOKEN)
    )
    return Twilio(app.test_client())
