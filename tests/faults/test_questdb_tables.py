"""QuestDB's tables: made, brought up to date, and what they refuse."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from karb.adapters.questdb.address import Connection, connect
from karb.adapters.questdb.queries import HistoryQueries
from karb.adapters.questdb.rows import Row, Values
from karb.adapters.questdb.schema import migrate
from karb.adapters.questdb.sending import Courier
from karb.adapters.questdb.tables import TABLES, Column, Kind, Table
from karb.errors import ConfigError, DataError, StoreDownError
from karb.wiring.stores import QuestDBAt, own_questdb
from recording import TICKER, new_tables, tick, waits_until, writer, writing
from soak.history import stored

if TYPE_CHECKING:
    from karb.adapters.embedded.questdb import QuestDBAt as OwnQuestDB


CANARY = "canary-of-a-password"
TICKER_ONLY = Column("ticker", Kind.SYMBOL)
VOLUMES = Table("kalshi_ticks", (TICKER_ONLY, Column("volume", Kind.DOUBLE)), "ticker")
"""A part of the columns of ticks."""


@pytest.fixture
def at(questdb_at: "OwnQuestDB") -> QuestDBAt:
    """A QuestDB without any of karb's tables."""
    found = own_questdb(questdb_at)
    new_tables(found)
    return found


@pytest.fixture
def sql(at: QuestDBAt) -> Iterator[Connection]:
    """A connection to it."""
    with closing(connect(at, seconds=10)) as connection:
        yield connection


def asked(at: QuestDBAt, question: str) -> list[tuple[object, ...]]:
    return HistoryQueries(at).sql(question, 1_000).rows


def test_rows_sent_again_after_a_lost_answer_are_the_same_rows(
    at: QuestDBAt, sql: Connection
) -> None:
    now = time.time_ns()
    rows = [(VOLUMES, Row(now, number, ("KXNFLGAME-X", float(number)))) for number in range(100)]
    migrate(sql, days=30)
    with Courier(at) as courier:
        for _ in range(3):
            assert not courier.deliver(rows, _nothing_to_repair).refused
    assert stored(at, 100).rows == 100


def _nothing_to_repair() -> None:
    """The tables are as they should be."""


def test_a_refused_row_is_taken_out_and_told_and_the_others_are_written(
    at: QuestDBAt, sql: Connection
) -> None:
    now = time.time_ns()
    values: tuple[Values, ...] = (
        ("X", 1.0),
        ("X", "no number"),
        ("X", 2.0),
        ("\ud800", 3.0),
        ("X", 4.0),
    )
    unknown = Table("kalshi_ticks", (TICKER_ONLY, Column("nobody_knows", Kind.DOUBLE)), "ticker")
    rows = [(VOLUMES, Row(now, number, each)) for number, each in enumerate(values)]
    rows += [
        (VOLUMES, Row(-1, 9, ("X", 5.0))),
        (unknown, Row(now, 10, ("X", 6.0))),
        (Table("no_table", (TICKER_ONLY,), "ticker"), Row(now, 11, ("X",))),
        (VOLUMES, Row(now, 12, ("X", 7.0))),
    ]
    migrate(sql, days=30)
    with Courier(at) as courier:
        done = courier.deliver(rows, _nothing_to_repair)
    assert done.refused == {"kalshi_ticks": 4, "no_table": 1}
    assert done.why.startswith("table: no_table")
    waits_until(lambda: stored(at, 4).rows == 4)
    found = asked(at, "SELECT volume FROM kalshi_ticks ORDER BY volume")
    assert found == [(1.0,), (2.0,), (4.0,), (7.0,)]


def test_a_table_that_somebody_dropped_is_made_again_and_no_row_is_lost(
    at: QuestDBAt, sql: Connection, tmp_path: Path
) -> None:
    with writing(lambda: at, tmp_path / "spool") as history:
        waits_until(lambda: history.stats().connected)
        sql.execute("DROP TABLE kalshi_ticks")
        for number in range(500):
            history.add_quote(tick(number), None)
        waits_until(lambda: sum(history.stats().written.values()) == 500)
        assert history.stats().refused == {}
    assert stored(at, 500).rows == 500


SPECIFIED = (
    """CREATE TABLE kalshi_ticks (
        ticker SYMBOL CAPACITY 10000, yes_bid INT, yes_ask INT, no_bid INT, no_ask INT,
        volume LONG, last_price INT, timestamp TIMESTAMP
    ) TIMESTAMP(timestamp) PARTITION BY DAY WAL""",
    """CREATE TABLE kalshi_trades (
        ticker SYMBOL CAPACITY 10000, count INT, price INT, side SYMBOL CAPACITY 4,
        taker_side SYMBOL CAPACITY 4, trade_id STRING, timestamp TIMESTAMP
    ) TIMESTAMP(timestamp) PARTITION BY DAY WAL""",
    """CREATE TABLE arb_opportunities (
        ticker SYMBOL CAPACITY 10000, event_id STRING, sport SYMBOL CAPACITY 20,
        kalshi_yes_ask INT, consensus_prob INT, edge_cents INT, confidence_score INT,
        action SYMBOL CAPACITY 20, timestamp TIMESTAMP
    ) TIMESTAMP(timestamp) PARTITION BY DAY WAL""",
)


def test_the_specifications_own_tables_are_brought_up_to_date_with_their_rows(
    at: QuestDBAt, sql: Connection, tmp_path: Path
) -> None:
    for statement in SPECIFIED:
        sql.execute(statement)
    sql.execute(
        "INSERT INTO kalshi_ticks VALUES ('OLD', 47, 48, 52, 53, 7, NULL, dateadd('m', -1, now()))"
    )
    for _ in range(2):
        migrate(sql, days=30)
    with writing(lambda: at, tmp_path / "spool") as history:
        history.add_quote(tick(1), 4_850)
    assert stored(at, 2).rows == 2
    found = asked(at, "SELECT ticker, yes_bid, last_price FROM kalshi_ticks ORDER BY timestamp")
    assert found == [("OLD", 47.0, None), (TICKER, 47.0, 48.5)]
    for name, table in TABLES.items():
        columns = {row[0]: row for row in asked(at, f'SHOW COLUMNS FROM "{name}"')}
        assert set(columns) == {column.name for column in table.stored} | {"timestamp"}
        assert {key for key, row in columns.items() if row[-1]} == set(table.keys)


def test_tables_that_nobody_made_yet_are_empty(at: QuestDBAt) -> None:
    store = HistoryQueries(at)
    for found in (store.latest(0, 10), store.volume(0, 10), store.signals(0, 0, 10)):
        assert found.columns
        assert found.rows == []


def test_tables_of_another_kind_are_told_with_what_mends_them(
    at: QuestDBAt, sql: Connection
) -> None:
    sql.execute(SPECIFIED[2])
    with pytest.raises(DataError, match="tables are not karb's") as refused:
        HistoryQueries(at).signals(0, 0, 10)
    assert "brings them up to date" in refused.value.do


@pytest.mark.parametrize(("days", "shown"), [(30, (30, "DAY")), (7, (1, "WEEK"))])
def test_rows_leave_after_as_many_days_as_were_asked_for(
    at: QuestDBAt, sql: Connection, days: int, shown: tuple[int, str]
) -> None:
    ttl = "SELECT ttlValue, ttlUnit FROM tables() WHERE table_name = 'kalshi_ticks'"
    migrate(sql, days=90)
    migrate(sql, days=days)
    waits_until(lambda: asked(at, ttl) == [shown])


def test_a_wrong_password_is_told_and_rows_wait(at: QuestDBAt, tmp_path: Path) -> None:
    wrong = replace(at, password=CANARY)
    history = writer(lambda: wrong, tmp_path / "spool")
    history.start()
    history.add_quote(tick(1), None)
    waits_until(lambda: history.stats().trouble is not None)
    trouble = history.stats().trouble
    history.close(1)
    assert isinstance(trouble, ConfigError)
    assert CANARY not in str(trouble)
    assert history.stats().spooled > 0
    with pytest.raises(ConfigError):
        HistoryQueries(wrong).latest(0, 1)


def test_a_question_that_takes_too_long_is_given_up(at: QuestDBAt) -> None:
    slow = HistoryQueries(at, seconds=0.2)
    with pytest.raises(StoreDownError, match=r"not answered within 0\.2 s"):
        slow.sql(
            "SELECT count() FROM long_sequence(1000000000) a "
            "JOIN long_sequence(100000) b ON a.x = b.x",
            1,
        )


def test_rows_that_trickle_in_cost_the_server_few_commits(
    at: QuestDBAt, sql: Connection, tmp_path: Path
) -> None:
    """Each commit is brought to the disk; one for every tick kept half a core busy."""
    with writing(lambda: at, tmp_path / "spool") as history:
        waits_until(lambda: history.stats().connected)
        for number in range(100):
            history.add_quote(tick(number), None)
            time.sleep(0.01)
    assert stored(at, 100).rows == 100
    ((commits,),) = sql.execute(
        "SELECT sequencerTxn FROM wal_tables() WHERE name = 'kalshi_ticks'"
    ).fetchall()
    made = 2  # by the making of the table and its TTL
    assert commits <= made + 10
