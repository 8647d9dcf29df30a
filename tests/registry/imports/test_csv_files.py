from __future__ import annotations

import codecs
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Invalid
from registry.imports.reading import rows_of

HEAD, FIRST = ["phone", "name", "country"], ["+999123456", "Ana", "FR"]
TEXT = "phone,name,country\r\n+999123456,Ana,FR\r\n"


def cells(content: bytes, language: str | None = None) -> list[list[str]]:
    return [row.cells for row in rows_of(BytesIO(content), language)]


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        cells(content)
    return caught.value.errors[0].code


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator: str) -> None:
    assert cells(TEXT.replace(",", separator).encode()) == [HEAD, FIRST]


def test_separator_announced_by_excel() -> None:
    assert cells(b"sep=;\r\n" + TEXT.replace(",", ";").encode()) == [HEAD, FIRST]


def test_commas_in_quotes_are_no_separators() -> None:
    content = 'phone;name;country\n+999123456;"Ana, the first, of Paris, France, Europe";FR\n'
    assert cells(content.encode())[1][1] == "Ana, the first, of Paris, France, Europe"


@pytest.mark.parametrize(
    "encoded",
    [
        codecs.BOM_UTF8 + "phone,name\n+999123456,Zoë\n".encode(),
        "phone,name\n+999123456,Zoë\n".encode(),
        "phone,name\n+999123456,Zoë\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "phone,name\n+999123456,Zoë\n".encode("utf-16-be"),
        "phone,name\n+999123456,Zoë\n".encode("utf-16-le"),
        "phone,name\n+999123456,Zoë\n".encode("utf-16-be"),
        "phone,name\n+999123456,Zoë\n".encode("cp1252"),
    ],
)
def test_encodings(encoded: bytes) -> None:
    assert cells(encoded) == [["phone", "name"], ["+999123456", "Zoë"]]


def test_old_arabic_files_are_read_when_the_language_is_known() -> None:
    content = "هاتف;الاسم\n+999123456;مريم\n".encode("cp1256")
    assert cells(content, "ar") == [["هاتف", "الاسم"], ["+999123456", "مريم"]]


def test_utf8_is_recognised_by_the_whole_file_and_not_only_its_beginning() -> None:
    content = ("name\n" + "plain\n" * 30_000 + "Zoë\n").encode()
    assert cells(content)[-1] == ["Zoë"]
    assert cells(content.replace("Zoë".encode(), b"Zo\xeb"))[-1] == ["Zoë"]


@pytest.mark.parametrize(
    "broken", [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
)
def test_what_utf8_forbids_is_not_read_as_other_letters(broken: bytes) -> None:
    rows = cells(b"phone,name\n+999123456,A" + broken + b"na\n+999123457,Ana\n", "fr")
    assert "\ufffd" in rows[1][1]
    assert rows[2][1] == "Ana"


def test_a_broken_place_leaves_the_rest_of_the_file_in_utf8() -> None:
    content = "name\nZoë\nChloé\n".encode() + b"Ana\xff\n"
    assert cells(content, "fr")[1:] == [["Zoë"], ["Chloé"], ["Ana\ufffd"]]
    letters = "نام\nگلی\nچکامه\nکیومرث\nژاله\n"
    assert cells(letters.encode("cp1256", "replace"), "fa")[2] == ["چکامه"]


def test_a_line_that_is_too_long_is_told_by_its_number() -> None:
    content = b"phone,name\n+999123456,Ana\n+999123457," + b"x" * 300_000 + b"\n"
    with pytest.raises(Invalid, match="line 3"):
        cells(content)
    assert cells(content.replace(b"x" * 300_000, b"x" * 200_000))[2][1] == "x" * 1000


def test_quoted_line_breaks_and_blank_rows_keep_the_numbers_of_a_spreadsheet() -> None:
    content = b'phone,name\n"+999123456","Ana\nof Paris"\n\n,\n+999123457,Bea\n'
    rows = list(rows_of(BytesIO(content)))
    assert [row.number for row in rows] == [1, 2, 5]
    assert rows[1].cells[1] == "Ana\nof Paris"


def test_formulas_and_errors_have_no_value_but_quoted_digits_do() -> None:
    row = cells(b'a,b,c,d\n=A1+1,"=""0612345678""",#REF!,x\n')[1]
    assert row[1] == "0612345678"
    assert row[0] == row[2] == "\0"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "format"),
        (b"\xef\xbb\xbf\r\n<html><table>", "format"),
        (b'phone,country\n"+999123456,FR\n+999123457,FR\n', "quotes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "format"),
        (b'phone\n"' + b"x\n" * 200_000, "quotes"),
        (b"x" * 300_000, "line"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        rows = list(rows_of(BytesIO(content)))
    except Invalid:
        return
    assert all(a.number < b.number for a, b in pairwise(rows))
