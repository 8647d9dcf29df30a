"""What the tests of alerts share."""

from __future__ import annotations

import pytest

from registry.crypto import Keyring
from tests.alerts.offices import Office


@pytest.fixture
def office(database: str, keyring: Keyring) -> Office:
    return Office.open(keyring, "Consulate of Freedonia")
