"""Kalshi-shaped messages from a seed: the same texts for karb, for the floor and for peers.

All are in the format of decimal strings that the exchange sends today, with every field it
documents, because a field that nobody reads still has to be skipped. Tickers walk by a cent
around a price of their own; a chosen share of them lies so far off that it is a trade.
"""

import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

START_MS = 1_795_000_000_000
TIME = "2026-11-19T20:37:15.835959Z"
TEAMS = [
    "ATL",
    "BOS",
    "BKN",
    "CHA",
    "CHI",
    "CLE",
    "DAL",
    "DEN",
    "DET",
    "GSW",
    "HOU",
    "IND",
    "LAC",
    "LAL",
    "MEM",
    "MIA",
    "MIL",
    "MIN",
    "NOP",
    "NYK",
]
LEVELS = 10


class Ticks(NamedTuple):
    """Texts of `ticker` messages, and the fair YES price of each market in cents."""

    texts: list[bytes]
    fair: dict[str, int]


class Deltas(NamedTuple):
    """A snapshot for each market, and changes that leave every book as they found it.

    Their numbers run on from the snapshots. No level falls below nothing and no book is
    ever crossed.
    """

    snapshots: list[bytes]
    texts: list[bytes]


def markets(count: int) -> list[str]:
    """`count` tickers of games, all different."""
    names = []
    for number in range(count):
        home, day = TEAMS[number % 20], 1 + number // 20 % 28
        away = TEAMS[(number + 7) % 20]
        names.append(f"KXNBAGAME-26DEC{day:02d}{away}{home}{number // 560 or ''}-{home}")
    return names


def ticks(count: int, *, among: int = 200, share: float = 0.01, seed: int = 7) -> Ticks:
    """`count` tickers over `among` markets, `share` of them 8 to 14 cents off."""
    chance = random.Random(seed)
    names = markets(among)
    ids = [uuid(chance) for _ in names]
    fair = [chance.randint(40, 60) for _ in names]
    off = set(chance.sample(range(count), round(share * count)))
    texts, at = [], START_MS
    for number in range(count):
        market = chance.randrange(among)
        at += chance.randint(0, 2)
        bid = fair[market] + chance.randint(-1, 0)
        if number in off:
            bid += chance.randint(8, 14) * chance.choice((-1, 1))
        texts.append(text(ticker(chance, names[market], ids[market], bid, at)))
    return Ticks(texts, dict(zip(names, fair, strict=True)))


def deltas(count: int, *, among: int = 200, seed: int = 7) -> Deltas:
    """`count` changes of levels over `among` books; the second half undoes the first."""
    chance = random.Random(seed)
    names = markets(among)
    ids = [uuid(chance) for _ in names]
    books = [{side: _levels(chance) for side in ("yes", "no")} for _ in names]
    snapshots = [
        text(snapshot(name, market_id, book, number))
        for number, (name, market_id, book) in enumerate(zip(names, ids, books, strict=True), 1)
    ]
    changes = []
    for _ in range(count // 2):
        market, side = chance.randrange(among), chance.choice(("yes", "no"))
        changes.append((market, side, *_change(chance, books[market][side])))
    undone = [(market, side, price, -by) for market, side, price, by in reversed(changes)]
    texts = [
        text(delta(names[market], ids[market], side, price, by, among + number))
        for number, (market, side, price, by) in enumerate(changes + undone, 1)
    ]
    return Deltas(snapshots, texts)


def _levels(chance: random.Random) -> dict[int, int]:
    """Bids below half a dollar, cents to contracts: the two sides can never cross."""
    return {price: chance.randint(1, 900) for price in chance.sample(range(2, 50), LEVELS)}


def _change(chance: random.Random, levels: dict[int, int]) -> tuple[int, int]:
    """A price and a change there: half the time more, else a part or all of a level."""
    if chance.random() < 0.5 or len(levels) < 2:
        price, by = chance.randint(2, 49), chance.randint(1, 400)
        levels[price] = levels.get(price, 0) + by
        return price, by
    price = chance.choice(list(levels))
    by = levels[price] if chance.random() < 0.5 else chance.randint(1, levels[price])
    levels[price] -= by
    if not levels[price]:
        del levels[price]
    return price, -by


def ticker(
    chance: random.Random, name: str, market_id: str, bid: int, at: int, spread: int = 1
) -> dict[str, Any]:
    """A tick at these prices in cents, with some volume and sizes."""
    body = {
        "market_id": market_id,
        "market_ticker": name,
        "price_dollars": _dollars(bid),
        "yes_bid_dollars": _dollars(bid),
        "yes_ask_dollars": _dollars(bid + spread),
        "volume_fp": _count(chance.randint(1_000, 9_999_999)),
        "open_interest_fp": _count(chance.randint(1_000, 999_999)),
        "dollar_volume": chance.randint(1_000, 999_999),
        "dollar_open_interest": chance.randint(1_000, 99_999),
        "yes_bid_size_fp": _count(chance.randint(1, 9_999)),
        "yes_ask_size_fp": _count(chance.randint(1, 9_999)),
        "last_trade_size_fp": _count(chance.randint(1, 99)),
        "ts": at // 1_000,
        "ts_ms": at,
        "time": TIME,
    }
    return {"type": "ticker", "sid": 1, "msg": body}


def snapshot(
    name: str, market_id: str, book: dict[str, dict[int, int]], seq: int
) -> dict[str, Any]:
    """A whole book: contracts by price in cents, the bids of either side."""
    body: dict[str, Any] = {"market_ticker": name, "market_id": market_id, "clock": seq}
    for side, levels in book.items():
        body[f"{side}_dollars_fp"] = [[_dollars(p), _count(n)] for p, n in sorted(levels.items())]
    return {"type": "orderbook_snapshot", "sid": 3, "seq": seq, "msg": body}


def delta(name: str, market_id: str, side: str, price: int, by: int, seq: int) -> dict[str, Any]:
    """A change of one level by so many contracts."""
    body = {
        "market_ticker": name,
        "market_id": market_id,
        "clock": seq,
        "price_dollars": _dollars(price),
        "delta_fp": _count(by),
        "side": side,
        "subaccount": 0,
        "ts": TIME,
        "ts_ms": START_MS + seq,
    }
    return {"type": "orderbook_delta", "sid": 3, "seq": seq, "msg": body}


def uuid(chance: random.Random) -> str:
    """The id of a market."""
    digits: Iterator[str] = iter(f"{chance.getrandbits(128):032x}")
    return "-".join("".join(next(digits) for _ in range(n)) for n in (8, 4, 4, 4, 12))


def _dollars(cents: int) -> str:
    return f"{cents / 100:.4f}"


def _count(contracts: int) -> str:
    return f"{contracts}.00"


def text(message: dict[str, Any]) -> bytes:
    """A message as the exchange spells it."""
    return json.dumps(message, separators=(",", ":")).encode()
