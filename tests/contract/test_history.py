"""The port `History`: what was recorded is found, in memory and in QuestDB alike."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
import pytest

from karb.adapters.memory.history import MemoryHistory
from karb.adapters.questdb.address import connect
from karb.adapters.questdb.found import Found
from karb.adapters.questdb.queries import HistoryQueries
from karb.domain.edge.signal import Action, Signal
from karb.domain.fair.offered import offer
from karb.domain.market.messages import Quote, Side, Trade
from karb.domain.units import CENT, CONTRACT, HOUR, MILLISECOND, SECOND, Nanos
from karb.ports import History
from karb.wiring.stores import own_questdb
from offers import RULES, odds_event
from recording import new_tables, writer
from situations import LISTING, judge, profile, quote, situation

if TYPE_CHECKING:
    from karb.adapters.embedded.questdb import QuestDBAt
    from karb.wiring.stores import QuestDBAt as Address

NOW: Nanos = time.time_ns() // MILLISECOND * MILLISECOND
BUF, HOU = "KXNFLGAME-26NOV26BUFHOU-BUF", "KXNFLGAME-26NOV26BUFHOU-HOU"
LONG_AGO = 0
MANY = 100


class Questions(Protocol):
    """What is asked of what was recorded."""

    def latest(self, after: Nanos, limit: int) -> Found: ...
    def volume(self, after: Nanos, limit: int) -> Found: ...
    def signals(self, after: Nanos, min_edge: float, limit: int) -> Found: ...
    def count(self, table: str) -> int: ...


class Recording(Protocol):
    """A history, and the way to ask it: once, when everything is recorded."""

    @property
    def history(self) -> History: ...

    def asked(self) -> Questions: ...


class InMemory(MemoryHistory):
    """The twin is its own answer."""

    @property
    def history(self) -> History:
        return self

    def asked(self) -> Questions:
        return self

    def count(self, table: str) -> int:
        rows = {
            "kalshi_ticks": len(self.ticks),
            "kalshi_trades": len(self.trades),
            "arb_opportunities": len(self.opportunities),
            "sportsbook_odds": sum(
                len(each.odds) for told in self.odds for each in told.event.quotes
            ),
        }
        return rows[table]


class InQuestDB(HistoryQueries):
    """A writer and a reader on a server whose tables of history are new."""

    def __init__(self, at: "Address", spool: Path) -> None:
        super().__init__(at)
        self._address = at
        new_tables(at)
        self.history = writer(lambda: at, spool)
        self.history.start()

    def asked(self) -> Questions:
        self.history.close(20)
        end = time.monotonic() + 20
        with closing(connect(self._address, seconds=10)) as sql:
            behind = "SELECT count() FROM wal_tables() WHERE writerTxn < sequencerTxn"
            while sql.execute(behind).fetchone() != (0,) and time.monotonic() < end:
                time.sleep(0.01)
        return self

    def count(self, table: str) -> int:
        number: int = self.sql(f'SELECT count() FROM "{table}"', 1).rows[0][0]  # noqa: S608
        return number


@pytest.fixture(params=["memory", "questdb"])
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Recording]:
    if request.param == "memory":
        yield InMemory()
        return
    at: QuestDBAt = request.getfixturevalue("questdb_at")
    recording = InQuestDB(own_questdb(at), tmp_path / "spool")
    yield recording
    recording.history.close(1)


def tick(ticker: str = BUF, at: Nanos = NOW, **changed: int | None) -> Quote:
    return msgspec.structs.replace(quote(), ticker=ticker, ts_recv=at, **changed)


def trade(ticker: str = BUF, at: Nanos = NOW, **changed: object) -> Trade:
    made = Trade(ticker, "t1", 48 * CENT, 150, Side.NO, at, at)
    return msgspec.structs.replace(made, **changed)


def signal(at: Nanos = NOW, **changed: object) -> Signal:
    return msgspec.structs.replace(judge(situation(), profile()), at=at, **changed)


def test_a_tick_is_found_with_both_sides_in_exact_cents(recording: Recording) -> None:
    recording.history.add_quote(tick(yes_bid=4_701, yes_ask=4_850, volume=12_345), 4_790)
    assert recording.asked().latest(LONG_AGO, MANY).rows == [
        (BUF, 47.01, 48.5, 51.5, 52.99, 47.9, 123.45, datetime.fromtimestamp(NOW / SECOND, tz=UTC))
    ]


def test_a_price_that_is_not_there_stays_unknown(recording: Recording) -> None:
    recording.history.add_quote(tick(yes_bid=None, yes_ask=0, volume=None), None)
    (row,) = recording.asked().latest(LONG_AGO, MANY).rows
    assert row[1:7] == (None, 0.0, 100.0, None, None, None)


def test_each_market_has_its_newest_prices_newest_first(recording: Recording) -> None:
    for second, (ticker, bid) in enumerate([(HOU, 10), (BUF, 20), (BUF, 30), (HOU, 40)]):
        at = NOW + second * SECOND
        recording.history.add_quote(tick(ticker, at, yes_bid=bid * CENT), None)
    asked = recording.asked()
    assert [row[:2] for row in asked.latest(LONG_AGO, MANY).rows] == [(HOU, 40.0), (BUF, 30.0)]
    assert [row[0] for row in asked.latest(NOW + 2 * SECOND, MANY).rows] == [HOU]
    assert [row[0] for row in asked.latest(LONG_AGO, 1).rows] == [HOU]
    assert asked.latest(NOW + HOUR, MANY).rows == []


def test_ticks_of_one_moment_all_stay_even_when_they_are_equal(recording: Recording) -> None:
    for _ in range(5):
        recording.history.add_quote(tick(), 4_800)
    assert recording.asked().count("kalshi_ticks") == 5


def test_volume_is_counted_by_the_sport_of_the_series(recording: Recording) -> None:
    for ticker, count in [(BUF, 150), (HOU, 25), ("KXNCAAMBGAME-X", 300), ("KXNFLSPREAD-X", 100)]:
        recording.history.add_trade(trade(ticker, count=count))
    recording.history.add_trade(trade(at=NOW - HOUR, count=10_000))
    asked = recording.asked()
    expected = [("ncaab", 3.0, 1), ("nfl", 1.75, 2), (None, 1.0, 1)]
    assert asked.volume(NOW - SECOND, MANY).rows == expected
    assert asked.volume(NOW - SECOND, 1).rows == expected[:1]


def test_signals_to_trade_with_enough_edge_are_found(recording: Recording) -> None:
    found = judge(situation(), profile())
    assert found.edge is not None
    small = msgspec.structs.replace(found.edge, best_edge=49_999)
    recording.history.add_signal(signal(signal_id="one"))
    recording.history.add_signal(signal(NOW + SECOND, signal_id="two"))
    recording.history.add_signal(signal(action=Action.NO_TRADE))
    recording.history.add_signal(signal(edge=small))
    recording.history.add_signal(signal(action=Action.NO_TRADE, edge=None, net_edge=None))
    asked = recording.asked()
    rows = [dict(zip(*each, strict=True)) for each in _with_columns(asked.signals(0, 5, MANY))]
    assert [row["signal_id"] for row in rows] == ["two", "one"]
    assert rows[1] == {
        "timestamp": datetime.fromtimestamp(NOW / SECOND, tz=UTC),
        "ticker": LISTING.ticker,
        "action": "BUY_YES",
        "price": 48.0,
        "max_price": 50.0,
        "contracts": 10.0,
        "edge_cents": 7.0,
        "net_edge_cents": 5.2528,
        "consensus_prob": 55.0,
        "fair_low": 55.0,
        "confidence_score": found.confidence_score,
        "confidence_tier": "HIGH",
        "profile": "TEST",
        "sport": "nfl",
        "signal_id": "one",
    }
    assert len(asked.signals(0, 4.9999, MANY).rows) == 3
    assert len(asked.signals(NOW, 0, MANY).rows) == 1
    assert len(asked.signals(0, 0, 2).rows) == 2
    assert asked.count("arb_opportunities") == 5


def _with_columns(found: Found) -> list[tuple[tuple[str, ...], tuple[object, ...]]]:
    return [(found.columns, row) for row in found.rows]


def test_every_book_has_a_row_for_every_outcome(recording: Recording) -> None:
    event = odds_event()
    recording.history.add_odds(event, offer(event, at=NOW, rules=RULES), NOW)
    expected = sum(len(each.odds) for each in event.quotes)
    assert recording.asked().count("sportsbook_odds") == expected > 3


def test_what_was_never_recorded_is_nothing(recording: Recording) -> None:
    asked = recording.asked()
    assert asked.latest(LONG_AGO, MANY).rows == []
    assert asked.volume(LONG_AGO, MANY).rows == []
    assert asked.signals(LONG_AGO, 0, MANY).rows == []


def test_a_thousand_of_each_are_all_there(recording: Recording) -> None:
    for number in range(1_000):
        recording.history.add_quote(tick(volume=number * CONTRACT), None)
        recording.history.add_trade(trade(trade_id=str(number)))
        recording.history.add_signal(signal(signal_id=str(number)))
    asked = recording.asked()
    for table in ("kalshi_ticks", "kalshi_trades", "arb_opportunities"):
        assert asked.count(table) == 1_000
