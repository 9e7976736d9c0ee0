"""Open a file of recorded data: find out what it is, and hand over its values.

A `Document` is a file whose text is known to be one JSON document, JSON lines or CSV. Its
values stay raw bytes (`Value`), each with its line, until a decoder that knows their shape
reads them once; a record that nobody needs is never parsed. JSON lines where one document
was expected, and the reverse, both work. What cannot be right in the whole file (half a
document, prose before the JSON, keys twice, nesting without end) raises `DataError` that
names the file and the line.
"""

import csv
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TypeVar

import msgspec

from karb.adapters.files.content import read_text, wrong_format
from karb.adapters.files.paths import files_under
from karb.errors import DataError

__all__ = [
    "Document",
    "Format",
    "Value",
    "files_under",
    "has_hidden_keys",
    "read_document",
    "refuse_repeated_keys",
]

_T = TypeVar("_T")

_raw = msgspec.json.Decoder(msgspec.Raw)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_plain = msgspec.json.Decoder(dict[str, object])
_BYTE = re.compile(r"^(.*) \(byte (\d+)\)$")
_STRING_OR_NAN = re.compile(rb'"(?:[^"\\]|\\.)*"|(-?\b(?:NaN|Infinity)\b)')
_COLUMN = re.compile(r"\s*\"?[A-Za-z_][\w .-]*\"?\s*")
_PLAIN_COLUMN = re.compile(r"\"?[A-Za-z_]\w*\"?")
_QUOTED = 60


class Format(StrEnum):
    """What a file of text turned out to be."""

    JSON = "JSON"
    JSON_LINES = "JSON lines"
    CSV = "CSV"


class Value(msgspec.Struct, frozen=True):
    """One JSON value, not parsed yet: its text, and the line it begins in (from 1)."""

    raw: bytes
    line: int

    @property
    def is_list(self) -> bool:
        """Whether it is an array."""
        return self.raw[:1] == b"["

    @property
    def is_object(self) -> bool:
        """Whether it is an object."""
        return self.raw[:1] == b"{"

    def items(self) -> Iterator["Value"]:
        """The elements of an array, each with its line; ask `is_list` first."""
        at = line = 0
        for item in _parse(_list, self.raw):
            raw = bytes(item)
            start = self.raw.index(raw, at)
            line += self.raw.count(b"\n", at, start)
            yield Value(raw, self.line + line)
            line += raw.count(b"\n")
            at = start + len(raw)

    def members(self) -> dict[str, "Value"]:
        """The members of an object, each with its line; ask `is_object` first."""
        return {name: self.inside(bytes(raw)) for name, raw in _parse(_object, self.raw).items()}

    def plain(self) -> dict[str, object]:
        """An object as Python's own values; ask `is_object` first.

        Raises DataError also for a number that no float can hold, wherever it stands.
        """
        return _parse(_plain, self.raw)

    def inside(self, raw: bytes) -> "Value":
        """A piece of this value's text as a value with its own line."""
        before = self.raw.index(raw)
        return Value(raw, self.line + self.raw.count(b"\n", 0, before))


class Document(msgspec.Struct, frozen=True):
    """A file of text, its kind known and its bounds checked. `text` is UTF-8."""

    path: Path
    kind: Format
    text: bytes

    def origin(self, line: int) -> str:
        """Where something stands, as editors and compilers write it: `FILE:LINE`."""
        return f"{self.path}:{line}"

    def values(self) -> Iterator[Value]:
        """The JSON values at the top: one for a document, one a line for JSON lines.

        Raises DataError at the line that is no JSON, and at once when the file is CSV.
        """
        if self.kind is Format.CSV:
            raise wrong_format(self.path, "a CSV file")
        if self.kind is Format.JSON:
            lead = len(self.text) - len(self.text.lstrip())
            yield Value(self.text.strip(), 1 + self.text.count(b"\n", 0, lead))
            return
        for number, line in enumerate(self.text.split(b"\n"), 1):
            if raw := line.strip():
                if problem := _problem(raw):
                    raise _malformed(self.path, raw, number, problem)
                yield Value(raw, number)

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows of a CSV file by column name, each with its line.

        Raises DataError when a row has more or fewer fields than the header.
        """
        reader = csv.reader(StringIO(self.text.decode(), newline=""), strict=True)
        try:
            header = [name.strip() for name in next(reader)]
            if len(set(header)) != len(header):
                raise _bad_csv(self.path, 1, "a column name stands twice")
            for row in reader:
                if row and len(row) != len(header):
                    raise _bad_csv(
                        self.path, reader.line_num, f"{len(row)} fields under {len(header)} columns"
                    )
                if row:
                    yield reader.line_num, dict(zip(header, row, strict=True))
        except csv.Error as error:
            raise _bad_csv(self.path, reader.line_num, str(error)) from error


def read_document(path: Path) -> Document:
    """Read one file and find out whether it is JSON, JSON lines or CSV.

    Raises UsageError when it is not there or may not be read, DataError when it is empty,
    above 256 MB, damaged, not UTF-8 text, cut off, or of any other format (which is named).
    """
    text = _quote_nan(read_text(path))
    body = text.lstrip()
    if body.startswith((b"{", b"[")):
        return Document(path, _json_kind(path, text, body), text)
    if body.startswith(b"<"):
        name = "an HTML page" if b"<html" in body[:2048].lower() else "an XML or HTML document"
        raise wrong_format(path, f"{name} (often a login or an error page)")
    if _is_csv(path, body):
        return Document(path, Format.CSV, text)
    raise _not_data(path, text)


def has_hidden_keys(raw: bytes) -> bool:
    """Whether a key may stand in `raw` with escapes, where counting would not find it."""
    return b"\\u00" in raw


def refuse_repeated_keys(raw: bytes, origin: str) -> None:
    """Raise DataError when an object in `raw` names one key twice.

    Parsers silently keep the last; of two prices nobody knows which is meant. This reads
    the text a second time, so callers ask only where a cheap count makes them suspicious.
    """

    def once(pairs: list[tuple[str, object]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(
                f"{origin}: the key {twice[:_QUOTED]!r} stands twice in one object",
                means="nobody can tell which of the two values is meant",
                do="mend or remove that record",
            )

    try:
        json.loads(raw, object_pairs_hook=once, parse_int=str, parse_float=str)
    except RecursionError as error:
        raise DataError(f"{origin}: the JSON is nested too deeply") from error


def _quote_nan(text: bytes) -> bytes:
    """The same text with NaN and Infinity, which JSON does not have, as strings.

    Python writes them, so they stand in people's files. As a string each is refused by
    whoever wants a number there: one record is left out, and not the whole file.
    """
    if b"NaN" not in text and b"Infinity" not in text:
        return text
    return _STRING_OR_NAN.sub(lambda found: b'"%b"' % found[1] if found[1] else found[0], text)


def _json_kind(path: Path, text: bytes, body: bytes) -> Format:
    """One document, or a document a line: the first line decides, the whole text confirms."""
    first, _, rest = body.partition(b"\n")
    if rest.strip() and not _problem(first):
        return Format.JSON_LINES
    if problem := _problem(body):
        raise _malformed(path, body, 1 + text.count(b"\n", 0, len(text) - len(body)), problem)
    return Format.JSON


def _parse(decoder: msgspec.json.Decoder[_T], raw: bytes) -> _T:
    """Parse one level of a text that was checked; depth counts from the caller's own."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise DataError(
            f"the JSON cannot be read here: {error}",
            means="nothing in it was used",
            do="fetch the file again",
        ) from error


def _problem(raw: bytes) -> str:
    """What the parser has against a text, or nothing."""
    try:
        _raw.decode(raw)
    except msgspec.DecodeError as error:
        return str(error)
    except RecursionError:
        return "it is nested too deeply"
    return ""


def _malformed(path: Path, raw: bytes, line: int, problem: str) -> DataError:
    """Say where a text stops being JSON, by line and column, and what stands there."""
    if problem == "Input data was truncated":
        end = line + raw.rstrip().count(b"\n")
        return DataError(
            f"{path}:{end}: the JSON ends in the middle: {_shown(raw.rstrip()[-_QUOTED:])}",
            means="the file was cut off, so nothing in it was used",
            do="copy or fetch it again, or remove what is incomplete at its end",
        )
    where, do = f"{path}:{line}", "mend that place, or fetch the file again"
    if found := _BYTE.match(problem):
        problem, at = found[1].removeprefix("JSON is malformed: "), int(found[2])
        if problem == "trailing characters":
            # msgspec counts the first of them as read.
            at, problem = at - 1, "something follows the end of the document"
            do = "give one document a file, or each on a line of its own (jq -c . FILE)"
        before = raw.count(b"\n", 0, at)
        column = at - raw.rfind(b"\n", 0, at)
        where = f"{path}:{line + before}:{column}"
        problem += f": {_shown(raw[at : at + 20])}"
    return DataError(
        f"{where}: this is not JSON: {problem}", means="nothing in the file was used", do=do
    )


def _not_data(path: Path, text: bytes) -> DataError:
    """The file begins with neither JSON nor CSV: say what stands there."""
    lines = text.split(b"\n", 50)
    shown = _shown(lines[0].strip())
    for number, line in enumerate(lines[1:], 2):
        if line.lstrip().startswith((b"{", b"[")):
            before = "line 1" if number == 2 else f"lines 1 to {number - 1}"
            return DataError(
                f"{path}:1: the file begins with text that is not JSON: {shown}",
                means="nothing in the file was used",
                do=f"remove {before}; the JSON begins in line {number}",
            )
    return DataError(
        f"{path}:1: unknown format; it begins with {shown}",
        means="nothing in the file was used",
        do="karb reads JSON, JSON lines and CSV with a header, plain or gzip",
    )


def _is_csv(path: Path, body: bytes) -> bool:
    """Whether the name says so, or a header of columns and a row stand at the top."""
    if path.name.lower().removesuffix(".gz").endswith(".csv"):
        return True
    header, _, rest = body.partition(b"\n")
    names = header.decode().rstrip().split(",")
    # With one comma it may be a sentence; a blank in a name decides that it is.
    column = _COLUMN if len(names) > 2 else _PLAIN_COLUMN
    return (
        len(names) >= 2
        and rest.partition(b"\n")[0].count(b",") >= len(names) - 1
        and all(column.fullmatch(name) for name in names)
    )


def _bad_csv(path: Path, line: int, problem: str) -> DataError:
    return DataError(
        f"{path}:{line}: the CSV cannot be read: {problem}",
        means="nothing in the file was used",
        do="export it again with a header and one record a line",
    )


def _shown(text: bytes) -> str:
    """A piece of a file for an error: short, on one line, without control characters."""
    words = text.decode(errors="replace")
    words = words if len(words) <= _QUOTED else words[:_QUOTED] + "..."
    return repr(words)
