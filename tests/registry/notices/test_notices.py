from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from registry.crypto import Keyring
from registry.crypto.keyring import Unreadable
from registry.database import scoped, unscoped
from registry.notices.models import Notice
from registry.notices.services import open_content, queue
from registry.organisations.services import create_organisation
from registry.people import services
from registry.people.intake import Intake, NewContact, NewStay
from registry.people.models import ChannelName, Source
from registry.people.vault import Vault

TEXT = "Votre code est 123456 – رمزك"


def test_a_notice_is_sealed_for_its_person_and_wakes_the_dispatcher(database: str, keyring: Keyring) -> None:
    with unscoped() as session:
        organisation = create_organisation(session, keyring, "Consulate of Freedonia")
    listener = psycopg.connect(
        make_url(database).set(drivername="postgresql").render_as_string(False), autocommit=True
    )
    with listener:
        listener.execute("LISTEN rollcall")
        with scoped(organisation.id) as session:
            vault = Vault.open(session, keyring, organisation.id)
            people = [
                services.register(
                    session,
                    vault,
                    Intake("fr", (NewContact(ChannelName.EMAIL, address),), (NewStay("LB"),)),
                    Source.WEB,
                )
                for address in ("a@example.org", "b@example.org")
            ]
            queue(session, vault, people[0].contacts[0], "Code", TEXT, valid_for=timedelta(minutes=30))
        heard = [note.payload for note in listener.notifies(timeout=60, stop_after=1)]
    assert heard == ["notices"]
    with scoped(organisation.id) as session:
        notice = session.scalars(select(Notice)).one()
        assert b"123456" not in (notice.sealed_content or b"")
        assert open_content(vault, notice, people[0]) == {"subject": "Code", "text": TEXT}
        with pytest.raises(Unreadable):
            open_content(vault, notice, people[1])
        notice.sealed_content = None
        with pytest.raises(Unreadable):
            open_content(vault, notice, people[0])
