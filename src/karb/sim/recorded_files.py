"""The JSON documents of a file or folder, plain or gzip, one a file or one a line.

What is no JSON is named, with what it is instead. Lines that a script printed before an answer
are passed over; in a folder so are files whose names do not promise JSON.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

_JSON = (".json", ".jsonl", ".ndjson")
_NOT_ANSWERS = {".csv": "a table", ".parquet": "a Parquet file", ".md": "a text"}


class RecordedError(Exception):
    """What cannot be served; the text says which file and why."""


def documents(path: Path) -> Iterator[tuple[Path, object]]:
    """Every document of a path, with its file; `RecordedError` when there is none."""
    for file in _files(path):
        for document in _parsed(file, _text(file)):
            yield file, document


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise RecordedError(f"{path} does not exist")
    if not path.is_dir():
        if what := _NOT_ANSWERS.get(_kind(path)):
            raise RecordedError(f"{path} is {what}: the venues answer in JSON")
        return [path]
    found = sorted(each for each in path.rglob("*") if each.is_file())
    files = [each for each in found if _kind(each) in _JSON]
    if not files:
        others = ", ".join(sorted({_kind(each) or each.name for each in found})) or "nothing"
        raise RecordedError(
            f"{path} has no {', '.join(_JSON)} file, plain or .gz: there is {others}"
        )
    return files


def _kind(file: Path) -> str:
    """The ending of a name, without `.gz`."""
    return Path(file.name.lower().removesuffix(".gz")).suffix


def _text(file: Path) -> bytes:
    try:
        raw = file.read_bytes()
        return gzip.decompress(raw) if file.name.lower().endswith(".gz") else raw
    except (OSError, EOFError, zlib.error) as error:
        raise RecordedError(f"{file} cannot be read: {error}") from error


def _parsed(file: Path, text: bytes) -> list[object]:
    """One document, or one a line."""
    lines = text.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    while lines and not lines[0].lstrip().startswith((b"{", b"[")):
        del lines[0]
    if not lines:
        raise RecordedError(f"{file} holds no JSON")
    try:
        return [msgspec.json.decode(b"".join(lines))]
    except msgspec.DecodeError as error:
        if not _is_json(lines[0]) or not any(each.strip() for each in lines[1:]):
            raise RecordedError(f"{file}: {error}") from None
    try:
        return [msgspec.json.decode(line) for line in lines if line.strip()]
    except msgspec.DecodeError as error:
        raise RecordedError(f"{file}: a line of it is not JSON: {error}") from None


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError:
        return False
    return True
