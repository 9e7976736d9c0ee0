"""What waits: in memory while all is well, on disk otherwise, and counted where it is lost."""

from collections import Counter
from pathlib import Path

import pytest

from karb.adapters.questdb.batches import MAGIC, Batch, Group, encode
from karb.adapters.questdb.outbox import Outbox
from karb.adapters.questdb.rows import Row

TABLE = "kalshi_ticks"
NOTHING: Counter[str] = Counter()
ALL = 10**6


def batch(number: int, size: int = 10) -> Batch:
    return Batch((Group(TABLE, ("ticker",), [Row(number, n, ("X",)) for n in range(size)]),))


def numbers(batches: list[Batch]) -> list[int]:
    return [each.groups[0].rows[0].at for each in batches]


def outbox(root: Path, *, name: str = "own", limit: int = 2**20, memory: int = 1_000) -> Outbox:
    return Outbox(root, name, limit=limit, memory=memory)


def delivered(box: Outbox, most: int = 20) -> list[int]:
    """Everything that can be had, in the order in which it was."""
    found: list[int] = []
    while taken := box.take(most):
        found += numbers(taken)
        box.settle(NOTHING)
    return found


def test_until_the_server_takes_rows_they_lie_on_disk(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.put(batch(1))
    assert (box.in_memory, box.empty) == (0, False)
    assert box.on_disk > 0
    box.back()
    assert delivered(box) == [1]
    assert box.empty
    box.close()


def test_while_all_is_well_nothing_touches_the_disk(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.back()
    for number in range(5):
        box.put(batch(number))
    assert (box.in_memory, box.on_disk) == (50, 0)
    assert delivered(box) == [0, 1, 2, 3, 4]
    assert box.written == {TABLE: 50}
    assert list(tmp_path.iterdir()) == []
    box.close()


def test_rows_go_through_the_disk_until_that_is_empty(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.put(batch(1))
    box.back()
    box.put(batch(2))
    assert box.in_memory == 0
    assert delivered(box) == [1, 2]
    box.put(batch(3))
    assert box.in_memory == 10
    assert delivered(box) == [3]
    box.close()


def test_a_slow_server_sends_rows_to_disk_and_they_keep_their_order(tmp_path: Path) -> None:
    box = outbox(tmp_path, memory=25)
    box.back()
    for number in range(6):
        box.put(batch(number))
    assert box.in_memory == 20
    assert delivered(box) == list(range(6))
    box.close()


def test_what_was_not_written_is_safe_on_disk_and_comes_again(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.back()
    for number in range(4):
        box.put(batch(number))
    assert numbers(box.take(20)) == [0, 1]
    box.keep()
    assert (box.in_memory, box.on_disk > 0) == (0, True)
    box.put(batch(4))
    box.back()
    assert delivered(box) == [0, 1, 2, 3, 4]
    assert box.written == {TABLE: 50}
    box.close()


def test_a_file_that_was_half_delivered_goes_on_where_it_was(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    for number in range(6):
        box.put(batch(number))
    assert numbers(box.take(20)) == [0, 1]
    box.settle(NOTHING)
    assert numbers(box.take(20)) == [2, 3]
    box.keep()
    assert delivered(box) == [2, 3, 4, 5]
    assert box.written == {TABLE: 60}
    box.close()


def test_rows_that_the_server_refuses_do_not_count_as_written(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.put(batch(1))
    box.take(ALL)
    box.settle(Counter({TABLE: 3}))
    assert box.written == {TABLE: 7}
    box.close()


def test_what_finds_no_room_is_dropped_and_counted_exactly(tmp_path: Path) -> None:
    limit = 3 * len(encode(batch(0))) + 4 * len(MAGIC)
    box = outbox(tmp_path, limit=limit, memory=25)
    for number in range(10):
        box.put(batch(number))
    assert "MB" in box.full
    assert box.dropped == {TABLE: 50}
    assert sorted(delivered(box)) == [0, 1, 2, 3, 4]
    assert box.written == {TABLE: 50}
    box.put(batch(10))
    assert box.full == ""
    box.close()


def test_without_a_disk_memory_holds_what_it_can(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    box = outbox(tmp_path / "file", memory=30)
    for number in range(5):
        box.put(batch(number))
    assert (box.in_memory, box.dropped) == (30, {TABLE: 20})
    box.take(ALL)
    box.keep()
    assert box.in_memory == 30
    assert delivered(box) == [0, 1, 2]
    box.close()


def test_closing_leaves_on_disk_what_was_in_memory_and_under_way(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.back()
    for number in range(4):
        box.put(batch(number))
    box.take(20)
    box.close()
    box.settle(NOTHING)
    assert (box.take(ALL), box.in_memory, box.dropped) == ([], 0, {})
    heir = outbox(tmp_path, name="heir")
    heir.adopt()
    assert delivered(heir) == [0, 1, 2, 3]
    heir.close()


def test_closing_without_a_disk_counts_what_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    box = outbox(tmp_path / "file")
    box.put(batch(1))
    box.close()
    assert (box.dropped, box.in_memory) == ({TABLE: 10}, 0)
    box.put(batch(2))
    assert box.dropped == {TABLE: 20}


def test_rows_of_a_process_that_is_gone_are_delivered_and_counted_apart(tmp_path: Path) -> None:
    dead = outbox(tmp_path, name="dead")
    for number in range(4):
        dead.put(batch(number))
    dead.close()
    box = outbox(tmp_path)
    box.back()
    box.adopt()
    assert numbers(box.take(20)) == [0, 1]
    box.settle(NOTHING)
    box.put(batch(9))
    assert delivered(box) == [9, 2, 3]
    assert (box.adopted, box.written) == (40, {TABLE: 10})
    assert list(tmp_path.iterdir()) == []
    box.close()


def test_bytes_that_are_no_rows_are_counted(tmp_path: Path) -> None:
    dead = outbox(tmp_path, name="dead")
    dead.put(batch(1))
    dead.close()
    (path,) = tmp_path.rglob("*.seg")
    path.write_bytes(path.read_bytes() + b"half a record")
    box = outbox(tmp_path)
    box.adopt()
    assert delivered(box) == [1]
    assert box.torn == len(b"half a record")
    box.close()


@pytest.mark.parametrize("value", ["\ud800", 2**70], ids=["text", "number"])
def test_a_value_that_no_file_can_hold_stays_in_memory_for_the_server_to_judge(
    tmp_path: Path, value: str | int
) -> None:
    box = outbox(tmp_path)
    box.put(Batch((Group(TABLE, ("ticker",), [Row(1, 1, (value,))]),)))
    assert box.in_memory == 1
    assert numbers(box.take(ALL)) == [1]
    box.close()
    assert box.dropped == {TABLE: 1}
