"""Rows on disk: whole or not at all, in order, within the limit, and nobody's twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from karb.adapters.questdb.batches import MAGIC, Batch, Group, Records, encode
from karb.adapters.questdb.rows import Row
from karb.adapters.questdb.spool import Spool, SpoolFull

LIMIT = 2**20


def batch(number: int = 0, size: int = 3) -> Batch:
    rows = [Row(number, place, ("KXNFLGAME-X", 48.5, None, 7)) for place in range(size)]
    return Batch((Group("kalshi_ticks", ("ticker", "yes_bid", "yes_ask", "event_time"), rows),))


def drained(spool: Spool) -> list[Batch]:
    """Everything in it, in order; it is empty then."""
    found: list[Batch] = []
    while not spool.empty:
        path, records = spool.oldest()
        found += records
        spool.forget(path)
    return found


def test_batches_come_back_as_they_went_with_their_types() -> None:
    written = [batch(number) for number in range(3)]
    records = Records(MAGIC + b"".join(map(encode, written)))
    assert list(records) == written
    assert records.torn == 0
    assert [type(value) for value in written[0].groups[0].rows[0].values] == [
        str,
        float,
        type(None),
        int,
    ]


@pytest.mark.parametrize("kept", range(len(encode(batch()))))
def test_a_record_that_was_not_finished_is_cut_off_and_the_others_are_whole(kept: int) -> None:
    records = Records(MAGIC + encode(batch(1)) + encode(batch(2))[:kept])
    assert list(records) == [batch(1)]
    assert records.torn == kept


@pytest.mark.parametrize("place", [0, 4, 9, -1])
def test_reading_ends_at_a_damaged_record(place: int) -> None:
    damaged = bytearray(encode(batch(2)))
    damaged[place] ^= 0x40
    records = Records(MAGIC + encode(batch(1)) + bytes(damaged) + encode(batch(3)))
    assert list(records) == [batch(1)]
    assert records.torn == len(damaged) + len(encode(batch(3)))


@pytest.mark.parametrize("data", [b"", b"KARB", b"something else entirely"])
def test_another_file_has_no_batches(data: bytes) -> None:
    records = Records(data)
    assert list(records) == []
    assert records.torn == max(0, len(data) - len(MAGIC))


def test_the_first_in_is_the_first_out_over_several_files(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", LIMIT // 64)
    written = [batch(number) for number in range(40)]
    for each in written:
        spool.append(each)
    assert len(list((tmp_path / "own").glob("*.seg"))) > 2
    assert drained(spool) == written
    assert spool.size == 0
    spool.close()


def test_reading_the_newest_file_ends_it_and_writing_begins_another(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", LIMIT)
    spool.append(batch(1))
    path, records = spool.oldest()
    spool.append(batch(2))
    assert list(records) == [batch(1)]
    spool.forget(path)
    assert drained(spool) == [batch(2)]
    spool.close()


def test_the_limit_holds_for_all_processes_together(tmp_path: Path) -> None:
    limit = 4 * len(encode(batch(size=100)))
    first, second = Spool(tmp_path / "1", limit), Spool(tmp_path / "2", limit)
    for _ in range(3):
        first.append(batch(size=100))
    second.append(batch(size=50))
    with pytest.raises(SpoolFull, match="MB"):
        second.append(batch(size=100))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.seg")) <= limit
    drained(first)
    first.close()
    third = Spool(tmp_path / "3", limit)
    third.append(batch(size=100))
    second.close()
    third.close()


def test_only_its_owner_may_look_inside(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool" / "own", LIMIT)
    spool.append(batch())
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "spool").rglob("*")}
    assert modes == {"own": 0o700, "lock": 0o600, "00000001.seg": 0o600}
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    spool.close()


def test_an_empty_folder_goes_away_and_a_full_one_stays(tmp_path: Path) -> None:
    for name, empty in (("a", True), ("b", False)):
        spool = Spool(tmp_path / name, LIMIT)
        spool.append(batch())
        if empty:
            drained(spool)
        spool.close()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_folder_in_use_is_left_alone_and_taken_over_once_it_is_not(tmp_path: Path) -> None:
    owner = Spool(tmp_path / "own", LIMIT)
    owner.append(batch(5))
    assert list(Spool.abandoned(tmp_path)) == []
    owner.close()
    (heir,) = Spool.abandoned(tmp_path)
    assert list(Spool.abandoned(tmp_path)) == []
    assert heir.size > 0
    assert drained(heir) == [batch(5)]
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
        "from test_questdb_spool import batch\n"
        "spool = Spool(Path(sys.argv[1]) / 'dead', 2**20)\n"
        "for number in range(50):\n    spool.append(batch(number))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folders = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": folders},
        check=False,
        timeout=20,
    )
    assert done.returncode == -signal.SIGKILL
    (heir,) = Spool.abandoned(tmp_path)
    assert drained(heir) == [batch(number) for number in range(50)]
    heir.close()


def test_a_file_that_somebody_removed_is_told_as_unreadable(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own", LIMIT)
    spool.append(batch())
    (path,) = (tmp_path / "own").glob("*.seg")
    path.unlink()
    _, records = spool.oldest()
    assert list(records) == []
    assert records.torn == len(encode(batch()))
    spool.forget(path)
    spool.close()


def test_a_folder_that_cannot_be_made_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "own", LIMIT)
    with pytest.raises(SpoolFull, match="File exists"):
        spool.append(batch())
    assert spool.empty
    spool.close()


def test_it_begins_as_soon_as_the_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "own", LIMIT)
    with pytest.raises(SpoolFull):
        spool.append(batch(1))
    (tmp_path / "file").unlink()
    spool.append(batch(2))
    assert drained(spool) == [batch(2)]
    spool.close()
