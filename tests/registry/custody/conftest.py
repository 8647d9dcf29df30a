"""Custody is tested in one organisation."""

from __future__ import annotations

import pytest

from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.services import create_organisation
from tests.registry.custody.house import House


@pytest.fixture
def house(database: str, keyring: Keyring) -> House:
    with unscoped() as session:
        return House(create_organisation(session, keyring, "Consulate of Freedonia"), keyring)
