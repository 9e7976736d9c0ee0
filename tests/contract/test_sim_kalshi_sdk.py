"""The offline venue is believable to kalshi-sdk 22.4.0, which reads every answer by the spec.

The package needs Python 3.12, so it is another interpreter's: KARB_KALSHI_SDK_PYTHON names one
that has it, and without that the test is skipped. It wants an RSA key, and it takes a snapshot
without a key for its empty side, which the exchange sends, for a broken message: it is given
only markets that have bids and asks.
"""

import asyncio
import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from karb.sim.units import CONTRACT, DOLLAR
from karb.sim.venue import Levels, SimOptions, Venue, open_venue

PYTHON = os.environ.get("KARB_KALSHI_SDK_PYTHON", "")
DELTAS = 10_000
CLIENT = """
import asyncio, json, os, sys, time
from kalshi import KalshiClient
from kalshi.auth import KalshiAuth
from kalshi.config import KalshiConfig
from kalshi.ws.client import KalshiWebSocket

config = KalshiConfig(
    base_url=os.environ["SIM_REST_URL"], ws_base_url=os.environ["SIM_WS_URL"], max_retries=0
)
auth = KalshiAuth.from_key_path(os.environ["SIM_KEY_ID"], os.environ["SIM_KEY_PATH"])


def read(client):
    '''Ask for everything once; whatever is not by the spec raises.'''
    now = int(time.time())
    markets = list(client.markets.list_all(status="open", mve_filter="exclude", limit=100))
    event = client.events.list(limit=1, with_nested_markets=True).items[0]
    series, ticker = event.series_ticker, event.markets[0].ticker
    game = client.milestones.list(limit=1).items[0]
    target = client.structured_targets.list(page_size=1).items[0]
    drawn = client.markets.candlesticks(
        series, ticker, start_ts=now - 3600, end_ts=now + 3600, period_interval=60
    )
    client.markets.bulk_candlesticks(
        market_tickers=[ticker], start_ts=now - 3600, end_ts=now + 3600, period_interval=1
    )
    client.markets.get(ticker)
    client.markets.orderbook(ticker)
    client.markets.bulk_orderbooks(tickers=[ticker])
    client.markets.list_trades(limit=10)
    client.events.get(event.event_ticker)
    client.events.metadata(event.event_ticker)
    client.events.list_multivariate()
    client.events.fee_changes()
    client.series.list()
    client.series.get(series)
    client.series.fee_changes()
    client.milestones.get(game.id)
    client.live_data.get(game.id)
    client.live_data.get_typed(game.type, game.id)
    client.live_data.batch(milestone_ids=[game.id])
    client.structured_targets.get(target.id)
    client.search.filters_by_sport()
    client.historical.cutoff()
    client.historical.markets()
    client.historical.trades()
    client.historical.fills()
    client.historical.orders()
    client.exchange.status()
    client.exchange.schedule()
    client.exchange.user_data_timestamp()
    client.api_keys.list()
    client.account.endpoint_costs()
    client.portfolio.positions()
    client.portfolio.fills()
    client.portfolio.settlements()
    client.portfolio.total_resting_order_value()
    client.orders.list()
    told = {
        "listed": [market.ticker for market in markets],
        "tier": client.account.limits().usage_tier,
        "cash": client.portfolio.balance().balance,
        "candles": len(drawn),
    }
    both = [m.ticker for m in markets if m.yes_bid > 0 and m.yes_ask < 1]
    return both, told


async def follow(tickers, told):
    ws = KalshiWebSocket(auth=auth, config=config)
    deltas, last = 0, time.monotonic()
    async with ws.connect() as session:
        stream = await session.subscribe_orderbook_delta(tickers=tickers, maxsize=100_000)

        async def count():
            nonlocal deltas, last
            async for message in stream:
                deltas += message.type == "orderbook_delta"
                last = time.monotonic()

        counting = asyncio.create_task(count())
        while deltas < int(sys.argv[1]):
            await asyncio.sleep(0.05)
        print("enough", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        while time.monotonic() - last < 0.5:
            await asyncio.sleep(0.05)
        # Its books are to be had one subscription at a time only; this is where it keeps them.
        books = {ticker: session._orderbook_mgr.get(ticker) for ticker in tickers}
        counting.cancel()
    levels = {
        ticker: {
            side: [[str(each.price), str(each.quantity)] for each in getattr(book, side)]
            for side in ("yes", "no")
        }
        for ticker, book in books.items()
    }
    print(json.dumps({**told, "books": levels, "deltas": deltas}), flush=True)


with KalshiClient(auth=auth, config=config) as client:
    both, told = read(client)
asyncio.run(follow(both, told))
"""


@pytest.mark.skipif(
    not PYTHON, reason="KARB_KALSHI_SDK_PYTHON names no Python 3.12 with kalshi-sdk 22.4.0"
)
@pytest.mark.timeout(120)
def test_kalshi_sdk_reads_every_path_and_keeps_every_book(tmp_path: Path) -> None:
    asyncio.run(_keeps_every_book(tmp_path))


async def _keeps_every_book(folder: Path) -> None:
    options = SimOptions(changes_per_second=1_000.0, games_per_league=2)
    async with open_venue(options) as venue:
        client = await _client(venue, folder)
        assert client.stdin is not None
        assert client.stdout is not None
        assert (await client.stdout.readline()).strip() == b"enough"
        venue.pause()
        books = venue.books()
        client.stdin.write(b"\n")
        told: dict[str, Any] = json.loads(await client.stdout.readline())
        await client.communicate()
    assert client.returncode == 0
    assert (told["cash"], told["tier"]) == (1_000_000, "prime")
    assert told["candles"] > 0
    assert sorted(told["listed"]) == sorted(books)
    assert told["deltas"] >= DELTAS
    kept = {ticker: _levels(book) for ticker, book in told["books"].items()}
    assert kept == {ticker: books[ticker] for ticker in kept}
    assert len(kept) > len(books) // 2


async def _client(venue: Venue, folder: Path) -> asyncio.subprocess.Process:
    key = folder / "key.pem"
    key.write_bytes(venue.private_key_pem)
    key.chmod(0o600)
    return await asyncio.create_subprocess_exec(
        PYTHON,
        "-c",
        CLIENT,
        str(DELTAS),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=1 << 22,
        env={
            "PATH": os.environ["PATH"],
            "SIM_KEY_ID": venue.key_id,
            "SIM_KEY_PATH": str(key),
            "SIM_REST_URL": venue.rest_url,
            "SIM_WS_URL": venue.ws_url,
        },
    )


def _levels(book: dict[str, list[list[str]]]) -> Levels:
    """The client's decimal texts as the venue's integers."""
    sides = [
        {
            int(Decimal(price) * DOLLAR): int(Decimal(count) * CONTRACT)
            for price, count in book[side]
        }
        for side in ("yes", "no")
    ]
    return Levels(*sides)
