"""What a file is, is found out from its bytes, and what is wrong with it said in one line."""

import contextlib
import gzip
import os
import pickle
import sqlite3
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karb.adapters.files import content
from karb.adapters.files.opening import (
    Format,
    files_under,
    read_document,
    refuse_repeated_keys,
)
from karb.adapters.files.times import capture_time, name_stamp, parse_time
from karb.errors import DataError, ExitCode, KarbError, UsageError


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read_whole(path: Path) -> None:
    document = read_document(path)
    list(document.rows() if document.kind is Format.CSV else document.values())


def problem(path: Path) -> KarbError:
    """The error of reading the file to its end; its text is always one line."""
    with pytest.raises(KarbError) as caught:
        read_whole(path)
    error = caught.value
    assert "\n" not in str(error)
    assert str(path) in error.what
    assert error.means
    assert error.do
    return error


@pytest.mark.parametrize(
    ("name", "text", "kind", "values"),
    [
        ("one.json", '{"a": 1}', Format.JSON, [b'{"a": 1}']),
        ("list.json", "\n [1, 2]\n", Format.JSON, [b"[1, 2]"]),
        ("pretty.json", '{\n "a": [\n1]}', Format.JSON, [b'{\n "a": [\n1]}']),
        ("lines.json", '{"a":1}\n\n{"b":2}\r\n', Format.JSON_LINES, [b'{"a":1}', b'{"b":2}']),
        ("one.jsonl", '{"a":1}\n', Format.JSON, [b'{"a":1}']),
        ("noname", "[]", Format.JSON, [b"[]"]),
        ("mark.json", "\ufeff[1]", Format.JSON, [b"[1]"]),
        ("names.json", '["San José"]', Format.JSON, ['["San José"]'.encode()]),
    ],
)
def test_one_document_and_json_lines_are_told_apart_by_content(
    tmp_path: Path, name: str, text: str, kind: Format, values: list[bytes]
) -> None:
    document = read_document(write(tmp_path, name, text))
    assert document.kind is kind
    assert [value.raw for value in document.values()] == values


def test_every_value_and_element_knows_its_line(tmp_path: Path) -> None:
    text = '\n{"page": [\n  {"a": 1}, {"b":\n 2},\n  {"a": 1}\n]}\n'
    (whole,) = read_document(write(tmp_path, "page.json", text)).values()
    page = whole.members()["page"]
    assert (whole.line, page.line) == (2, 2)
    assert [item.line for item in page.items()] == [3, 3, 5]
    lines = read_document(write(tmp_path, "x.jsonl", "\n1\n".replace("1", "{}\n\n{}")))
    assert [value.line for value in lines.values()] == [2, 4]


def test_gzip_is_known_by_its_bytes_and_may_have_members(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a":1}\n') + gzip.compress(b'{"a":2}\n')
    document = read_document(write(tmp_path, "no_gz_name.json", packed))
    assert [value.line for value in document.values()] == [1, 2]


def test_csv_gives_rows_by_column(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", 'ticker,title,yes_bid\nA,"Y, ""Z""",48\n\nB,"two\nlines",\n')
    assert list(read_document(path).rows()) == [
        (2, {"ticker": "A", "title": 'Y, "Z"', "yes_bid": "48"}),
        (5, {"ticker": "B", "title": "two\nlines", "yes_bid": ""}),
    ]
    assert read_document(write(tmp_path, "export.txt", "a,b,c\n1,2,3\n")).kind is Format.CSV
    two = "kalshi_event_ticker,odds_event_id\r\nE,NONE\r\n"
    assert list(read_document(write(tmp_path, "truth.txt", two)).rows()) == [
        (2, {"kalshi_event_ticker": "E", "odds_event_id": "NONE"})
    ]
    prose = write(tmp_path, "prose.txt", "Hello, world\nhere, nothing\n")
    assert "unknown format" in problem(prose).what
    assert "a CSV file" in problem_of_values(path)
    assert "a column name stands twice" in problem(write(tmp_path, "z.csv", "a,b,a\n1,2,3\n")).what
    assert "2 fields under 3 columns" in problem(write(tmp_path, "y.csv", "a,b,c\n1,2\n")).what


def problem_of_values(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        list(read_document(path).values())
    return caught.value.what


def test_other_formats_are_named(tmp_path: Path) -> None:
    database = tmp_path / "x.json"
    with sqlite3.connect(database) as connection:
        connection.execute("create table t (a)")
    connection.close()
    assert "an SQLite database" in problem(database).what
    archive = tmp_path / "y.json"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a", "b")
    assert "a zip archive" in problem(archive).what
    for data, name in [
        (b"PAR1\x15\x04", "a Parquet file"),
        (pickle.dumps({"a": 1}), "a Python pickle"),
        (b"\x28\xb5\x2f\xfd\x00\x00", "a Zstandard file"),
        (b"BZh91AY&SY", "a bzip2 file"),
        (b"<!DOCTYPE html>\n<html><body>Sign in", "an HTML page"),
        (b"<?xml version='1.0'?><a/>", "an XML or HTML document"),
        (b"\x01\x02\x03\x04noise", "binary data (byte 1"),
    ]:
        error = problem(write(tmp_path, "z.json", data))
        assert name in error.what
        assert "JSON or JSON lines was expected" in error.what
        assert error.exit_code is ExitCode.FAILURE


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, data: bytes) -> None:
    assert "the file is empty" in problem(write(tmp_path, "x.json", data)).what


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": [1, 2', "x.json:1: the JSON ends in the middle: '{\"a\": [1, 2'"),
        ('[\n {"a": 1},\n {"b": ', "x.json:3: the JSON ends in the middle"),
        ('{"a":1}\n{"b":1}\n{"c', "x.json:3: the JSON ends in the middle"),
        ('{"a": nan}', "x.json:1:8: this is not JSON: invalid character: 'an}'"),
        ('{"a": 1}\n{"a": +1}', "x.json:2:7: this is not JSON"),
        ('[\n{"a" 1}]', "x.json:2:6: this is not JSON: expected ':'"),
        ("[" * 200_000, "x.json:1: this is not JSON: it is nested too deeply"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "it is nested too deeply"),
        ('{\n"a": 1\n}\n{\n"b": 2\n}', "x.json:4:1: this is not JSON: something follows"),
    ],
)
def test_broken_json_is_shown_where_it_breaks(tmp_path: Path, text: str, found: str) -> None:
    assert found in problem(write(tmp_path, "x.json", text)).what


def test_nan_and_infinity_become_text_that_no_price_is(tmp_path: Path) -> None:
    text = '{"a": NaN, "b": [-Infinity, "x: NaN", "\\" NaN"]}'
    (value,) = read_document(write(tmp_path, "x.json", text)).values()
    assert value.raw.decode() == '{"a": "NaN", "b": ["-Infinity", "x: NaN", "\\" NaN"]}'


def test_prose_before_the_json_is_told_apart_from_an_unknown_format(tmp_path: Path) -> None:
    error = problem(write(tmp_path, "x.json", 'Fetched 1 markets from Kalshi\n{\n  "a": 1\n}'))
    assert "x.json:1: the file begins with text that is not JSON" in error.what
    assert "'Fetched 1 markets from Kalshi'" in error.what
    assert error.do == "remove line 1; the JSON begins in line 2"
    error = problem(write(tmp_path, "x.json", "one\ntwo\n[1]"))
    assert error.do == "remove lines 1 to 2; the JSON begins in line 3"
    error = problem(write(tmp_path, "x.json", "ticker: A\x1b[31m\nprice: 48\n"))
    assert "unknown format; it begins with 'ticker: A\\x1b[31m'" in error.what


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_named(tmp_path: Path, encoding: str) -> None:
    error = problem(write(tmp_path, "x.json", '[{"team": "Montréal"}]'.encode(encoding)))
    assert f"the text is {encoding[:6].upper()} text, where UTF-8 was expected" in error.what


def test_latin_1_is_refused_at_its_line(tmp_path: Path) -> None:
    error = problem(write(tmp_path, "x.json", '{"a":1}\n{"t": "Montréal"}'.encode("latin-1")))
    assert "not UTF-8 in line 2, perhaps Latin-1" in error.what


def test_a_damaged_gzip_is_never_used_in_part(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a": "' + os.urandom(2000).hex().encode() + b'"}')
    for data, how in [
        (packed[:-9], "it ends in the middle"),
        (packed[:200], "it ends in the middle"),
        (packed[:300] + b"\xff\xff\xff" + packed[303:], ""),
        (packed[:-6] + b"\x00" + packed[-5:], "CRC"),
        (packed + b"garbage", "Not a gzipped file"),
    ]:
        what = problem(write(tmp_path, "x.json.gz", data)).what
        assert "the gzip file is damaged" in what
        assert how in what


def test_a_large_file_is_refused_by_size_and_a_bomb_while_unpacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = write(tmp_path, "large.json", b"[]")
    os.truncate(large, 500 * 1024 * 1024)
    error = problem(large)
    assert "the file has 500 MB; karb reads at most 256 MB" in error.what
    assert "split" in error.do
    monkeypatch.setattr(content, "LIMIT", 1024 * 1024)
    bomb = write(tmp_path, "bomb.json.gz", gzip.compress(b" " * (8 * 1024 * 1024)))
    assert "more than 1 MB when unpacked" in problem(bomb).what


def test_missing_and_unreadable_are_usage_errors(tmp_path: Path) -> None:
    for call in (files_under, read_document):
        with pytest.raises(UsageError, match="gone"):
            call(tmp_path / "gone.json")
    with pytest.raises(UsageError):
        files_under(Path("bad\x00name"))
    with pytest.raises(UsageError):
        files_under(tmp_path / ("x" * 5000))
    closed = write(tmp_path, "closed.json", b"[]")
    closed.chmod(0)
    if os.access(closed, os.R_OK):
        pytest.skip("root reads every file")
    with pytest.raises(UsageError, match="Permission denied"):
        read_document(closed)


def test_a_folder_gives_its_data_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("b.json", "a.JSONL", "sub/c.csv.gz", "README.md", ".hidden.json", ".git/x.json"):
        write(tmp_path, name, b"")
    names = [str(path.relative_to(tmp_path)) for path in files_under(tmp_path)]
    assert names == ["a.JSONL", "b.json", "sub/c.csv.gz"]
    assert files_under(tmp_path / "README.md") == [tmp_path / "README.md"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="holds no file that karb can read"):
        files_under(empty)


def test_a_key_that_stands_twice_is_refused() -> None:
    refuse_repeated_keys(b'[{"a": 1}, {"a": 2, "b": {"a": 3}}]', "x")
    with pytest.raises(DataError, match=r"^x:4: the key 'a' stands twice"):
        refuse_repeated_keys(b'[{"b": {"a": 1, "c": 2, "a": 1}}]', "x:4")


@pytest.mark.parametrize(
    "text",
    [
        '"2025-11-15 21:55:23.042964-05"',
        '"2025-11-15T21:55:23.042964-05:00"',
        '"2025-11-16T02:55:23.042964Z"',
        '"2025-11-16 02:55:23.042964+00"',
        "1763261723.042964",
        "1763261723042964",
        "1763261723042964000",
        '"1763261723042964000"',
    ],
)
def test_capture_times_are_read_in_every_form_met(text: str) -> None:
    assert capture_time(text.encode()) == 1_763_261_723_042_964_000


def test_capture_times_that_are_no_time_are_refused() -> None:
    assert parse_time("1763261723") == parse_time("1763261723000") == 1_763_261_723 * 10**9
    for text in (
        '"2025-11-15 21:55:23"',
        '"yesterday"',
        '""',
        "null",
        "true",
        "12",
        "-1763261723",
        '"1970-01-01T00:00:00Z"',
        "{}",
        '"\ud83d"'.encode("utf-8", "surrogatepass").decode("latin-1"),
    ):
        with pytest.raises(DataError, match="capture time"):
            capture_time(text.encode())


@pytest.mark.parametrize(
    "name",
    [
        "nfl_20251115T165749Z.json.gz",
        "2025-11-15T16-57-49Z.json",
        "odds-2025-11-15T16:57:49Z-nfl.json",
        "odds_2025-11-15_16-57-49.123Z.json",
    ],
)
def test_the_stamp_in_a_name_is_the_time_of_the_file(name: str) -> None:
    assert name_stamp(Path("20240101T000000Z") / name) == 1_763_225_869 * 10**9


@pytest.mark.parametrize("name", ["odds.json", "nfl_20251115T165749.json", "20251345T165749Z.json"])
def test_a_name_without_a_utc_stamp_gives_no_time(name: str) -> None:
    assert name_stamp(Path(name)) is None


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)), st.booleans())
@settings(deadline=None)
def test_any_bytes_give_values_or_one_karb_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, packed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    with contextlib.suppress(KarbError):
        document = read_document(path)
        for value in () if document.kind is Format.CSV else document.values():
            items = value.items() if value.is_list else value.members().values()
            assert all(item.line >= value.line for item in items)
