"""Master, organisation, post, person: whose key seals whose."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from registry.crypto import KeyAway, Keyring, Keystore
from registry.database import scoped, unscoped
from registry.errors import Conflict
from registry.organisations.models import Organisation, Post
from registry.people import services as people
from registry.people.intake import NewStay
from registry.people.models import Person
from registry.people.vault import Vault
from registry.posts.services import close_post, create_post
from tests.conftest import MASTER_KEY
from tests.registry.custody.house import House


def test_people_belong_to_the_post_of_their_stay(house: House) -> None:
    house.register("Before", "LB")
    beirut = house.open_post("Beirut", "LB", "SY")
    house.register("Alone", "LB")
    house.register_many(("Many", "SY"), ("Elsewhere", "FR"))
    assert house.everyone() == {"Before": None, "Alone": beirut.id, "Many": beirut.id, "Elsewhere": None}
    house.walk()
    assert house.everyone()["Before"] == beirut.id

    with scoped(house.organisation.id) as session:
        vault = house.vault(session)
        alone = session.scalars(select(Person).where(Person.post_id == beirut.id).order_by(Person.id)).first()
        assert alone is not None
        people.move(session, vault, alone, (NewStay("FR", None, "Main Street", None, None),))
        assert alone.post_id is None
        assert vault.name(alone) == "Before"
        assert vault.keys.is_wrapped_for(alone.key.wrapped_key, None)
    amman = house.open_post("Amman", "JO", "FR")
    house.walk()
    assert house.everyone() == {
        "Before": amman.id,
        "Alone": beirut.id,
        "Many": beirut.id,
        "Elsewhere": amman.id,
    }
    with unscoped() as session:
        close_post(session, session.get_one(Post, beirut.id))
    house.walk()
    assert house.everyone() == {"Before": amman.id, "Alone": None, "Many": None, "Elsewhere": amman.id}


def test_without_the_keystore_a_post_waits(house: House, tmp_path: Path) -> None:
    post = house.open_post("Beirut", "LB")
    house.register_many(("Many", "LB"), ("Elsewhere", "FR"))
    elsewhere = Keyring(bytes.fromhex(MASTER_KEY), keystore=Keystore(tmp_path / "nothing" / "here"))
    with scoped(house.organisation.id) as session:
        vault = Vault.open(session, elsewhere, house.organisation.id)
        found = session.scalars(select(Person).order_by(Person.id)).all()
        assert vault.name(found[1]) == "Elsewhere"
        with pytest.raises(KeyAway):
            vault.name(found[0])
    lost = House(house.organisation, elsewhere)
    lost.register("Later", "LB")
    lost.walk()
    (file,) = (tmp_path / "secrets" / "posts").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    file.rename(tmp_path / "away")
    (tmp_path / "nothing").write_text("not a folder")
    with unscoped() as session, pytest.raises(Conflict, match="keystore"):
        create_post(session, elsewhere, session.get_one(Organisation, house.organisation.id), "Homs", ["SY"])
    (tmp_path / "away").rename(file)
    assert house.everyone() == {"Many": post.id, "Elsewhere": None, "Later": None}
