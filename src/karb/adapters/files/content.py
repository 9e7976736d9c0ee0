"""The bytes of a file, unpacked, bounded and known to be text.

Files come from cron jobs, downloads and other people. What is wrong with one is said in
its own words (an HTML page, a Parquet file, half a gzip) before any parser complains about
byte 0. Nothing above `LIMIT` is ever held: a large file is refused by its size, and a gzip
file, however it unpacks, as soon as it has unpacked to more.
"""

import gzip
import re
import zlib
from io import BytesIO
from pathlib import Path

from karb.errors import DataError, UsageError

LIMIT = 256 * 1024 * 1024
"""The largest file that is read, in bytes after unpacking."""

_GZIP = b"\x1f\x8b"
_UTF8_MARK = b"\xef\xbb\xbf"

_BINARY_FORMATS = (
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PK\x03\x04", "a zip archive (or an Excel workbook)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"Obj\x01", "an Avro file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_text(path: Path) -> bytes:
    """The file's text as UTF-8 bytes without a mark, gunzipped when it is gzip.

    Gzip is known by its first bytes, not by its name. Raises UsageError when the file is
    not there or may not be read, DataError when it is empty, too large, damaged or no text.
    """
    packed = _read(path)
    data = gunzip(packed, path) if packed.startswith(_GZIP) else packed
    if not data.removeprefix(_UTF8_MARK).strip():
        raise DataError(
            f"{path}: the file is empty",
            means="it holds no market and no odds",
            do="fetch it again, or leave it out",
        )
    _refuse_binary(data, path)
    return _utf8(data, path)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LIMIT:
            raise _too_large(path, f"{_megabytes(size)} MB")
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: the file cannot be read: {error.strerror}",
            means="nothing was read",
            do="check the spelling and the permissions",
        ) from error
    if len(data) > LIMIT:
        raise _too_large(path, f"more than {_megabytes(LIMIT)} MB")
    return data


def gunzip(packed: bytes, path: Path) -> bytes:
    """Unpack gzip, all its members, and stop at `LIMIT`; DataError when it is damaged."""
    try:
        with gzip.GzipFile(fileobj=BytesIO(packed)) as file:
            data = file.read(LIMIT + 1)
    except EOFError as error:
        raise _damaged(path, "it ends in the middle") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _damaged(path, str(error)) from error
    if len(data) > LIMIT:
        raise _too_large(path, f"more than {_megabytes(LIMIT)} MB when unpacked")
    return data


def _refuse_binary(data: bytes, path: Path) -> None:
    """Name what the file is when it is no text."""
    for magic, name in _BINARY_FORMATS:
        if data.startswith(magic):
            raise wrong_format(path, name)
    if _PICKLE.match(data):
        raise wrong_format(path, "a Python pickle (never opened: it could run code)")
    if encoding := _wide_encoding(data):
        raise _not_utf8(path, f"{encoding} text")


def _wide_encoding(data: bytes) -> str:
    """UTF-16 and UTF-32 by their mark, or by the zeros that ASCII leaves in them."""
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "UTF-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    head = data[:64]
    zeros = (head[::2].count(0), head[1::2].count(0))
    return "UTF-16" if len(head) >= 4 and max(zeros) >= len(head) // 2 - 1 > min(zeros) else ""


def _utf8(data: bytes, path: Path) -> bytes:
    text = data.removeprefix(_UTF8_MARK)
    if (control := _CONTROL.search(text[:4096])) is not None:
        raise wrong_format(path, f"binary data (byte {control.start() + 1} is no text)")
    if not text.isascii():
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            line = text.count(b"\n", 0, error.start) + 1
            raise _not_utf8(path, f"not UTF-8 in line {line}, perhaps Latin-1") from error
    return text


def wrong_format(path: Path, found: str, wanted: str = "JSON or JSON lines") -> DataError:
    """The error for a file of another kind than the one wanted."""
    return DataError(
        f"{path}: this is {found}, where {wanted} was expected",
        means="nothing in it was used",
        do=f"save or export it as {wanted}",
    )


def _not_utf8(path: Path, found: str) -> DataError:
    return DataError(
        f"{path}: the text is {found}, where UTF-8 was expected",
        means="names could be misread, so nothing in it was used",
        do="convert it, such as with: iconv -f UTF-16 -t UTF-8 (or -f LATIN1)",
    )


def _damaged(path: Path, how: str) -> DataError:
    return DataError(
        f"{path}: the gzip file is damaged: {how}",
        means="part of it is missing, so nothing in it was used",
        do="copy or download it again; gzip -t FILE tests it",
    )


def _too_large(path: Path, size: str) -> DataError:
    return DataError(
        f"{path}: the file has {size}; karb reads at most {_megabytes(LIMIT)} MB",
        means="nothing in it was used",
        do="split it, such as with: split -l 50000 FILE, or give the part you need",
    )


def _megabytes(size: int) -> int:
    return round(size / (1024 * 1024))
