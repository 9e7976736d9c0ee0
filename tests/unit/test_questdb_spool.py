"""Records on disk: in order, within the limit, forgotten once delivered, and nobody's twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from karb.adapters.questdb.records import MAGIC
from karb.adapters.questdb.spool import Piece, Spool, SpoolFull
from spooled import numbers, record

LIMIT = 2**20
SIZE = len(record())


def drained(spool: Spool) -> list[int]:
    """The numbers of everything in it, in order; it is delivered then."""
    found: list[int] = []
    while (piece := spool.oldest()) is not None:
        found += numbers(piece)
        spool.settle(piece, keep=False)
    return found


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.seg"))


def test_the_first_in_is_the_first_out_over_several_files(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", LIMIT // 16)
    for number in range(40):
        spool.append(record(number))
    assert len(files(tmp_path)) > 2
    assert drained(spool) == list(range(40))
    assert spool.waiting == 0
    spool.close()


def test_a_file_that_grows_is_delivered_from_where_it_was(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", LIMIT)
    spool.append(record(1))
    first = spool.oldest()
    spool.append(record(2))
    assert first is not None
    spool.settle(first, keep=False)
    second = spool.oldest()
    assert second == Piece(first.path, first.end, first.end + SIZE)
    assert spool.waiting == SIZE
    assert drained(spool) == [2]
    assert spool.oldest() is None
    spool.append(record(3))
    assert drained(spool) == [3]
    spool.close()


def test_a_piece_that_was_not_settled_comes_again_with_what_came_since(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", LIMIT)
    spool.append(record(1))
    assert spool.oldest() == spool.oldest()
    spool.append(record(2))
    assert drained(spool) == [1, 2]
    spool.close()


def test_a_file_goes_when_it_is_full_and_delivered(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", 16 * SIZE)
    spool.append(record(1))
    drained(spool)
    assert len(files(tmp_path)) == 1
    for number in (2, 3):
        spool.append(record(number))
    assert [path.name for path in files(tmp_path)] == ["00000002.seg", "00000003.seg"]
    drained(spool)
    assert spool.size == SIZE + len(MAGIC)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_a_kept_file_stays_and_the_next_process_finds_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", LIMIT)
    spool.append(record(1))
    piece = spool.oldest()
    assert piece is not None
    spool.settle(piece, keep=True)
    assert (spool.oldest(), spool.waiting, spool.empty) == (None, 0, False)
    spool.close()
    (heir,) = Spool.abandoned(tmp_path)
    assert drained(heir) == [1]
    heir.close()


def test_the_limit_holds_for_all_processes_together(tmp_path: Path) -> None:
    large = record(size=100)
    limit = 4 * len(large)
    first, second = Spool(tmp_path / "1", limit), Spool(tmp_path / "2", limit)
    for _ in range(3):
        first.append(large)
    second.append(record(size=50))
    with pytest.raises(SpoolFull, match="MB"):
        second.append(large)
    assert sum(path.stat().st_size for path in files(tmp_path)) <= limit
    drained(first)
    first.close()
    third = Spool(tmp_path / "3", limit)
    third.append(large)
    second.close()
    third.close()


def test_only_its_owner_may_look_inside(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool" / "own", LIMIT)
    spool.append(record())
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "spool").rglob("*")}
    assert modes == {"own": 0o700, "lock": 0o600, "00000001.seg": 0o600}
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    spool.close()


def test_an_empty_folder_goes_away_and_a_full_one_stays(tmp_path: Path) -> None:
    for name, empty in (("a", True), ("b", False)):
        spool = Spool(tmp_path / name, LIMIT)
        spool.append(record())
        if empty:
            drained(spool)
        spool.close()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_folder_in_use_is_left_alone_and_taken_over_once_it_is_not(tmp_path: Path) -> None:
    owner = Spool(tmp_path / "own", LIMIT)
    owner.append(record(5))
    assert list(Spool.abandoned(tmp_path)) == []
    owner.close()
    (heir,) = Spool.abandoned(tmp_path)
    assert list(Spool.abandoned(tmp_path)) == []
    assert heir.waiting == heir.size == SIZE + len(MAGIC)
    assert drained(heir) == [5]
    heir.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_never_there_without_its_lock(tmp_path: Path) -> None:
    (tmp_path / ".half-made").mkdir()
    (tmp_path / "strange").mkdir()
    (tmp_path / "file").touch()
    assert list(Spool.abandoned(tmp_path)) == []
    assert list(Spool.abandoned(tmp_path / "nothing here")) == []


def test_what_a_killed_process_wrote_is_there(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from karb.adapters.questdb.spool import Spool\n"
        "from spooled import record\n"
        "spool = Spool(Path(sys.argv[1]) / 'dead', 2**20)\n"
        "for number in range(50):\n    spool.append(record(number))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folders = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": folders},
        check=False,
        timeout=20,
    )
    assert done.returncode == -signal.SIGKILL
    (heir,) = Spool.abandoned(tmp_path)
    assert drained(heir) == list(range(50))
    heir.close()


def test_a_folder_that_cannot_be_made_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "own", LIMIT)
    with pytest.raises(SpoolFull, match="File exists"):
        spool.append(record())
    assert spool.empty
    spool.close()


def test_it_begins_as_soon_as_the_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "own", LIMIT)
    with pytest.raises(SpoolFull):
        spool.append(record(1))
    (tmp_path / "file").unlink()
    spool.append(record(2))
    assert drained(spool) == [2]
    spool.close()
