"""The obvious version: what one would write first, and the stand-in for the original.

The json module, Decimal, datetime, dictionaries, a line for the log, every rule checked on
every tick. It decides by the numbers of the profile STANDARD, written here once more, and
imports nothing of karb; a test holds both to the same decisions on the same texts.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

log = logging.getLogger("obvious")

ONE = Decimal(1)
FEE_RATE = Decimal("0.07")
FEE_UNIT = Decimal("0.000001")
MIN_EDGE_AGREEING, MIN_EDGE = Decimal("0.03"), Decimal("0.05")
MAX_BOOK_SPREAD = Decimal("0.03")
MAX_SPREAD = Decimal("0.10")
TOO_GOOD = Decimal("0.15")
MIN_PRICE, MAX_PRICE = Decimal("0.25"), Decimal("0.85")
MIN_VOLUME = Decimal(500)
KELLY = Decimal("0.25")
BANKROLL, RISK, MAX_CONTRACTS = Decimal(10_000), Decimal(5), Decimal(100)
STOPS = ((6, 4), (5, 4), (3, 3), (2, 3), (1, 2))


@dataclass
class Fair:
    """What the books say about one market."""

    probability: Decimal
    books: int
    spread: Decimal
    expires: datetime
    start: datetime


@dataclass
class Found:
    """A signal."""

    ticker: str
    side: str
    price: Decimal
    edge: Decimal
    net_edge: Decimal
    confidence: int
    contracts: int
    at: datetime


def fee(price: Decimal, contracts: int = 1) -> Decimal:
    """What the exchange charges a taker."""
    exact = FEE_RATE * contracts * price * (ONE - price)
    return exact.quantize(FEE_UNIT, rounding=ROUND_UP)


def stop_loss(price: Decimal, edge: Decimal, volume: Decimal) -> Decimal:
    """Where a position would be sold again."""
    loss = next((loss for least, loss in STOPS if edge * 100 >= least), STOPS[-1][1])
    factor = Decimal("1.2") if volume > 10_000 else Decimal("0.8") if volume < 2_000 else ONE
    return (price - loss * factor / 100).quantize(Decimal("0.01"))


def confidence(fair: Fair, price: Decimal, volume: Decimal, left: timedelta) -> int:
    """The specification's points, from a base of 50."""
    points = 50
    points += 20 if fair.books >= 4 and fair.spread <= Decimal("0.02") else 0
    points += 15 if fair.spread < Decimal("0.02") else 0
    points += 10 if volume > 5_000 else 0
    points += 10 if left <= timedelta(hours=24) else 0
    points -= 10 if not Decimal("0.10") <= price <= Decimal("0.90") else 0
    points -= 15 if fair.books <= 2 else 0
    return max(0, min(100, points))


def contracts_for(win: Decimal, price: Decimal, share: Decimal, offered: Decimal) -> int:
    """Quarter Kelly with the fee inside, cut by risk, position and depth."""
    each = price + fee(price)
    kelly = KELLY * share * (win - each) / (ONE - each) * BANKROLL / each
    return int(min(kelly, RISK / each, MAX_CONTRACTS, offered))


def obvious(fairs: Mapping[str, Fair], emit: Callable[[Found], object]) -> Callable[[bytes], None]:
    """A function of one text that calls `emit` for every signal."""
    markets: dict[str, dict[str, Any]] = {}
    out: dict[str, tuple[str, Decimal, int]] = {}

    def on_text(text: bytes) -> None:
        data = json.loads(text)
        if data.get("type") != "ticker":
            return
        msg = data["msg"]
        ticker = msg["market_ticker"]
        log.debug("ticker %s", ticker)
        at = datetime.fromtimestamp(msg["ts_ms"] / 1000, UTC)
        bid, ask = Decimal(msg["yes_bid_dollars"]), Decimal(msg["yes_ask_dollars"])
        market = markets[ticker] = {
            "yes_bid": bid,
            "yes_ask": ask,
            "no_bid": ONE - ask,
            "no_ask": ONE - bid,
            "yes_size": Decimal(msg["yes_ask_size_fp"]),
            "no_size": Decimal(msg["yes_bid_size_fp"]),
            "volume": Decimal(msg["volume_fp"]),
            "at": at,
        }
        fair = fairs.get(ticker)
        if fair is None:
            return
        found = judge(ticker, market, fair)
        key = found and (found.side, found.price, found.contracts)
        if found and key and key != out.get(ticker):
            emit(found)
        if key:
            out[ticker] = key
        else:
            out.pop(ticker, None)

    return on_text


def judge(ticker: str, market: dict[str, Any], fair: Fair) -> Found | None:
    """Every rule, on the better of the two sides."""
    bid, ask, volume = market["yes_bid"], market["yes_ask"], market["volume"]
    yes, no = fair.probability - ask, ONE - fair.probability - market["no_ask"]
    side, price, edge, win = ("yes", ask, yes, fair.probability)
    if no > yes:
        side, price, edge, win = ("no", market["no_ask"], no, ONE - fair.probability)
    agreeing = fair.books >= 4 and fair.spread <= Decimal("0.02")
    net, left = edge - fee(price), fair.start - market["at"]
    checks = {
        "min_edge": edge >= (MIN_EDGE_AGREEING if agreeing else MIN_EDGE),
        "book_count": fair.books >= 3,
        "book_spread": fair.spread <= MAX_BOOK_SPREAD,
        "kalshi_spread": ask - bid <= MAX_SPREAD,
        "volume": volume >= MIN_VOLUME,
        "hours_to_event": timedelta(hours=2) <= left <= timedelta(hours=48),
        "price_bounds": MIN_PRICE <= price <= MAX_PRICE,
        "net_edge": net > 0,
        "stale_odds": market["at"] <= fair.expires,
        "too_good": abs((bid + ask) / 2 - fair.probability) < TOO_GOOD,
        "depth": market[f"{side}_size"] >= 1,
    }
    if not all(checks.values()):
        return None
    if market[f"{side}_bid"] <= stop_loss(price, edge, volume):
        return None
    points = confidence(fair, price, volume, left)
    share = ONE if points >= 70 else ONE / 2 if points >= 50 else ONE / 4
    contracts = contracts_for(win, price, share, market[f"{side}_size"])
    if points < 30 or contracts < 1:
        return None
    return Found(ticker, side, price, edge, net, points, contracts, market["at"])
