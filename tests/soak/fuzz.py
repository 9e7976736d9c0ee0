"""Damage valid messages and see that a decoder gives a value or one `DecodeError`.

The suite does this for seconds with Hypothesis choosing the damage; `soak.py` for minutes.
A value is looked into as well: a price outside a dollar would be worse than an error.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

from karb.adapters.kalshi.book_path import delta_path
from karb.adapters.kalshi.decode import Control, decode_frame
from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.rest_wire import (
    decode_event,
    decode_market,
    decode_orderbook,
    decode_series,
)
from karb.domain.market.book import Book
from karb.domain.market.grid import checked_grid
from karb.domain.market.messages import (
    BookDelta,
    BookSnapshot,
    Event,
    Fill,
    Level,
    Lifecycle,
    Market,
    OrderUpdate,
    Quote,
    Series,
    Trade,
)
from karb.domain.units import CASH_PER_DOLLAR, DOLLAR, SECOND
from karb.errors import DecodeError

NOW = 1_790_000_000 * SECOND
_FAR = 1 << 63


class Target(NamedTuple):
    """A decoder that also looks into what it gave, and valid messages for it."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def expect(claim: bool, what: object) -> None:
    """Say what value should never have come out."""
    if not claim:
        raise AssertionError(f"not a value that can be true: {what!r:.500}")


def outcome(target: Target, raw: bytes) -> str | None:
    """What went wrong with this input; None for a value that can be true or `DecodeError`."""
    try:
        target.run(raw)
    except DecodeError:
        return None
    except Exception as error:  # noqa: BLE001 - finding these is what this is for
        return f"{type(error).__name__}: {error}"[:500]
    return None


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


_T = {"market_ticker": "KXNFLGAME-26SEP21NYGLAR-NYG"}
_MS = {"ts": 1_789_999_999, "ts_ms": 1_789_999_999_123}
_FILL = {
    **_T,
    **_MS,
    "trade_id": "t1",
    "order_id": "o1",
    "is_taker": True,
    "side": "yes",
    "action": "sell",
    "outcome_side": "no",
    "book_side": "ask",
    "yes_price_dollars": "0.7500",
    "count_fp": "278.00",
    "fee_cost": "0.010000",
}
_ORDER = {
    "order_id": "o1",
    "ticker": "T",
    "status": "resting",
    "outcome_side": "yes",
    "yes_price_dollars": "0.3500",
    "initial_count_fp": "10.00",
    "fill_count_fp": "0.00",
    "remaining_count_fp": "10.00",
    "taker_fees_dollars": "0.010000",
    "last_updated_ts_ms": 1_733_047_200_000,
}
FRAMES = tuple(
    _json({"type": kind, "sid": 2, "seq": 3, "msg": body})
    for kind, body in [
        (
            "ticker",
            {
                **_T,
                **_MS,
                "yes_bid_dollars": "0.4500",
                "yes_ask_dollars": "0.5300",
                "volume_fp": "33896.00",
                "yes_bid_size_fp": "300.00",
            },
        ),
        ("ticker", {**_T, "yes_bid": 6, "yes_ask": 7, "volume": 53, "ts": 1_768_235_835_959}),
        (
            "trade",
            {
                **_T,
                **_MS,
                "trade_id": "t1",
                "yes_price_dollars": "0.3600",
                "count_fp": "136.00",
                "taker_outcome_side": "no",
            },
        ),
        ("trade", {**_T, "ts": 1_768_235_835, "yes_price": 36, "count": 136, "taker_side": "no"}),
        (
            "orderbook_snapshot",
            {
                **_T,
                "yes_dollars_fp": [["0.0800", "300.00"], ["0.2200", "333.00"]],
                "no_dollars_fp": [["0.5400", "20.00"]],
            },
        ),
        ("orderbook_snapshot", {**_T, "yes": [[8, 300]], "yes_dollars": [["0.080", 300]]}),
        ("orderbook_snapshot", {**_T, "yes": [[8, 300], [9, 1]], "no": [[54, 20]]}),
        ("orderbook_delta", {**_T, "price_dollars": "0.9600", "delta_fp": "-54.00", "side": "yes"}),
        (
            "orderbook_delta",
            {**_T, "price": 96, "delta": 54, "side": "no", "ts": "2022-11-22T20:44:01Z"},
        ),
        (
            "market_lifecycle_v2",
            {**_T, "event_type": "determined", "result": "scalar", "settlement_value": "0.5000"},
        ),
        ("fill", _FILL),
        ("user_order", _ORDER),
        ("subscribed", {"channel": "ticker", "sid": 1}),
        ("ok", {"market_tickers": ["A", "B"]}),
        ("ok", [{"channel": "ticker", "sid": 1}]),
        ("error", {"code": 7, "msg": "Unknown subscription ID"}),
        ("event_lifecycle", {"event_ticker": "E"}),
    ]
)

_MARKET = {
    "ticker": "KXNHLGAME-26OCT12VGKMIN-VGK",
    "event_ticker": "KXNHLGAME-26OCT12VGKMIN",
    "title": "Vegas wins",
    "yes_sub_title": "Vegas",
    "status": "active",
    "custom_strike": {"hockey_team": "k1"},
    "yes_bid_dollars": "0.6100",
    "yes_ask_dollars": "0.6200",
    "last_price_dollars": "0.6100",
    "volume_fp": "12.50",
    "open_time": "2026-10-06T01:06:00Z",
    "price_ranges": [
        {"start": "0.0000", "end": "0.1000", "step": "0.0010"},
        {"start": "0.1000", "end": "1.0000", "step": "0.0100"},
    ],
    "result": "",
}
_OLD_MARKET = {
    "ticker": "KXNFLGAME-25DEC27BALGB-GB",
    "event_ticker": "KXNFLGAME-25DEC27BALGB",
    "yes_bid": 61,
    "yes_ask": 62,
    "last_price": 62,
    "volume": 16126,
    "price_level_structure": "linear_cent",
    "result": None,
    "settlement_value": None,
}
MARKETS = (_json(_MARKET), _json(_OLD_MARKET))
EVENTS = (
    _json(
        {
            "event_ticker": "KXNHLGAME-26OCT12VGKMIN",
            "title": "Vegas vs Minnesota",
            "fee_type_override": "quadratic",
            "fee_multiplier_override": 0.5,
            "markets": [_MARKET, _OLD_MARKET],
        }
    ),
)
SERIES = (_json({"ticker": "KXMLBGAME", "fee_type": "quadratic", "fee_multiplier": 1.5}),)
BOOKS = (
    _json({"orderbook_fp": {"yes_dollars": [["0.47", "3.00"]], "no_dollars": [["0.4", "3.00"]]}}),
    _json({"orderbook": {"yes": [[47, 3]], "no": None}}),
)
ODDS = (
    _json(
        [
            {
                "id": "e1",
                "sport_key": "americanfootball_nfl",
                "commence_time": "2026-01-11T18:00:00Z",
                "home_team": "Buffalo Bills",
                "away_team": "Miami Dolphins",
                "bookmakers": [
                    {
                        "key": "draftkings",
                        "last_update": "2026-01-11T17:00:00Z",
                        "markets": [
                            {
                                "key": "h2h",
                                "last_update": "2026-01-11T17:00:00Z",
                                "outcomes": [
                                    {"name": "Buffalo Bills", "price": 1.9},
                                    {"name": "Miami Dolphins", "price": 2.05},
                                ],
                            }
                        ],
                    }
                ],
            }
        ]
    ),
)


def _run_frame(raw: bytes) -> None:
    _run_delta(raw)
    _check_message(decode_frame(raw, ts_recv=NOW))


def _run_delta(raw: bytes) -> None:
    """The short way must refuse what the long one does, and keep only levels that can be."""
    books = {ticker: Book(ticker) for ticker in (_T["market_ticker"], "")}
    for ticker, book in books.items():
        level = Level(price=9_600, count=5_400)
        book.apply_snapshot(
            BookSnapshot(
                ticker=ticker, bids=(level,), asks=(), sid=1, seq=1, ts_event=None, ts_recv=NOW
            )
        )
    try:
        delta_path(books, on_frame=lambda _frame: None)(raw)
    except DecodeError:
        return
    for book in books.values():
        levels = [*book.bids.items(), *book.asks.items()]
        expect(all(0 < price < DOLLAR and count > 0 for price, count in levels), levels)


def _check_message(message: object) -> None:
    match message:
        case Quote():
            _check_quote(message)
        case Trade():
            expect(0 <= message.price <= DOLLAR and message.count >= 0, message)
            expect(0 < message.ts_event < _FAR, message)
        case BookSnapshot():
            _check_book(message)
        case BookDelta():
            expect(0 < message.price < DOLLAR, message)
        case Lifecycle():
            expect(message.value is None or 0 <= message.value <= CASH_PER_DOLLAR, message)
        case Fill():
            expect(0 <= message.price <= DOLLAR and message.count > 0, message)
            expect(message.fee is None or message.fee >= 0, message)
        case OrderUpdate():
            expect(min(message.initial, message.filled, message.remaining) >= 0, message)
        case _:
            expect(isinstance(message, Control | Ignored), message)


def _check_quote(quote: Quote) -> None:
    prices = [price for price in (quote.yes_bid, quote.yes_ask) if price is not None]
    expect(all(0 < price < DOLLAR for price in prices), quote)
    expect(quote.spread is None or quote.spread > 0, quote)
    told = (quote.yes_bid_size, quote.yes_ask_size, quote.volume)
    expect(all(count is None or count >= 0 for count in told), quote)
    expect(0 <= quote.ts_event < _FAR, quote)


def _check_book(book: BookSnapshot) -> None:
    bids, asks = [level.price for level in book.bids], [level.price for level in book.asks]
    expect(bids == sorted(set(bids), reverse=True) and asks == sorted(set(asks)), book)
    expect(all(0 < level.price < DOLLAR for level in book.bids + book.asks), book)
    expect(all(level.count > 0 for level in book.bids + book.asks), book)


def _check_market(market: Market) -> None:
    _check_quote(market.quote)
    expect(checked_grid(market.grid) == market.grid, market)
    expect(market.settlement_value is None or market.settlement_value >= 0, market)
    times = (market.open_time, market.close_time, market.expected_expiration)
    expect(all(time is None or 0 < time < _FAR for time in times), market)


def _check_multiplier(text: str | None, what: object) -> None:
    expect(text is None or re.fullmatch(r"\d{1,4}(\.\d{1,6})?", text) is not None, what)


def _run_market(raw: bytes) -> None:
    _check_market(decode_market(raw, ts=NOW))


def _run_event(raw: bytes) -> None:
    event: Event = decode_event(raw, ts=NOW)
    _check_multiplier(event.fee_multiplier, event)
    for market in event.markets:
        _check_market(market)


def _run_series(raw: bytes) -> None:
    series: Series = decode_series(raw)
    _check_multiplier(series.fee_multiplier, series)


def _run_book(raw: bytes) -> None:
    _check_book(decode_orderbook(raw, ticker="T", ts_recv=NOW))


def _run_odds(raw: bytes) -> None:
    from karb.adapters.odds_api.wire import decode_odds
    from karb.domain.fair.odds import OddsSnapshot

    snapshot = decode_odds(raw, origin="fuzz", at=NOW)
    expect(isinstance(snapshot, OddsSnapshot), snapshot)


TARGETS = {
    "kalshi-frames": Target(_run_frame, FRAMES),
    "kalshi-market": Target(_run_market, MARKETS),
    "kalshi-event": Target(_run_event, EVENTS),
    "kalshi-series": Target(_run_series, SERIES),
    "kalshi-orderbook": Target(_run_book, BOOKS),
    "odds-api": Target(_run_odds, ODDS),
}

_STRANGE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    48,
    101,
    10**30,
    -(10**400),
    0.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "0",
    "-0.0100",
    "1.0001",
    "0.12345",
    "0.4",
    "1e-1",
    "NaN",
    "yes",
    "٠.٥",
    "\ud800",
    "9" * 400,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    [],
    {},
    [[]],
    [["0.4700", "1.00"]] * 2,
    {"a": {"b": None}},
)


def mutated(random: Random, seeds: tuple[bytes, ...]) -> bytes:
    """One of the seeds, damaged one to three times in its structure, its bytes or both."""
    raw = random.choice(seeds)
    if random.random() < 0.7:
        value = json.loads(raw)
        for _ in range(random.randint(1, 3)):
            _damage(random, value, json.loads(random.choice(seeds)))
        raw = json.dumps(value, ensure_ascii=random.random() < 0.5).encode(errors="surrogatepass")
    if random.random() < 0.5:
        raw = _cut(random, raw)
    if random.random() < 0.02:
        depth = random.choice([50, 2_000, 200_000])
        raw = raw[:-1] + b',"deep":' + b"[" * depth + b"]" * random.choice([0, depth]) + b"}"
    return raw


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys or positions."""
    keys: Iterable[Any] = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _damage(random: Random, value: Any, other: Any) -> None:
    """Change one place: another value, another message's value, gone, doubled or renamed."""
    places = list(_places(value))
    if not places:
        return
    holder, key = random.choice(places)
    kind = random.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        donors = list(_places(other))
        if donors:
            donor, name = random.choice(donors)
            holder[key] = donor[name]
    elif kind == 2 and isinstance(holder, list):
        holder.append(deepcopy(holder[key]))
    elif kind == 3 and isinstance(holder, dict):
        holder[random.choice(["type", "msg", "seq", "yes", "price", "ts", key + "x"])] = deepcopy(
            holder[key]
        )
    elif kind == 4 and isinstance(holder[key], str):
        holder[key] = _respelled(random, holder[key])
    else:
        holder[key] = deepcopy(random.choice(_STRANGE))


def _respelled(random: Random, text: str) -> str:
    """A text with one character changed, added or gone."""
    at = random.randint(0, len(text))
    return text[:at] + random.choice(["", "0", "9", "-", ".", " ", "e", "x"]) + text[at + 1 :]


def _cut(random: Random, raw: bytes) -> bytes:
    """Bytes flipped, inserted, doubled, removed or cut off."""
    data = bytearray(raw)
    for _ in range(random.randint(1, 4)):
        at, to = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
        kind = random.randrange(5)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[at:at] = bytes(random.choices(b'0123456789-.eE{}[]",:\\\x00\xff\xc3 nt', k=3))
        elif kind == 2:
            data[at:at] = data[at:to][:200]
        elif kind == 3:
            del data[at : min(to, at + 8)]
        elif random.random() < 0.2:
            del data[at:]
    return bytes(data)
