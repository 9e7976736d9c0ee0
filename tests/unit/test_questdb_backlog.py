"""Everything that waits: this process's own first, that of others behind, each to its account."""

from pathlib import Path

import pytest

from karb.adapters.questdb.backlog import Backlog
from karb.adapters.questdb.records import MAGIC
from karb.adapters.questdb.spool import Spool, SpoolFull
from spooled import numbers, record

SIZE = len(record())


def backlog(root: Path, name: str = "own") -> Backlog:
    return Backlog(root, Spool(root / name, 2**20))


def delivered(box: Backlog) -> list[tuple[int, bool]]:
    """Everything that can be had, in the order in which it was, and whether it was its own."""
    found: list[tuple[int, bool]] = []
    while (piece := box.next()) is not None:
        found += [(number, box.is_own(piece)) for number in numbers(piece)]
        box.settle(piece, keep=False)
    return found


def leave(root: Path, name: str, *parts: int) -> None:
    """What a process that is gone has left."""
    dead = backlog(root, name)
    for number in parts:
        dead.put(record(number))
    dead.close()


def test_nothing_touches_the_disk_before_there_is_something(tmp_path: Path) -> None:
    box = backlog(tmp_path)
    assert (box.next(), box.waiting) == (None, 0)
    box.close()
    assert list(tmp_path.iterdir()) == []


def test_what_others_left_comes_behind_and_is_told_apart(tmp_path: Path) -> None:
    leave(tmp_path, "dead", 1, 2)
    box = backlog(tmp_path)
    box.adopt()
    box.put(record(9))
    assert (box.own_waiting, box.waiting) == (SIZE + len(MAGIC), 3 * SIZE + 2 * len(MAGIC))
    assert delivered(box) == [(9, True), (1, False), (2, False)]
    assert box.waiting == 0
    box.close()
    assert list(tmp_path.iterdir()) == []


def test_a_piece_of_others_is_finished_before_news_of_ones_own(tmp_path: Path) -> None:
    leave(tmp_path, "dead", 1)
    box = backlog(tmp_path)
    box.adopt()
    piece = box.next()
    assert piece is not None
    box.put(record(9))
    box.settle(piece, keep=False)
    assert delivered(box) == [(9, True)]
    box.close()


def test_what_is_kept_of_others_comes_once_for_each_process(tmp_path: Path) -> None:
    leave(tmp_path, "dead", 1)
    for _ in range(2):
        box = backlog(tmp_path)
        for expected in (1, None):
            box.adopt()
            piece = box.next()
            assert (numbers(piece)[0] if piece else None) == expected
            if piece:
                box.settle(piece, keep=True)
        assert box.waiting == 0
        box.close()


def test_nothing_comes_and_nothing_is_taken_after_the_end(tmp_path: Path) -> None:
    box = backlog(tmp_path)
    box.put(record(1))
    piece = box.next()
    assert piece is not None
    box.close()
    box.settle(piece, keep=False)
    assert box.next() is None
    with pytest.raises(SpoolFull):
        box.put(record(2))
    heir = Backlog(tmp_path)
    heir.adopt()
    assert delivered(heir) == [(1, False)]
    heir.close()
