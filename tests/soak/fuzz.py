"""Damage valid messages and see that a decoder gives a value or one `DecodeError`.

The suite does this for seconds with Hypothesis choosing the damage; `soak.py` for minutes.
A value is looked into as well: a price outside a dollar would be worse than an error.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from karb.adapters.kalshi.decode import Control, decode_frame
from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.rest_wire import (
    decode_event,
    decode_market,
    decode_orderbook,
    decode_series,
)
from karb.adapters.kalshi.ticks import tick_in
from karb.domain.edge.bounds import Thresholds
from karb.domain.edge.fees import multiplier_of
from karb.domain.market.grid import checked_grid
from karb.domain.market.messages import (
    BookDelta,
    BookSnapshot,
    Event,
    Fill,
    Lifecycle,
    Market,
    OrderUpdate,
    Quote,
    Series,
    Trade,
)
from karb.domain.units import CASH_PER_DOLLAR, DOLLAR, SECOND
from karb.errors import DecodeError
from soak.seeds import BEFORE, BOOKS, EVENTS, FRAMES, MARKETS, ODDS, SERIES, TICKER
from text_paths import text_path

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


def _run_frame(raw: bytes) -> None:
    _run_text(raw)
    _check_message(decode_frame(raw, ts_recv=NOW))


def _run_text(raw: bytes) -> None:
    """The short way must keep only levels that can be, and quotes that can be true."""
    path, heard = text_path(now=NOW)
    path.announce(TICKER, Thresholds(ask=DOLLAR, bid=0), alert=True)
    path.on_text(BEFORE)
    try:
        path.on_text(raw)
        path.changed_at(TICKER)
    except DecodeError:
        expect(all(quote.ticker != TICKER for quote in heard.quotes), heard.quotes)
    with suppress(DecodeError):  # what history keeps is read whole, its last price too
        for kept in heard.tape:
            _check_quote(tick_in(kept, NOW).quote)
    for quote in heard.quotes:
        _check_quote(quote)
    for book in path.books.values():
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
    expect(quote.ts_event is not None and 0 <= quote.ts_event < _FAR, quote)


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
    expect(text is None or re.fullmatch(r"\d{1,2}(\.\d+)?", text) is not None, what)
    expect(text is None or multiplier_of(text) <= 100_000, what)


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
