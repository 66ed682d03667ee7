from datetime import UTC, date, datetime
from decimal import Decimal

from essaim.text.spreadsheet import csv_file


def test_rows_are_written_as_french_spreadsheets_read_them() -> None:
    at = datetime(2020, 1, 15, 17, tzinfo=UTC)
    row = ["Cœur ; de ville", 1234, 1234.5, Decimal("0.25"), None, date(2020, 1, 15), at]

    written = csv_file(["Nom", "n"], [row], "fr")

    assert written == (
        '\ufeffNom;n\r\n"Cœur ; de ville";1234;1234,5;0,25;;2020-01-15;2020-01-15 18:00\r\n'
    )


def test_a_text_that_begins_like_a_formula_stays_a_text() -> None:
    formulas = ["=1+1", "+33 6", "-x", "@x", "\tx", "＝1", "＠x"]
    rows: list[list[object]] = [[one] for one in (*formulas, -1)]
    written = csv_file(["a"], rows, "en")

    assert written.splitlines()[1:] == [
        "'=1+1",
        "'+33 6",
        "'-x",
        "'@x",
        "'\tx",
        "'＝1",
        "'＠x",
        "-1",
    ]
