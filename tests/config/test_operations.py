"""What an operator's tools ask."""

from __future__ import annotations

from flask.testing import FlaskClient

from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations.services import create_organisation


def test_a_live_and_ready_process_says_so(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_metrics_tell_the_ledger_and_no_names(client: FlaskClient, keyring: Keyring) -> None:
    with unscoped() as session:
        create_organisation(session, keyring, "Consulate of Freedonia")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "rollcall_oldest_due_seconds 0.0" in answer.text
    assert 'rollcall_waiting{what="notices"} 0.0' in answer.text
    assert "Freedonia" not in answer.text
