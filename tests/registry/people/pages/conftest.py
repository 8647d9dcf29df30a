from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.models import Organisation
from registry.organisations.services import create_organisation
from tests.registry.people.pages.visitor import Visitor


@pytest.fixture
def organisation(database: str, keyring: Keyring) -> Organisation:
    with unscoped() as session:
        return create_organisation(session, keyring, "Consulate of Freedonia")


@pytest.fixture
def visitor(client: FlaskClient, keyring: Keyring, organisation: Organisation) -> Visitor:
    return Visitor(client, keyring)
