"""`kalshi:m:{ticker}` as bytes for the wire: what `market_fields` says, several times faster.

Every tick comes through here. A command of Redis is its words, each behind its length, so
what repeats (the ticker's key, a price with its field's name) is made once and joined.
"""

from functools import lru_cache

from karb.adapters.redis.keys import (
    MARKET_LIFE,
    cents,
    contracts,
    market_fields,
    market_key,
    milliseconds,
)
from karb.adapters.redis.resp import command, words
from karb.domain.market.messages import Quote
from karb.domain.units import DOLLAR, Price

_FIELDS = 7
_HSET = b"*%d\r\n$4\r\nHSET\r\n" % (2 + 2 * _FIELDS)


@lru_cache(maxsize=DOLLAR + 1)
def _bid(price: Price) -> bytes:
    return words("yes_bid", cents(price), "no_ask", cents(DOLLAR - price))


@lru_cache(maxsize=DOLLAR + 1)
def _ask(price: Price) -> bytes:
    return words("yes_ask", cents(price), "no_bid", cents(DOLLAR - price))


@lru_cache(maxsize=DOLLAR + 1)
def _last(price: Price) -> bytes:
    return words("last_price", cents(price))


class MarketPack:
    """Packs one market's prices, two or three commands at a time."""

    def __init__(self, ticker: str) -> None:
        self._key = market_key(ticker)
        self._head = _HSET + words(self._key)
        self._tail = command("EXPIRE", self._key, str(MARKET_LIFE))

    def add(self, parts: list[bytes], quote: Quote, last_price: Price | None) -> int:
        """Add packed commands, in pieces, to what will be joined; how many they are."""
        bid, ask, volume, at = quote.yes_bid, quote.yes_ask, quote.volume, quote.ts_event
        if bid is None or ask is None or volume is None or last_price is None:
            return self._add_with_gaps(parts, quote, last_price)
        count, time = contracts(volume), milliseconds(quote.ts_recv if at is None else at)
        rest = (
            f"$6\r\nvolume\r\n${len(count)}\r\n{count}\r\n"
            f"$10\r\nupdated_at\r\n${len(time)}\r\n{time}\r\n"
        ).encode()
        parts += (self._head, _bid(bid), _ask(ask), _last(last_price), rest, self._tail)
        return 2

    def _add_with_gaps(self, parts: list[bytes], quote: Quote, last_price: Price | None) -> int:
        """What is not there must not stay from before; it goes first."""
        fields = market_fields(quote, last_price)
        absent = [name for name, value in fields.items() if value is None]
        present = [word for name, value in fields.items() if value for word in (name, value)]
        parts += (command("HDEL", self._key, *absent), command("HSET", self._key, *present))
        parts.append(self._tail)
        return 3
