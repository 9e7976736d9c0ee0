"""Signals in sentences, for a terminal too narrow for the table."""

from contextlib import redirect_stdout
from io import StringIO

import msgspec
import pytest

from karb.cli.screens.detect_rows import show_signals
from karb.domain.edge.signal import Signal
from statuses import SIGNAL


class Terminal(StringIO):
    """A terminal that keeps what is written on it."""

    def isatty(self) -> bool:
        return True


def sentences(signal: Signal) -> str:
    with redirect_stdout(Terminal()) as seen:
        show_signals([signal], {}, title="Signals")
    return seen.getvalue()


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_a_signal_says_its_bet_its_market_its_figures_and_its_limit() -> None:
    told = sentences(SIGNAL)
    assert "YES Buffalo Bills   KXNFLGAME-26NOV26BUFHOU-BUF" in told
    assert "ask 48c, fair 55.0c (55.0-55.0), edge 7.0c, fee 1.75c, net 5.3c" in told
    assert "buy 10 of 500 offered, $4.97 at risk, up to 50c" in told


def test_a_limit_that_is_not_known_is_not_0() -> None:
    told = sentences(msgspec.structs.replace(SIGNAL, max_price=None))
    assert "up to no price" in told
    assert "0c" not in told.partition("at risk")[2]
