from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Invalid
from registry.imports.columns import check_columns, example, is_heading, read_heading, spellings
from registry.imports.mapping import Mapper, Reading
from registry.imports.reasons import reason
from registry.imports.tables import Row


def read(default_language: str | None = "en", **cells: str) -> Reading:
    """One row; the name of a column may end with a number."""
    columns = [name.rstrip("0123456789") if name[-1].isdigit() else name for name in cells]
    return Mapper(columns, None, default_language).read(list(cells.values()))


def address(**cells: str) -> str:
    reading = read(**cells)
    assert reading.intake, reading.errors
    return reading.intake.contacts[0].address


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Phone", "phone"),
        ("PHONE NUMBER:", "phone"),
        ("Phone 2", "phone"),
        ("Mobile (with country code)", "phone"),
        ("Téléphone", "phone"),
        ("Numéro de téléphone", "phone"),
        ("Teléfono móvil", "phone"),
        ("رقم الهاتف", "phone"),
        ("الجـــوال", "phone"),
        ("E-mail", "email"),
        ("e_mail", "email"),
        ("Correo electrónico", "email"),
        ("البريد الالكتروني", "email"),
        ("Pays", "country"),
        ("País de residencia", "country"),
        ("الدولة", "country"),
        ("Host country", "country"),
        ("household_size", "household_size"),
        ("Nombre de personnes", "household_size"),
        ("Nom de famille", "family_name"),
        ("phone_country", "phone_country"),
        ("جنسية", "nationality"),
        ("shoe size", ""),
        ("religion", ""),
        ("", ""),
    ],
)
def test_headings(heading: str, column: str) -> None:
    assert read_heading([heading])[0] == [column]


def test_every_column_is_known_by_its_own_name_and_in_four_languages() -> None:
    columns = set(spellings().values())
    assert {"phone", "email", "country", "subdivision", "place", "language", "name", "nationality", "from", "until",
            "household_size", "kind", "quiet", "phone_country"} <= columns  # fmt: skip
    assert all(spellings().get(column.replace("_", " ")) == column for column in columns)


def test_a_column_of_status_is_not_even_kept() -> None:
    assert read_heading(["phone", "Immigration status", "Pays"]) == (
        ["phone", "", "country"],
        ["Immigration status"],
    )


def test_data_is_no_heading() -> None:
    assert is_heading(Row(1, ["Phone", "Country"]))
    assert is_heading(Row(1, ["email"]))
    assert not is_heading(Row(1, ["Registered people of the embassy, country list", "", ""]))
    assert not is_heading(Row(1, ["+33612345678", "country"]))


def test_all_missing_columns_are_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        check_columns(["name"], None, None)
    assert [error.field for error in caught.value.errors] == ["file.phone", "file.country", "file.language"]
    check_columns(["email"], "TR", "fr")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"phone": "+33 6 12 34 56 78", "country": "TR"}, "+33612345678"),
        ({"phone": "0033612345678", "country": "TR"}, "+33612345678"),
        ({"phone": "06 12 34 56 78", "country": "FR"}, "+33612345678"),
        ({"phone": "612345678", "country": "FR"}, "+33612345678"),
        ({"phone": "0612345678", "phone_country": "France", "country": "TR"}, "+33612345678"),
        ({"phone": "33612345678", "country": "FR"}, "+33612345678"),
        ({"phone": "33612345678", "country": "TR"}, "+33612345678"),
        ({"phone": "33612345678.0", "country": "TR"}, "+33612345678"),
        ({"phone": "33612345678,00", "country": "TR"}, "+33612345678"),
        ({"phone": "3.3612345678E+10", "country": "TR"}, "+33612345678"),
        ({"phone": "3,3612345678e10", "country": "TR"}, "+33612345678"),
        ({"phone": "9.99700123456E+11", "country": "TR"}, "+999700123456"),
        ({"phone": "4.47700900123E+11", "country": "GB"}, "+447700900123"),
        ({"phone": "07700 900123", "country": "GB"}, "+447700900123"),
        ({"phone": "٠٥٣٢١٢٣٤٥٦٧", "country": "TR"}, "+905321234567"),
        ({"phone": "+۹۰۵۳۲۱۲۳۴۵۶۷", "country": "IR"}, "+905321234567"),
        ({"phone": "'+33612345678", "country": "TR"}, "+33612345678"),
        ({"phone": "tel:+33612345678", "country": "TR"}, "+33612345678"),
        ({"email": "mailto:Ana@Example.ORG", "country": "TR"}, "ana@example.org"),
    ],
)
def test_contacts(cells: dict[str, str], expected: str) -> None:
    assert address(**cells) == expected


@pytest.mark.parametrize(
    ("cells", "errors"),
    [
        ({"phone": "3.36123E+10", "country": "FR"}, ("phone:rounded",)),
        ({"phone": "0612345678", "country": "TR"}, ("phone:phone",)),
        ({"phone": "51987654321", "country": "PT", "nationality": "BR"}, ("phone:ambiguous",)),
        ({"phone": "12345", "country": "FR"}, ("phone:phone",)),
        ({"phone": "+44 900123", "country": "GB"}, ("phone:phone",)),
        ({"phone": "\0", "country": "FR"}, ("phone:formula",)),
        ({"phone": "", "country": "FR"}, ("phone:required",)),
        ({"email": "not an address", "country": "FR"}, ("email:email",)),
        ({"phone": "+33612345678", "country": ""}, ("country:required",)),
        ({"phone": "+33612345678", "country": "Atlantis"}, ("country:country",)),
        ({"phone": "+33612345678", "country": "FR", "language": "Klingonish"}, ("language:language",)),
        ({"phone": "+33612345678", "country": "FR", "subdivision": "Narnia"}, ("subdivision:subdivision",)),
        ({"phone": "+33612345678", "country": "FR", "from": "03/04/2027"}, ("from:ambiguous_date",)),
        ({"phone": "+33612345678", "country": "FR", "from": "2027-02-30"}, ("from:date",)),
        (
            {"phone": "+33612345678", "country": "FR", "from": "2027-02-01", "until": "2027-01-01"},
            ("until:order",),
        ),
        ({"phone": "+33612345678", "country": "FR", "household_size": "0"}, ("household_size:range",)),
        ({"phone": "+33612345678", "country": "FR", "quiet": "perhaps"}, ("quiet:flag",)),
        ({"phone": "+33612345678", "country": "FR", "name": "a\x07b"}, ("name:characters",)),
        ({"phone": "+33612345678", "country": "FR", "name": "x" * 500}, ("name:length",)),
        ({"phone": "x", "email": "y", "country": "Z"}, ("phone:phone", "email:email", "country:country")),
    ],
)
def test_reasons(cells: dict[str, str], errors: tuple[str, ...]) -> None:
    reading = read(**cells)
    assert reading.intake is None
    assert set(reading.errors) == set(errors)
    for code in reading.errors:
        assert reason(code).endswith(".")
        assert "is not valid." not in reason(code) or code.partition(":")[0] in ("phone", "email")


def test_a_whole_row_in_arabic() -> None:
    row = {
        "phone": "٠٥٣٢١٢٣٤٥٦٧",
        "country": "تركيا",
        "language": "العربية",
        "household_size": "٤",
        "quiet": "نعم",
    }
    intake = read(None, **row).intake
    assert intake
    assert (intake.stays[0].country, intake.language, intake.household_size, intake.quiet) == (
        "TR",
        "ar",
        4,
        True,
    )


@pytest.mark.parametrize(
    ("cell", "code"),
    [("Turkey", "TR"), ("Türkiye", "TR"), ("TUR", "TR"), ("turquie", "TR"), ("Côte d’Ivoire", "CI"), ("UK", "GB"),
     ("USA", "US"), ("États-Unis", "US"), ("لبنان", "LB"), ("Alemania", "DE"), ("South Korea", "KR")],
)  # fmt: skip
def test_countries_by_name(cell: str, code: str) -> None:
    intake = read(email="a@example.org", country=cell).intake
    assert intake
    assert intake.stays[0].country == code


@pytest.mark.parametrize("cell", ["TR-34", "34", "٣٤", "İstanbul", "Istanbul", "ISTANBUL"])
def test_subdivisions_by_code_or_name(cell: str) -> None:
    intake = read(email="a@example.org", country="TR", subdivision=cell).intake
    assert intake
    assert intake.stays[0].subdivision == "TR-34"


@pytest.mark.parametrize(
    "cell",
    ["2027-01-31", "31/01/2027", "01/31/2027", "31.1.2027", "2027/1/31", "2027-01-31 00:00:00", "٣١/١/٢٠٢٧"],
)
def test_days(cell: str) -> None:
    reading = read(email="a@example.org", country="TR", **{"from": cell})
    assert reading.intake
    assert reading.intake.stays[0].starts == date(2027, 1, 31)


def test_several_contacts_and_a_name_in_parts() -> None:
    reading = read(phone1="+33612345678", phone2="+33612345679", phone3="+33612345678", email="a@example.org",
                   country="FR", given_name="Ana", family_name="Example")  # fmt: skip
    assert reading.intake
    assert len(reading.intake.contacts) == 3
    assert reading.intake.name == "Ana Example"


def test_defaults_fill_in_but_are_not_given() -> None:
    reading = read(email="a@example.org")
    assert reading.intake is None
    reading = Mapper(["email"], "TR", "fr").read(["a@example.org"])
    assert reading.intake
    assert reading.intake.stays[0].country == "TR"
    assert reading.given == {"email"}


def test_the_example_to_fill_in_is_valid() -> None:
    head, person = example().lstrip("\ufeff").splitlines()
    columns, ignored = read_heading(head.split(","))
    assert not ignored
    assert Mapper(columns, None, None).read(person.split(",")).errors == ()


@given(st.lists(st.text(max_size=30), min_size=13, max_size=13))
def test_any_texts_are_read_or_refused(cells: list[str]) -> None:
    columns = sorted(set(spellings().values()))[:13]
    reading = Mapper(columns, "FR", "fr").read(cells)
    assert (reading.intake is None) == bool(reading.errors)
