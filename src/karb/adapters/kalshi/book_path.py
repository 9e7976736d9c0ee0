"""The short way from an order book text to the best prices.

Changes of levels are most of what the exchange sends. Building a message for each would
cost more than reading it, so here a delta goes from its text straight into its book: one
decode of the four fields that matter, one look-up each for market, price and count, one
call. It does what `decode_frame` and `Book.apply_delta` do together, which a property test
holds it to; deltas in another spelling or format take that way.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import msgspec

from karb.adapters.kalshi.decode import message_of
from karb.adapters.kalshi.frames import BROKEN, Ignored, read_frame
from karb.adapters.kalshi.prices import COUNTS, PRICES
from karb.adapters.kalshi.wire import (
    DeltaFrame,
    ErrorFrame,
    FillFrame,
    Frame,
    LifecycleFrame,
    OkFrame,
    OrderFrame,
    SnapshotFrame,
    SubscribedFrame,
    TickerFrame,
    TradeFrame,
    UnsubscribedFrame,
)
from karb.domain.market.book import Book
from karb.domain.market.messages import BookDelta
from karb.domain.units import DOLLAR, Price


class ChangeBody(msgspec.Struct, gc=False):
    """What changes a level, and nothing else."""

    market_ticker: str
    price_dollars: str = ""
    delta_fp: str = ""
    side: str = ""


class ChangeFrame(msgspec.Struct, tag_field="type", tag="orderbook_delta", gc=False):
    """An `orderbook_delta` frame, read only as far as it is applied."""

    msg: ChangeBody
    sid: int
    seq: int


OtherFrame: TypeAlias = (
    TickerFrame
    | SnapshotFrame
    | TradeFrame
    | LifecycleFrame
    | FillFrame
    | OrderFrame
    | SubscribedFrame
    | OkFrame
    | UnsubscribedFrame
    | ErrorFrame
)

_DECODER: Final = msgspec.json.Decoder(ChangeFrame | OtherFrame)
# The usual spellings of a price at which an order can rest, as YES prices of either side.
_AS_TOLD: Final[dict[str, Price]] = {t: p for t, p in PRICES.items() if 0 < p < DOLLAR}
_MIRRORED: Final[dict[str, Price]] = {t: DOLLAR - p for t, p in _AS_TOLD.items()}


def delta_path(
    books: Mapping[str, Book],
    *,
    on_frame: Callable[[Frame | Ignored], object],
    use_yes_price: bool = False,
) -> Callable[[bytes], Book | None]:
    """A function that takes every text of a connection and applies the deltas among them.

    It returns the book of a delta, with `needs_snapshot` true when the change could not be
    applied, and None for a market without a book here. Every other frame goes to `on_frame`.
    `DecodeError`, and no change, for a text that is not a message or cannot be true.
    """
    decode, change_frame, get, counts = _DECODER.decode, ChangeFrame, books.get, COUNTS
    bid_prices, ask_prices = _AS_TOLD, _AS_TOLD if use_yes_price else _MIRRORED

    def on_text(raw: bytes) -> Book | None:
        try:
            frame = decode(raw)
        except BROKEN:
            on_frame(read_frame(raw))
            return None
        if frame.__class__ is not change_frame:
            on_frame(frame)
            return None
        body: ChangeBody = frame.msg
        book = get(body.market_ticker)
        if book is None:
            return None
        try:
            if body.side == "yes":
                book.change_bid(bid_prices[body.price_dollars], counts[body.delta_fp])
            elif body.side == "no":
                book.change_ask(ask_prices[body.price_dollars], counts[body.delta_fp])
            else:
                _unusual(book, raw, use_yes_price)
        except KeyError:
            _unusual(book, raw, use_yes_price)
        return book

    return on_text


def _unusual(book: Book, raw: bytes, use_yes_price: bool) -> None:
    """Apply a delta in another spelling or in the format of whole cents."""
    frame = read_frame(raw)
    if isinstance(frame, DeltaFrame):
        message = message_of(frame, ts_recv=0, use_yes_price=use_yes_price)
        if isinstance(message, BookDelta):
            book.apply_delta(message)
