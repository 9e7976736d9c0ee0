"""The offline venue is believable to others: a client that karb had no hand in uses it.

pykalshi lives in an environment of its own, made for the test where its package can be had.
"""

import asyncio
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from karb.sim.units import CONTRACT, DOLLAR
from karb.sim.venue import Levels, SimOptions, Venue, open_venue

PACKAGE = "pykalshi==2.0.0"
DELTAS = 10_000
CLIENT = """
import json, os, sys, time
from pykalshi import KalshiClient, MarketStatus
from pykalshi.orderbook import OrderbookManager

client = KalshiClient(
    api_key_id=os.environ["SIM_KEY_ID"],
    private_key_path=os.environ["SIM_KEY_PATH"],
    api_base=os.environ["SIM_REST_URL"],
)
cash = client.portfolio.get_balance().balance
markets = client.get_markets(status=MarketStatus.OPEN, limit=1000)
tickers = [market.ticker for market in markets]
books, told = {}, {"deltas": 0, "tickers": 0, "last": time.monotonic()}
feed = client.feed()
feed._ws_url = os.environ["SIM_WS_URL"]

@feed.on("orderbook_delta")
def on_book(message):
    told["last"] = time.monotonic()
    book = books.setdefault(message.market_ticker, OrderbookManager(message.market_ticker))
    if hasattr(message, "yes_dollars"):
        book.apply_snapshot(message.yes_dollars, message.no_dollars)
    else:
        told["deltas"] += 1
        book.apply_delta(message.side, message.price_dollars, message.delta_fp)

@feed.on("ticker")
def on_ticker(message):
    told["tickers"] += 1

feed.subscribe("orderbook_delta", market_tickers=tickers)
feed.subscribe("ticker", market_tickers=tickers)
feed.start()
while told["deltas"] < int(sys.argv[1]):
    time.sleep(0.05)
print("enough", flush=True)
sys.stdin.readline()
while time.monotonic() - told["last"] < 0.5:
    time.sleep(0.05)
levels = {ticker: {"yes": book.yes, "no": book.no} for ticker, book in books.items()}
print(json.dumps({"cash": cash, "listed": tickers, "books": levels, **told}), flush=True)
feed.stop()
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python that has pykalshi."""
    place = tmp_path / "pykalshi"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(place)]
    made = subprocess.run(
        [*pip, "install", "-q", "--no-compile", PACKAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"{PACKAGE} cannot be installed here: {made.stderr.strip()[-200:]}")
    return place / "bin" / "python"


@pytest.mark.timeout(120)
def test_pykalshi_signs_in_lists_subscribes_and_keeps_every_book(
    tmp_path: Path, python: Path
) -> None:
    asyncio.run(_keeps_every_book(tmp_path, python))


async def _keeps_every_book(folder: Path, python: Path) -> None:
    options = SimOptions(changes_per_second=2_500.0, games_per_league=2)
    async with open_venue(options) as venue:
        client = await _client(venue, folder, python)
        assert client.stdin is not None
        assert client.stdout is not None
        assert (await client.stdout.readline()).strip() == b"enough"
        venue.pause()
        books = venue.books()
        client.stdin.write(b"\n")
        told: dict[str, Any] = json.loads(await client.stdout.readline())
        await client.communicate()
    assert client.returncode == 0
    assert told["cash"] == 1_000_000
    assert sorted(told["listed"]) == sorted(books)
    assert told["deltas"] >= DELTAS
    assert told["tickers"] > 0
    assert {ticker: _levels(book) for ticker, book in told["books"].items()} == books


async def _client(venue: Venue, folder: Path, python: Path) -> asyncio.subprocess.Process:
    key = folder / "key.pem"
    key.write_bytes(venue.private_key_pem)
    return await asyncio.create_subprocess_exec(
        str(python),
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


def _levels(book: dict[str, dict[str, str]]) -> Levels:
    """The client's decimal texts as the venue's integers."""
    sides = [
        {
            int(Decimal(price) * DOLLAR): int(Decimal(count) * CONTRACT)
            for price, count in book[side].items()
        }
        for side in ("yes", "no")
    ]
    return Levels(*sides)
