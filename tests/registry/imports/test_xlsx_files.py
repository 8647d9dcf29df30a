from __future__ import annotations

import datetime
import tracemalloc
import zipfile
from contextlib import suppress
from io import BytesIO
from itertools import pairwise
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from registry.errors import Invalid
from registry.imports.reading import other_sheets, rows_of


def workbook(*rows: list[Any], **sheets: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def cells(content: bytes) -> list[list[str]]:
    return [row.cells for row in rows_of(BytesIO(content))]


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        cells(content)
    return caught.value.errors[0].code


def replaced(content: bytes, strings: str = "", **parts: bytes) -> bytes:
    """The same workbook with other parts, named by the beginnings of their paths."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        if strings:
            new.writestr("xl/sharedStrings.xml", strings)
        for name in set(old.namelist()) - {"xl/sharedStrings.xml" if strings else ""}:
            new.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
    return out.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def test_texts_numbers_dates_and_flags() -> None:
    day = datetime.date(2027, 1, 31)
    moment = datetime.datetime(2027, 1, 31, 14, 5)  # noqa: DTZ001
    rows = cells(
        workbook(["phone", "size", "from", "until", "quiet", "x"], [33612345678, 4.0, day, moment, True, 1.5])
    )
    assert rows[1] == ["33612345678", "4", "2027-01-31", "2027-01-31", "true", "1.5"]


def test_large_numbers_come_without_exponent() -> None:
    sheet = SHEET.format(
        '<row r="1"><c r="A1"><v>3.3612345678E+10</v></c><c r="B1"><v>33612345678.0</v></c></row>'
    )
    assert cells(replaced(workbook(["x"]), sheet1=sheet.encode())) == [["33612345678", "33612345678"]]


def test_formula_without_a_result_is_told_from_an_empty_cell() -> None:
    sheet = SHEET.format(
        '<row r="1"><c r="A1"><f>B1</f></c><c r="B1"/><c r="C1"><f>1+1</f><v>2</v></c>'
        '<c r="D1" t="str"><f>A1</f><v>text</v></c><c r="E1" t="e"><v>#N/A</v></c></row>'
    )
    assert cells(replaced(workbook(["x"]), sheet1=sheet.encode())) == [["\0", "", "2", "text", "\0"]]


def test_openpyxl_formula_has_no_result() -> None:
    assert cells(workbook(["phone"], ['=CONCAT("+33",1)']))[1] == ["\0"]


def test_rich_and_inline_texts() -> None:
    rich = CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"))
    assert cells(workbook([rich, " spaces "])) == [["plain bold", "spaces"]]
    inline = SHEET.format(
        '<row><c t="inlineStr"><is><t>one </t><rPh><t>how</t></rPh><r><t>two</t></r></is></c></row>'
    )
    assert cells(replaced(workbook(["x"]), sheet1=inline.encode())) == [["one two"]]


def test_shared_texts() -> None:
    sheet = SHEET.format('<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="s"><v>7</v></c></row>')
    strings = (
        "<sst><si><t>né</t></si><si><r><t>one </t></r><r><t>two_x000A_</t></r><rPh><t>no</t></rPh></si></sst>"
    )
    assert cells(replaced(WORKBOOK, strings, sheet1=sheet.encode())) == [["one two", "né", ""]]
    with pytest.raises(Invalid):
        cells(replaced(WORKBOOK, strings[:-8], sheet1=sheet.encode()))


def test_sparse_rows_keep_their_places() -> None:
    sheet = SHEET.format(
        '<row r="3"><c r="C3"><v>1</v></c></row><row r="9"><c r="A9"><v>2</v></c></row><row r="7"/>'
    )
    rows = list(rows_of(BytesIO(replaced(workbook(["x"]), sheet1=sheet.encode()))))
    assert [(row.number, row.cells) for row in rows] == [(3, ["", "", "1"]), (9, ["2"])]


def test_the_first_visible_sheet_counts_and_others_are_named() -> None:
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    book.create_sheet("People").append(["phone"])
    book.create_sheet("Empty")
    book.create_sheet("More people").append(["phone"])
    out = BytesIO()
    book.save(out)
    assert cells(out.getvalue()) == [["phone"]]
    assert other_sheets(BytesIO(out.getvalue())) == ["More people"]


def test_years_from_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([datetime.date(2027, 1, 31)])
    out = BytesIO()
    book.save(out)
    assert cells(out.getvalue()) == [["2027-01-31"]]


def test_two_cells_at_the_ends_of_the_earth_take_no_memory() -> None:
    sheet = SHEET.format(
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    content = replaced(workbook(["x"]), sheet1=sheet.encode())
    tracemalloc.start()
    assert cells(content) == [["1"]]
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    padding = b" " * (300 * 1024 * 1024)
    sheet = SHEET.format("{}").encode().replace(b"{}", b"<row>" + padding + b"</row>")
    content = replaced(workbook(["x"]), sheet1=sheet)
    del sheet, padding
    assert len(content) < 1_000_000
    tracemalloc.start()
    assert refusal(content) == "size"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_entities_are_not_expanded() -> None:
    lol = b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheet = SHEET.format('<row><c t="str"><v>&b;</v></c></row>').encode()
    assert refusal(replaced(workbook(["x"]), sheet1=lol + sheet)) == "damaged"


@pytest.mark.parametrize("name", ["sheet1", "workbook", "styles"])
def test_broken_parts_are_refused(name: str) -> None:
    assert refusal(replaced(workbook(["x"]), **{name: b"<not xml"})) == "damaged"


def test_other_archives_are_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "an OpenDocument")
    assert refusal(out.getvalue()) == "format"
    assert refusal(workbook(["x"])[:-40]) == "damaged"


@settings(max_examples=200)
@given(st.data())
def test_damage_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Invalid):
        cells(bytes(content))


WORKBOOK = workbook(["phone", "from"], ["+999123456", datetime.date(2027, 1, 31)], [33612345678, None])
NAMES = ["r", "s", "t"]
VALUES = st.sampled_from(
    ["A1", "ZZZZZZZZZZ1", "9" * 5000, "-1", "٣", "s", "inlineStr", "e", "d", "", "1e999999"]
)


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=3, unique_by=lambda pair: pair[0]), VALUES
)
def test_hostile_attributes_do_no_harm(attributes: list[tuple[str, str]], value: str) -> None:
    marks = "".join(f' {name}="{text}"' for name, text in attributes)
    sheet = SHEET.format(f"<row{marks}><c{marks}><v>{value}</v></c></row><row{marks}><c><v>1</v></c></row>")
    rows = list(rows_of(BytesIO(replaced(WORKBOOK, sheet1=sheet.encode()))))
    assert all(a.number < b.number for a, b in pairwise(rows))
