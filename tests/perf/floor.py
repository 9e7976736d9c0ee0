"""The floor of every ratio: a typed decode of the text, and nothing else.

It reads what any client has to know of a message, and of the three kinds it may be, in the
fastest way that Python has. It imports nothing of karb: a slower decoder in karb must not
lower what karb is measured against.
"""

from typing import Final, TypeAlias

import msgspec


class TickerBody(msgspec.Struct, gc=False):
    """Prices, sizes, volume and time."""

    market_ticker: str
    yes_bid_dollars: str
    yes_ask_dollars: str
    yes_bid_size_fp: str = "0"
    yes_ask_size_fp: str = "0"
    volume_fp: str = "0"
    ts_ms: int = 0


class TradeBody(msgspec.Struct, gc=False):
    """Price, count, taker and time."""

    market_ticker: str
    yes_price_dollars: str
    count_fp: str
    taker_outcome_side: str = ""
    ts_ms: int = 0


class DeltaBody(msgspec.Struct, gc=False):
    """Price, change, side and time."""

    market_ticker: str
    price_dollars: str
    delta_fp: str
    side: str
    ts_ms: int = 0


class Ticker(msgspec.Struct, tag_field="type", tag="ticker", gc=False):
    """A frame around a ticker."""

    msg: TickerBody
    sid: int = 0


class Trade(msgspec.Struct, tag_field="type", tag="trade", gc=False):
    """A frame around a trade."""

    msg: TradeBody
    sid: int = 0


class Delta(msgspec.Struct, tag_field="type", tag="orderbook_delta", gc=False):
    """A frame around a change of a level."""

    msg: DeltaBody
    sid: int = 0
    seq: int = 0


Frame: TypeAlias = Ticker | Trade | Delta

decode: Final = msgspec.json.Decoder(Frame).decode
