from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from registry.crypto import Keyring
from tests.programs import Program, new_program


@pytest.fixture
def program(client: FlaskClient, keyring: Keyring) -> Program:
    return new_program(client, keyring)
