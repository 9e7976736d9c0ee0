"""The newest prices of every market, marked: `kalshi:m:{ticker}` and `kalshi:markets`.

Prices are renewed while their book is live. Of a book that is lost nothing is known any more,
so they expire. A member of the set whose hash has expired is taken out when a connection
begins and with every renewal; a process that was killed leaves such members, too.
"""

from collections.abc import Callable
from typing import Any

from karb.adapters.redis.keys import MARKETS, market_key
from karb.adapters.redis.market_pack import MarketPack
from karb.adapters.redis.resp import command
from karb.adapters.redis.writer import Packed, oldest
from karb.domain.market.messages import Quote
from karb.domain.units import Price

_SWEEP = """
for _, ticker in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('EXISTS', ARGV[1] .. ticker) == 0 then redis.call('SREM', KEYS[1], ticker) end
end
"""
_SWEEPING = command("EVAL", _SWEEP, "1", MARKETS, market_key(""))


class MarketKeys:
    """A source of the writer. `live` says whether the book of a market is live now."""

    def __init__(self, live: Callable[[str], bool]) -> None:
        self._live = live
        self._newest: dict[str, tuple[Quote, Price | None]] = {}
        self._packs: dict[str, MarketPack] = {}
        self._marked: dict[str, None] = {}
        self._closed: dict[str, None] = {}
        self._leaving: list[str] = []
        self._sweep = False

    def put(self, quote: Quote, last_price: Price | None) -> None:
        """Mark the newest quote of a market."""
        ticker = quote.ticker
        self._newest[ticker] = quote, last_price
        self._marked[ticker] = None

    def close(self, ticker: str) -> None:
        """A market is over: its last prices stay until they expire."""
        self._newest.pop(ticker, None)
        self._packs.pop(ticker, None)
        self._marked.pop(ticker, None)
        self._closed[ticker] = None

    def begin(self, epoch: int) -> None:
        """Mark everything that lives, and what may not have left the set."""
        del epoch
        self._closed.update(dict.fromkeys(self._leaving))
        self._leaving = []
        self.renew()

    def beat(self) -> None:
        """Nobody waits for signs of life here."""

    def renew(self) -> None:
        """Mark everything that lives."""
        self._marked = dict.fromkeys(filter(self._live, self._newest))
        self._sweep = True

    def pack(self, room: int) -> Packed | None:
        """HSET and EXPIRE for each market, one SREM and one SADD for all of them."""
        tickers = oldest(self._marked, room)
        if not (tickers or self._closed or self._sweep):
            return None
        parts, replies = self._left()
        packs, newest = self._packs, self._newest
        for ticker in tickers:
            pack = packs.get(ticker) or self._first(ticker)
            replies += pack.add(parts, *newest[ticker])
        if tickers:
            parts.append(command("SADD", MARKETS, *tickers))
        if sweeping := self._sweep and not self._marked:
            parts.append(_SWEEPING)
            self._sweep = False
        replies += bool(tickers) + sweeping
        return Packed(b"".join(parts), replies, len(tickers), len(tickers), bool(self._marked))

    def settle(self, replies: list[Any]) -> bool:
        """What left the set has left."""
        del replies
        self._leaving = []
        return True

    def _left(self) -> tuple[list[bytes], int]:
        """Who leaves the set. It goes first: who is in both has come back since."""
        if not self._closed:
            return [], 0
        self._leaving, self._closed = list(self._closed), {}
        return [command("SREM", MARKETS, *self._leaving)], 1

    def _first(self, ticker: str) -> MarketPack:
        pack = self._packs[ticker] = MarketPack(ticker)
        return pack
