"""The port `HotCache` over Redis: the specification's keys, written behind."""

from collections.abc import Callable, Iterable

from karb.adapters.redis.market_keys import MarketKeys
from karb.adapters.redis.odds_keys import OddsKeys
from karb.adapters.redis.writer import Writer
from karb.domain.fair.offered import Offered
from karb.domain.market.messages import Quote
from karb.domain.units import Nanos

TAKEN_WITHIN = 5.0
"""Seconds that odds may take to be written."""


class RedisCache:
    """Marks for `writer`, which somebody else runs. `live` says of a market whether its book is."""

    def __init__(
        self,
        writer: Writer,
        *,
        live: Callable[[str], bool],
        now: Callable[[], Nanos],
        within: float = TAKEN_WITHIN,
    ) -> None:
        self._writer, self._within = writer, within
        self._markets, self._odds = MarketKeys(live), OddsKeys(now)
        writer.add(self._markets)
        writer.add(self._odds)

    def put_quote(self, quote: Quote, last_price: int | None) -> None:
        """Mark the newest quote of a market; written with the next flush."""
        self._markets.put(quote, last_price)
        self._writer.wake()

    def close_market(self, ticker: str) -> None:
        """A market is over: it leaves the set of active ones."""
        self._markets.close(ticker)
        self._writer.wake()

    async def put_odds(self, offered: Iterable[Offered]) -> None:
        """Write every book's odds and the consensus; events that are gone leave the sets.

        Raises `StoreDownError` when the server has not taken them in time. They are written
        all the same once it is back.
        """
        self._odds.put(offered)
        await self._writer.drained(self._within)
