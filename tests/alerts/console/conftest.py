"""An author and an approver at their desks."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations import sign_in
from registry.organisations.models import Officer, Role
from registry.organisations.services import add_officer
from registry.web.console.access import COOKIE_KEY
from tests.alerts.offices import Office
from tests.desk import Desk
from tests.factors import give_app


def desk_of(app: APIFlask, keyring: Keyring, officer: Officer) -> Desk:
    """A browser of the officer's own, signed in. How one signs in is tested elsewhere, and slow on purpose."""
    client = app.test_client()
    with unscoped() as session:
        session.get_one(Officer, officer.id).password_is_one_time = False
        give_app(session, keyring, officer)
        secret = sign_in.complete(session, sign_in.start(session, officer))
    with client.session_transaction() as cookie:
        cookie[COOKIE_KEY] = secret
    return Desk(client, keyring, officer)


@pytest.fixture
def author(app: APIFlask, keyring: Keyring, office: Office) -> Desk:
    return desk_of(app, keyring, office.author)


@pytest.fixture
def approver(app: APIFlask, keyring: Keyring, office: Office) -> Desk:
    return desk_of(app, keyring, office.approver)


@pytest.fixture
def case_worker(app: APIFlask, keyring: Keyring, office: Office) -> Desk:
    with unscoped() as session:
        officer = add_officer(
            session, session.merge(office.organisation), "carla@example.org", [Role.CASE_WORKER], "Carla Case"
        ).officer
    return desk_of(app, keyring, officer)
