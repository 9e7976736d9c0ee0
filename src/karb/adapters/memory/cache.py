"""A hot cache that ends with the process: for tests, and as the model of the one in Redis."""

from collections.abc import Iterable

from karb.adapters.redis.keys import (
    EVENTS,
    LAST_UPDATE,
    MARKETS,
    consensus_key,
    events_key,
    market_fields,
    market_key,
    milliseconds,
    odds_fields,
    odds_key,
)
from karb.domain.fair.offered import Offered
from karb.domain.market.leagues import League
from karb.domain.market.messages import Quote


class MemoryCache:
    """The port `HotCache`. What is kept, by the specification's keys."""

    def __init__(self) -> None:
        self.strings: dict[str, str] = {}
        self.hashes: dict[str, dict[str, str]] = {}
        self.sets: dict[str, set[str]] = {}
        self._of_odds: set[str] = set()

    def put_quote(self, quote: Quote, last_price: int | None) -> None:
        """Keep the newest quote of a market."""
        fields = market_fields(quote, last_price)
        self.hashes[market_key(quote.ticker)] = {
            name: value for name, value in fields.items() if value is not None
        }
        self._set(MARKETS, self.sets.get(MARKETS, set()) | {quote.ticker})

    def close_market(self, ticker: str) -> None:
        """A market is over: it leaves the set of active ones."""
        self._set(MARKETS, self.sets.get(MARKETS, set()) - {ticker})

    async def put_odds(self, offered: Iterable[Offered]) -> None:
        """Keep every book's odds and the consensus, of these events and no others."""
        events = list(offered)
        for key in self._of_odds:
            self.strings.pop(key, None)
            self.hashes.pop(key, None)
        self._of_odds.clear()
        for each in events:
            self._keep(each)
        self._set(EVENTS, {each.event.id for each in events})
        for league in League:
            self._set(events_key(league), {e.event.id for e in events if e.event.league is league})
        if events:
            self.strings[LAST_UPDATE] = milliseconds(max(each.at for each in events))

    def _keep(self, offered: Offered) -> None:
        event = offered.event
        for outcome, fair in offered.fair.items():
            fields = odds_fields(fair, offered.at)
            hash_, string = (
                odds_key(event.league, event.id, outcome),
                consensus_key(event.id, outcome),
            )
            self.hashes[hash_], self.strings[string] = fields, fields["consensus"]
            self._of_odds |= {hash_, string}

    def _set(self, key: str, members: set[str]) -> None:
        """A set without members is not there, as in Redis."""
        if members:
            self.sets[key] = members
        else:
            self.sets.pop(key, None)
