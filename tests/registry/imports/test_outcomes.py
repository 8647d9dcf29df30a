from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from registry.crypto import Keyring
from registry.database import scoped
from registry.errors import Invalid
from registry.people.intake import read_person
from registry.people.models import ContactState, Reach, Source
from registry.people.services import register
from tests.registry.imports.files import Files

FILE = """phone,email,country,language,name,quiet
+999700000001,,TR,fr,Ana,no
+999700000002,bea@example.org,LB,ar,Bea,yes
,cleo@example.org,JP,en,Cleo,
"""


def reach(files: Files) -> set[tuple[str, str, str, bool]]:
    with scoped(files.officer.organisation_id) as session:
        return {(r.channel, r.country, r.language, r.quiet) for r in session.query(Reach)}


def test_new_people_can_be_reached_at_once(files: Files) -> None:
    found = files.saved(FILE)
    assert found.state == "done"
    assert found.counts == {"new": 3, "same": 0, "changed": 0, "invalid": 0, "duplicate": 0}
    assert files.names() == ["Ana", "Bea", "Cleo"]
    assert files.addresses() == [
        ["+999700000001"],
        ["+999700000002", "bea@example.org"],
        ["cleo@example.org"],
    ]
    assert reach(files) == {
        ("sms", "TR", "fr", False),
        ("sms", "LB", "ar", True),
        ("email", "LB", "ar", True),
        ("email", "JP", "en", False),
    }
    assert {person.source for person in files.people()} == {Source.IMPORT}
    assert all(row.saved for row in files.rows(found))


def test_the_check_saves_nothing(files: Files) -> None:
    found = files.checked(FILE)
    assert found.state == "checked"
    assert files.outcomes(found) == ["new", "new", "new"]
    assert files.people() == []


def test_the_same_file_twice_adds_nothing(files: Files) -> None:
    files.saved(FILE)
    before = files.people()
    second = files.checked(FILE)
    assert files.outcomes(second) == ["same", "same", "same"]
    files.confirm(second)
    files.work()
    after = files.people()
    assert [(p.public_id, p.updated_at) for p in after] == [(p.public_id, p.updated_at) for p in before]
    assert not any(row.saved for row in files.rows(second))


def test_changes_touch_only_what_the_file_gives(files: Files) -> None:
    files.saved(
        "phone,email,country,place,language,name,kind,until\n+999700000001,ana@example.org,TR,Izmir,fr,Ana,student,2030-01-01\n"
    )
    found = files.saved("email,language,country\nana@example.org,es,TR\n")
    assert files.outcomes(found) == ["changed"]
    (person,) = files.people()
    assert (person.language, person.kind) == ("es", "student")
    assert files.names() == ["Ana"]
    assert [(stay.country, stay.ends) for stay in person.stays] == [("TR", date(2030, 1, 1))]
    assert reach(files) == {("sms", "TR", "es", False), ("email", "TR", "es", False)}
    with scoped(files.officer.organisation_id) as session:
        assert files.vault(session).place(session.merge(person).stays[0]) == "Izmir"


def test_a_person_who_moved_is_found_where_they_are_now(files: Files) -> None:
    files.saved("phone,country,place\n+999700000001,TR,Izmir\n")
    found = files.saved("phone,country\n+999700000001,LB\n")
    assert files.outcomes(found) == ["changed"]
    assert reach(files) == {("sms", "LB", "en", False)}
    with scoped(files.officer.organisation_id) as session:
        assert session.execute(text("SELECT sealed_place FROM stays")).scalars().all() == [None]


def test_a_person_in_two_places_gets_a_third(files: Files) -> None:
    with scoped(files.officer.organisation_id) as session:
        data = {"language": "en", "contacts": [{"channel": "sms", "address": "+999700000001"}],
                "stays": [{"country": "TR"}, {"country": "LB"}]}  # fmt: skip
        register(session, files.vault(session), read_person(data), Source.WEB)
    files.saved("phone,country\n+999700000001,JP\n")
    assert {row[1] for row in reach(files)} == {"TR", "LB", "JP"}
    again = files.checked("phone,country\n+999700000001,JP\n")
    assert files.outcomes(again) == ["same"]


def test_an_end_before_the_known_start_drops_the_start(files: Files) -> None:
    files.saved("phone,country,from\n+999700000001,TR,2028-01-01\n")
    found = files.saved("phone,country,until\n+999700000001,TR,2027-01-01\n")
    assert found.state == "done"
    (stay,) = files.people()[0].stays
    assert (stay.starts, stay.ends) == (None, date(2027, 1, 1))


def test_who_opted_out_stays_out(files: Files) -> None:
    files.saved(FILE)
    files.set_state("+999700000001", ContactState.OPTED_OUT)
    found = files.saved(FILE.replace(",,TR,fr,Ana", ",ana@example.org,LB,fr,Ana"))
    assert files.outcomes(found) == ["changed", "same", "same"]
    person = files.people()[0]
    assert [contact.state for contact in person.contacts] == [ContactState.OPTED_OUT]
    assert person.stays[0].country == "LB"


def test_a_list_never_ends_quiet_mode(files: Files) -> None:
    files.saved("phone,country,quiet\n+999700000001,TR,yes\n")
    found = files.saved("phone,country,quiet\n+999700000001,TR,no\n")
    assert files.outcomes(found) == ["same"]
    assert files.people()[0].quiet


def test_a_list_vouches_for_who_never_typed_their_code(files: Files) -> None:
    files.saved(FILE)
    files.set_state("+999700000001", ContactState.UNCONFIRMED)
    found = files.saved(FILE)
    assert files.outcomes(found) == ["changed", "same", "same"]
    assert files.people()[0].contacts[0].state == ContactState.ACTIVE


def test_a_second_contact_is_added_to_the_person(files: Files) -> None:
    files.saved("phone,country\n+999700000001,TR\n")
    found = files.saved("phone,email,country\n+999700000001,ana@example.org,TR\n")
    assert files.outcomes(found) == ["changed"]
    assert files.addresses() == [["+999700000001", "ana@example.org"]]
    assert reach(files) == {("sms", "TR", "en", False), ("email", "TR", "en", False)}


def test_contacts_of_two_people_in_one_row_are_refused(files: Files) -> None:
    files.saved("phone,email,country\n+999700000001,,TR\n,bea@example.org,TR\n")
    found = files.checked("phone,email,country\n+999700000001,bea@example.org,TR\n")
    (row,) = files.rows(found)
    assert (row.outcome, row.errors) == ("invalid", ("contacts:two_people",))


def test_duplicates_name_the_first_row_also_across_chunks_and_contacts(files: Files) -> None:
    middle = "".join(f"+9998{number:08},,TR\n" for number in range(600))
    found = files.saved(
        "phone,email,country\n+999700000001,ana@example.org,TR\n"
        f"{middle}+999 700 000 001,,LB\n,ANA@example.org,JP\n"
    )
    first, second = files.rows(found)[-2:]
    assert (first.outcome, first.duplicate_of) == (second.outcome, second.duplicate_of) == ("duplicate", 2)
    assert len(files.people()) == 601


def test_two_rows_about_one_known_person_are_duplicates(files: Files) -> None:
    files.saved("phone,email,country\n+999700000001,ana@example.org,TR\n")
    found = files.checked("phone,email,country\n+999700000001,,LB\n,ana@example.org,JP\n")
    assert [(row.outcome, row.duplicate_of) for row in files.rows(found)] == [
        ("changed", None),
        ("duplicate", 2),
    ]


def test_an_invalid_row_hides_no_good_one(files: Files) -> None:
    found = files.checked("phone,country\n+999700000001,Atlantis\n+999700000001,TR\n")
    assert files.outcomes(found) == ["invalid", "new"]


def test_other_organisations_know_nothing_of_it(files: Files, keyring: Keyring) -> None:
    files.saved(FILE)
    other = Files.of(keyring, "Embassy of Sylvania")
    found = other.saved(FILE)
    assert other.outcomes(found) == ["new", "new", "new"]
    assert len(files.people()) == len(other.people()) == 3
    assert files.rows(found) == []


def test_rows_without_a_country_take_the_officer_s(files: Files) -> None:
    found = files.saved("phone,language\n0612345678,fr\n", country="FR")
    assert files.addresses() == [["+33612345678"]]
    assert found.counts["new"] == 1
    moved = files.saved("phone,country\n+33612345678,TR\n")
    assert moved.counts["changed"] == 1
    again = files.checked("phone,language\n+33612345678,fr\n", country="FR")
    assert files.outcomes(again) == ["same"]


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        ("name,country\nAna,TR\n", ["file.phone"]),
        ("phone,name\n+999700000001,Ana\n", ["file.country"]),
        ("+999700000001,Ana\n+999700000002,Bea\n", ["file"]),
        ("phone,country\n", ["file"]),
        ("", ["file"]),
    ],
)
def test_files_that_can_t_be_people_are_refused_whole(files: Files, content: str, fields: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        files.upload(content)
    assert [error.field for error in caught.value.errors] == fields
    with scoped(files.officer.organisation_id) as session:
        assert session.scalar(text("SELECT count(*) FROM imports")) == 0
