"""The bench compares like with like, and the path it times is what it is said to be."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

from karb.domain.edge.signal import Signal
from karb.domain.units import DOLLAR
from perf.exact import collections, waits
from perf.messages import deltas, ticks
from perf.obvious import Found
from perf.ours import best, delta_path, obvious_path, tick_path

COUNT = 6_000


def test_the_obvious_version_and_karb_give_the_same_signals_on_the_same_texts() -> None:
    stream = ticks(COUNT, share=0.05)
    ours: list[Signal] = []
    plain: list[Found] = []
    on_text = tick_path(stream, ours.append)
    obvious = obvious_path(stream, plain.append)
    decided: list[tuple[Any, ...]] = []
    expected: list[tuple[Any, ...]] = []
    for number, text in enumerate(stream.texts):
        on_text(text)
        obvious(text)
        decided += [(number, *_side_and_price(signal)) for signal in ours]
        expected += [(number, found.side, found.price) for found in plain]
        ours.clear()
        plain.clear()
    assert decided == expected
    assert 0.045 * COUNT < len(decided) <= 0.05 * COUNT


def _side_and_price(signal: Signal) -> tuple[str, Decimal]:
    assert signal.edge is not None
    return str(signal.edge.best_side), Decimal(signal.edge.price) / DOLLAR


def test_between_a_text_and_its_decision_nothing_waits() -> None:
    stream = ticks(COUNT, share=0.05)
    signals: list[Signal] = []
    assert waits(tick_path(stream, signals.append), stream.texts) == []
    assert signals


def test_waiting_would_be_seen() -> None:
    async def decide() -> None:
        await asyncio.sleep(0)

    def on_text(_text: object) -> None:
        coroutine = decide()
        coroutine.send(None)
        coroutine.close()
        Path.cwd()

    seen = waits(on_text, [b""])
    assert "posix.getcwd" in seen
    assert any("decide" in name for name in seen)


def test_rejected_ticks_cause_no_garbage_collection() -> None:
    stream = ticks(COUNT, share=0)
    signals: list[Signal] = []
    assert collections(tick_path(stream, signals.append), stream.texts, 10) == 0
    assert signals == []


def test_a_collection_would_be_seen() -> None:
    kept: list[list[int]] = []
    assert collections(lambda number: kept.append([number]), range(COUNT), 1) > 0


def test_the_changes_of_levels_keep_every_book_whole() -> None:
    """Round after round, so that the bench never times a book that was thrown away."""
    stream = deltas(COUNT)
    seen: list[tuple[int | None, int | None]] = []
    path = delta_path(stream, lambda book: seen.append(best(book)))
    for _ in range(2):
        path.before()
        seen.clear()
        for text in path.texts:
            path.call(text)
        assert len(seen) == COUNT
        assert all(bid is not None and ask is not None and bid < ask for bid, ask in seen)
