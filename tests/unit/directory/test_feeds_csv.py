"""The rows of a CSV file survive whatever stands beside them."""

from services.directory.feeds.csv_rows import sheet_of


def rows(text: str | bytes) -> list[tuple[int, list[str]]]:
    """Line and cells of the usable rows."""
    return [(row.spot.row, list(row.values.values())) for row in sheet_of(text.encode() if isinstance(text, str) else text, "f.csv").rows]


def report(text: str | bytes) -> list[tuple[int, str]]:
    """Line and reason of everything that was told, whether the row was lost or not."""
    sheet = sheet_of(text.encode() if isinstance(text, str) else text, "f.csv")
    return [(problem.row, problem.reason) for problem in (*sheet.problems, *(problem for row in sheet.rows for problem in row.problems))]


def test_a_record_over_several_lines_is_one_row_and_is_known_by_its_first_line() -> None:
    text = 'a,b\n1,"two\nlines, and a ""quote"""\n3,x\n'
    assert rows(text) == [(2, ["1", 'two\nlines, and a "quote"']), (4, ["3", "x"])]
    assert report(text) == []


def test_a_quote_that_is_never_closed_costs_its_own_line_only() -> None:
    text = 'a,b,c\n1,"open,x\n2,"b",y\n3,b,z\n4,"open to the end\n'
    assert rows(text) == [(2, ["1", "open", "x"]), (3, ["2", "b", "y"]), (4, ["3", "b", "z"])]
    assert report(text) == [(5, "a quote is never closed, or stands where none may be"), (2, "quotes make no sense, taken as they stand")]


def test_a_row_with_too_many_columns_is_lost_and_one_with_too_few_is_kept() -> None:
    text = "a,b\n1,x,y\n2\n3,z,\n"
    assert rows(text) == [(3, ["2"]), (4, ["3", "z"])]
    assert report(text) == [(2, "more columns than the header: 3 instead of 2"), (3, "fewer columns than the header: 1 instead of 2")]


def test_bytes_of_another_encoding_and_nul_characters_are_read_and_told_on_their_row_alone() -> None:
    body = b"a,b\n1,caf\xe9\n2,na\xc3\xafve\n3,x\x00y\n"
    assert rows(body) == [(2, ["1", "café"]), (3, ["2", "naïve"]), (4, ["3", "xy"])]
    assert report(body) == [(2, "not UTF-8, read as Windows-1252"), (4, "NUL characters were taken out")]


def test_a_line_without_end_is_lost_and_the_next_is_read() -> None:
    body = b"a,b\n" + b"x" * 3_000_000 + b'\n1,ok\n2,"' + b"y" * 2_000_000 + b'"\n3,ok\n'
    assert rows(body) == [(3, ["1", "ok"]), (5, ["3", "ok"])]
    assert report(body) == [(2, "longer than 1,048,576 bytes"), (4, "longer than 1,048,576 bytes")]


def test_quotes_inside_a_cell_are_only_characters() -> None:
    assert rows('a,b\n1,5" nails\n') == [(2, ["1", '5" nails'])]


def test_blank_lines_and_old_line_ends_are_no_matter() -> None:
    assert rows("a,b\r\n\r\n1,x\r\n") == [(3, ["1", "x"])]
    assert rows("a,b\r1,x\r") == [(2, ["1", "x"])]


def test_columns_are_known_whatever_their_case_and_a_column_named_twice_is_told() -> None:
    sheet = sheet_of(b" Group ID ,NAME,name\n1,x,y\n", "f.csv")
    assert sheet.columns == ("group_id", "name", "name")
    assert sheet.rows[0].values == {"group_id": "1", "name": "x"}
    assert report(b"Group ID,NAME,name\n") == [(1, "the column is there twice, the first is used")]
