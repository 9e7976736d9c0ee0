"""The prices of another process, for a detector: what `karb stream` publishes, followed.

The stand-in for a connection of one's own. Entries are whole states, the newest of each
market; one whose book is not live, or that stands on a broken line to the publisher, offers
nothing.
"""

from collections.abc import Callable

from karb.domain.edge.bounds import CLOSED, Thresholds
from karb.domain.market.messages import Quote
from karb.domain.units import Nanos
from karb.ports import News, Quoted


class FollowedPrices:
    """Takes `News` of quotes; `on_quote` and `on_gone` are the detector's.

    `alive_at` is when the publisher was last heard of, also when it had no news.
    """

    def __init__(
        self,
        *,
        on_quote: Callable[[Quote], object],
        on_gone: Callable[[str], object],
        now: Callable[[], Nanos],
    ) -> None:
        self._on_quote, self._on_gone, self._now = on_quote, on_gone, now
        self._limits: dict[str, tuple[Thresholds, bool]] = {}
        self._quotes: dict[str, Quoted] = {}
        self.alive_at: Nanos = 0
        self.taken = 0

    @property
    def known(self) -> int:
        """How many markets have prices."""
        return len(self._quotes)

    @property
    def live(self) -> int:
        """How many of them may be decided on."""
        return sum(quoted.live for quoted in self._quotes.values())

    def announce(self, ticker: str, limits: Thresholds | None, alert: bool) -> None:
        """Take the detector's bounds for a market; None: nothing of it matters any more."""
        if limits is None:
            self._limits.pop(ticker, None)
        else:
            self._limits[ticker] = limits, alert

    def newest(self, ticker: str) -> Quote | None:
        """What may be decided on now; None without a live book."""
        quoted = self._quotes.get(ticker)
        return quoted.quote if quoted is not None and quoted.live else None

    def on_news(self, news: News) -> None:
        """Take what changed."""
        self.alive_at = self._now()
        if news.whole:
            for ticker in self._quotes.keys() - news.entries.keys():
                self._take(ticker, None)
        for ticker, quoted in news.entries.items():
            self._take(ticker, quoted)

    def lose(self) -> None:
        """The line to the publisher is broken: nothing heard before may be decided on."""
        self._quotes.clear()

    def _take(self, ticker: str, quoted: Quoted | None) -> None:
        self.taken += 1
        if quoted is None:
            self._quotes.pop(ticker, None)
        else:
            self._quotes[ticker] = quoted
        limits, alert = self._limits.get(ticker, (CLOSED, False))
        quote = self.newest(ticker)
        if quote is not None and not limits.excludes(quote.yes_bid, quote.yes_ask):
            self._on_quote(quote)
        elif alert:
            self._on_gone(ticker)
