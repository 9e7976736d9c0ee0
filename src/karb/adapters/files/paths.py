"""Which files a path given on the command line stands for.

A file is taken as it is, whatever its name: the person named it. In a folder only names
that can hold data are taken, so that a README beside the captures does no harm, and in a
fixed order, so that two runs over one folder say the same.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from stat import S_ISDIR
from typing import NamedTuple

from karb.errors import DataError, UsageError

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv")
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")


def files_under(path: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """The file itself, or the data files anywhere below the folder, sorted by path.

    Inside a folder a name counts when it ends in one of `suffixes`, with or without `.gz`,
    and is not hidden. Raises UsageError when the path does not exist or cannot be entered,
    DataError when the folder holds no such file.
    """
    if not _is_folder(path):
        return [path]
    found = sorted(_walk(path, tuple(suffixes)))
    if not found:
        raise DataError(
            f"{path}: the folder holds no file that karb can read",
            means="nothing was read",
            do=f"give a folder with {listed(suffixes)} files, plain or .gz",
        )
    return found


class Source(NamedTuple):
    """A file to read, and whether the person named it or it was found in a folder."""

    path: Path
    named: bool


def all_files(paths: Iterable[Path], suffixes: Sequence[str] = SUFFIXES) -> list[Source]:
    """Every file that the paths stand for, each once, in the order given."""
    found: dict[str, Source] = {}
    for path in paths:
        for file in files_under(path, suffixes):
            found.setdefault(os.path.realpath(file), Source(file, file == path))
    return list(found.values())


def listed(names: Collection[str]) -> str:
    """Names as people list them: `.json, .jsonl or .csv`."""
    *some, last = names
    return f"{', '.join(some)} or {last}" if some else last


def _is_folder(path: Path) -> bool:
    try:
        return S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"{path}: there is no such file or folder ({why})",
            means="nothing was read",
            do="check the spelling, and that the path is right from the current folder",
        ) from error


def _walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for at, folders, names in os.walk(folder, onerror=_refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and name.lower().removesuffix(".gz").endswith(suffixes):
                yield Path(at, name)


def _refused(error: OSError) -> None:
    raise UsageError(
        f"{error.filename}: the folder cannot be opened: {error.strerror}",
        means="nothing was read",
        do="check its permissions",
    ) from error
