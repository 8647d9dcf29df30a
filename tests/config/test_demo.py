from __future__ import annotations

from collections.abc import Callable

import phonenumbers
import pytest
from sqlalchemy import func, select

from registry.addresses import normalise_email, normalise_phone
from registry.crypto import Keyring
from registry.database import scoped, unscoped
from registry.demo import fill
from registry.demo.inventing import Inventor
from registry.organisations.models import Organisation
from registry.organisations.services import create_organisation
from registry.people.models import ChannelName, ContactPoint, Person, Reach, Stay
from registry.people.services import WHOLE, find_contact
from registry.people.vault import Vault
from registry.places import normalise_language, subdivisions
from tests.config.conftest import Called

NOWHERE = ("+999", "+447700900", "+3363998")
EXAMPLES = {"example.org", "example.com", "example.net"}


@pytest.fixture
def vault(database: str, keyring: Keyring) -> Vault:
    with unscoped() as session:
        number = create_organisation(session, keyring, "Consulate of Freedonia").id
        return Vault.open(session, keyring, number)


def is_nobodys(phone: str) -> bool:
    """Whether a number lies where no one can have it."""
    return phone.startswith(NOWHERE) or (phone.startswith("+1") and phone[5:10] == "55501")


def test_everyone_is_whole_and_nobody_can_be_reached(vault: Vault) -> None:
    with scoped(vault.organisation.id) as session:
        assert sum(fill(session, vault, 1200, seed=7)) == 1200
        people = session.scalars(select(Person).options(*WHOLE)).all()
        assert len(people) == 1200
        for person in people:
            assert person.contacts
            assert person.stays
            assert normalise_language(person.language) == person.language
            for contact in person.contacts:
                address = vault.address(contact)
                if contact.channel is ChannelName.SMS:
                    assert is_nobodys(address)
                    assert normalise_phone(address) == address
                else:
                    assert address.partition("@")[2] in EXAMPLES
                    assert normalise_email(address) == address
                found = find_contact(session, vault, address)
                assert found is not None
                assert found.id == contact.id
            for stay in person.stays:
                assert stay.subdivision is None or stay.subdivision in subdivisions(stay.country)
                vault.place(stay)
        names = {vault.name(person) for person in people}
        assert len(names) > 100


def test_they_are_as_different_as_people_are(vault: Vault) -> None:
    with scoped(vault.organisation.id) as session:
        list(fill(session, vault, 1500, seed=1))
        states = dict(session.execute(select(Reach.state, func.count()).group_by(Reach.state)).all())
        assert {"active", "opted_out", "unreachable", "unconfirmed", "paused"} <= set(states)
        assert states["active"] > 0.8 * sum(states.values())
        assert (session.scalar(select(func.count(Reach.language.distinct()))) or 0) >= 8
        assert (session.scalar(select(func.count(Stay.country.distinct()))) or 0) >= 35
        assert session.scalar(select(func.count()).where(Person.quiet)) or 0
        channels = dict(
            session.execute(select(ContactPoint.channel, func.count()).group_by(ContactPoint.channel)).all()
        )
        assert channels[ChannelName.SMS] > channels[ChannelName.EMAIL] > 0


def test_it_can_be_run_again_and_only_where_asked(vault: Vault) -> None:
    with scoped(vault.organisation.id) as session:
        for _ in range(2):
            list(fill(session, vault, 300, seed=7, countries=["NP", "XK"]))
        assert session.scalar(select(func.count()).select_from(Person)) == 600
        assert set(session.scalars(select(Stay.country).distinct())) == {"NP", "XK"}
        indexes = session.scalars(select(ContactPoint.address_index)).all()
        assert len(set(indexes)) == len(indexes) >= 600


def test_the_same_seed_invents_the_same_people() -> None:
    from datetime import date

    first, second = (Inventor(3, None, date(2027, 1, 1)) for _ in range(2))
    assert [first.invent() for _ in range(50)] == [second.invent() for _ in range(50)]


def test_a_country_that_is_none(vault: Vault) -> None:
    with scoped(vault.organisation.id) as session, pytest.raises(ValueError, match="ZZ"):
        list(fill(session, vault, 1, countries=["ZZ"]))


def test_the_numbers_for_fiction_are_not_taken_twice(vault: Vault) -> None:
    """Among so many, some draw the same number: all the same, each has a number of their own."""
    with scoped(vault.organisation.id) as session:
        assert sum(fill(session, vault, 5_000, seed=2, countries=["GB"])) == 5_000
        assert session.scalar(select(func.count(ContactPoint.person_id.distinct()))) == 5_000


def test_the_command_makes_an_organisation_when_there_is_none(rollcall: Callable[..., Called]) -> None:
    done = rollcall("demo", "--people", "50", "--country", "Nepal")
    assert done.code == 0, done.err
    assert "has 50 more people" in done.out
    with unscoped() as session:
        organisation = session.scalars(select(Organisation)).one()
    assert "demonstration" in organisation.name
    again = rollcall("demo", "--people", "5", "--organisation", "Embassy of Elbonia")
    assert "Embassy of Elbonia has 5 more people" in again.out
    with scoped(organisation.id) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 50
        assert set(session.scalars(select(Stay.country))) == {"NP"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--people", "0"], "--people"),
        (["--people", "many"], "--people"),
        (["--country", "Narnia"], "Narnia"),
    ],
)
def test_a_mistake_is_named_in_one_line(
    rollcall: Callable[..., Called], arguments: list[str], words: str
) -> None:
    done = rollcall("demo", *arguments)
    assert done.code != 0
    assert words in done.err
    with unscoped() as session:
        assert not session.scalars(select(Organisation)).all()


def test_phone_library_agrees_that_the_demonstration_code_is_no_country() -> None:
    assert phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(999) is None
