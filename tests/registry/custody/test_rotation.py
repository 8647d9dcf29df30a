"""Keys change while everything goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from registry.audit.witness import Witness
from registry.crypto import Keyring, Keystore, sign, signed_matches
from registry.custody import rewrapping, rotation
from registry.custody.models import KeyUse, StoredKey
from registry.custody.sweeping import sweep
from registry.database import scoped, unscoped
from registry.people import services as people
from registry.people.models import PersonKey, Source
from tests.conftest import MASTER_KEY
from tests.registry.custody.house import House, intake


def test_every_key_is_sealed_anew_and_nobody_is_lost(house: House, tmp_path: Path) -> None:
    post = house.open_post("Beirut", "LB")
    house.register_many(*[(f"Person {number:02}", "LB" if number % 2 else "FR") for number in range(6)])
    with scoped(house.organisation.id) as session:
        slow = house.vault(session)
        before = set(session.scalars(select(PersonKey.wrapped_key)))
        sealed = slow.keys.own.seal(b"a cursor", b"row")
        index = slow.keys.blind_index("+99970")
    with unscoped() as session:
        rotation.rotate(session, house.keyring, house.organisation.id)
    with scoped(house.organisation.id) as session:
        assert rewrapping.step(session, house.keyring, house.organisation.id, size=4)
    house.everyone()  # some by the old keys, some by the new
    again = House(house.organisation, fresh_keyring(tmp_path))
    again.walk()
    with scoped(house.organisation.id) as session:
        vault = again.vault(session)
        assert vault.keys.own.open(sealed, b"row") == b"a cursor"
        assert vault.keys.blind_index("+99970") == index
        assert not before & set(session.scalars(select(PersonKey.wrapped_key)))
    with scoped(house.organisation.id) as session:  # began before the rotation, writes after it
        people.register(session, slow, intake("Slow", "LB"), Source.OFFICER)
        contact = people.find_contact(session, again.vault(session), intake("Slow", "LB").contacts[0].address)
        assert contact
        assert again.vault(session).name(contact.person) == "Slow"
    assert len(list((tmp_path / "secrets" / "posts").iterdir())) == 2

    with unscoped() as session:
        rewrapping.request_overdue(session)
        assert rewrapping.waiting(session) == []
        session.execute(
            text("UPDATE stored_keys SET retired_at = now() - interval '2 days' WHERE retired_at < now()")
        )
        rewrapping.request_overdue(session)
    again.walk()
    with unscoped() as session:
        assert session.execute(select(StoredKey.use, StoredKey.post_id).order_by(StoredKey.id)).all() == [
            (KeyUse.OWN, None),
            (KeyUse.INDEX, None),
            (KeyUse.PEOPLE, post.id),
        ]
    assert len(list((tmp_path / "secrets" / "posts").iterdir())) == 1
    assert again.everyone() == house.everyone()
    assert house.everyone()["Slow"] == post.id


def test_what_a_killed_rotation_leaves_in_the_keystore_is_swept(house: House, tmp_path: Path) -> None:
    house.open_post("Beirut", "LB")
    house.register_many(("Many", "LB"))
    folder, keystore = tmp_path / "secrets" / "posts", Keystore(tmp_path / "secrets" / "posts")
    (folder / "notes.new").write_text("somebody's")
    with pytest.raises(RuntimeError), unscoped() as session:
        rotation.rotate(session, house.keyring, house.organisation.id)
        raise RuntimeError("killed")
    assert len(list(folder.glob("*.new"))) == 3
    with unscoped() as session:
        assert sweep(session, keystore) == 0, "a transaction may still be under way"
        assert sweep(session, keystore, age=-1) == 1
        assert sweep(session, keystore, age=-1) == 0
    assert [path.name for path in folder.glob("*.new")] == ["notes.new"], "which isn't ours"
    assert House(house.organisation, fresh_keyring(tmp_path)).everyone() == house.everyone()
    with unscoped() as session:  # and whatever an old backup knows nothing of is no draft any more
        session.execute(text("DELETE FROM stored_keys WHERE post_id IS NOT NULL"))
        assert sweep(session, keystore, age=-1) == 0
    assert len(list(folder.iterdir())) == 2


def test_another_master_key(house: House, tmp_path: Path) -> None:
    house.open_post("Beirut", "LB")
    house.register_many(("Many", "LB"), ("Elsewhere", "FR"))
    with unscoped() as session:
        rotation.rotate(session, house.keyring, house.organisation.id)
    both = fresh_keyring(tmp_path, b"m" * 32, bytes.fromhex(MASTER_KEY))
    assert House(house.organisation, both).everyone() == house.everyone()
    with unscoped() as session:
        assert rotation.reseal(session, both, house.organisation.id)
        assert not rotation.reseal(session, both, house.organisation.id)
    alone = fresh_keyring(tmp_path, b"m" * 32)
    House(house.organisation, alone).walk()
    House(house.organisation, alone).everyone()

    tag = sign(house.keyring.signing_key, "a link", b"1")
    assert signed_matches(both.signing_key, "a link", b"1", tag)
    assert not signed_matches(alone.signing_key, "a link", b"1", tag)
    old, new = Witness(house.keyring.witness_seed), Witness(both.witness_seed, *both.earlier_witness_seeds)
    with unscoped() as session:
        at = session.scalar(select(func.now()))
        assert at
    statement = old.sign(house.organisation.public_id, 1, b"d", at)
    assert new.knows(statement)
    assert not Witness(both.witness_seed).knows(statement)


def fresh_keyring(tmp_path: Path, master: bytes | None = None, *previous: bytes) -> Keyring:
    """As a process that starts now has it."""
    keystore = Keystore(tmp_path / "secrets" / "posts")
    return Keyring(master or bytes.fromhex(MASTER_KEY), previous=previous, keystore=keystore)
