"""Keeps a detector's markets joined: what the exchange lists, which game it is, what books say.

News of the three tables come in any order and again at any time. A market is watched once
it is listed and linked and its odds event is there; its consensus is joined when it changes
and taken away when there is none. Nothing here looks at a price, except for the two markets
of one game: middles that do not add up mean that a link or a feed is wrong, and quarantine
both (a price condition, which is why linking leaves it to this place).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from karb.domain.edge.fees import FeeSchedule
from karb.domain.edge.siblings import misfits
from karb.domain.edge.situation import Listing
from karb.domain.fair.answers import Consensus
from karb.domain.fair.offered import Offered
from karb.domain.fair.rules import FairRules
from karb.domain.linking.links import Link, NoLink
from karb.domain.market.catalog import Listed
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import MarketStatus, Quote
from karb.domain.units import Nanos
from karb.ports import News, Topic

Reason = tuple[str, str]
"""The stage that a market fell out at, and why."""


class Missing(NamedTuple):
    """A listed market that cannot be judged: the stage that it fell out at, and why."""

    ticker: str
    event_ticker: str
    league: League | None
    stage: str
    reason: str
    detail: str


class Detector(Protocol):
    """What this service needs of an `EdgeDetector`."""

    def update(  # noqa: D102 - see EdgeDetector
        self, listings: Iterable[Listing], consensus: Mapping[str, Consensus | None]
    ) -> None: ...
    def forget(self, ticker: str) -> None: ...  # noqa: D102


class Detection:
    """Takes `News`, and tells the detector what follows. One per detector."""

    def __init__(
        self,
        detector: Detector,
        *,
        rules: FairRules,
        schedule: FeeSchedule,
        newest: Callable[[str], Quote | None],
        now: Callable[[], Nanos],
    ) -> None:
        self._detector, self._rules, self._schedule = detector, rules, schedule
        self._newest, self._now = newest, now
        self._listed: dict[str, Listed] = {}
        self._answers: dict[str, Link | NoLink] = {}
        self._offered: dict[str, Offered] = {}
        self._of_event: defaultdict[str, set[str]] = defaultdict(set)
        self._quarantined: set[str] = set()
        self._watched: dict[str, Listing] = {}
        self._joined: dict[str, Consensus | None] = {}

    @property
    def watched(self) -> Mapping[str, Listing]:
        """The markets that are joined, by ticker."""
        return self._watched

    @property
    def listed(self) -> int:
        """How many markets the exchange lists."""
        return len(self._listed)

    def consensus(self, ticker: str) -> Consensus | None:
        """What the books say about a watched market now."""
        return self._joined.get(ticker)

    def link(self, ticker: str) -> Link | None:
        """The game of a market."""
        answer = self._answers.get(ticker)
        return answer if isinstance(answer, Link) else None

    def on_news(self, news: News) -> None:
        """Take what changed in a table."""
        match news.topic:
            case Topic.MARKETS:
                self._refresh(_taken(self._listed, news))
            case Topic.LINKS:
                self._refresh(self._relinked(news))
            case Topic.ODDS:
                self._refresh(self._repriced(news))
            case Topic.QUOTES:
                raise AssertionError("prices do not come by this way")

    def check_siblings(self) -> None:
        """Quarantine the games whose two prices do not fit, and free those that do again.

        Prices count before the start only: in play each moves before the other.
        """
        now = self._now()
        quotes = (
            (listing.event_ticker, quote)
            for ticker, listing in self._watched.items()
            if listing.kind is Kind.GAME
            and now < listing.start
            and (quote := self._newest(ticker)) is not None
        )
        odd = misfits(quotes)
        changed, self._quarantined = odd ^ self._quarantined, odd
        self._refresh([t for t, each in self._watched.items() if each.event_ticker in changed])

    def missing(self) -> Iterator[Missing]:
        """Every listed market that is not watched, or watched without a fair price."""
        for ticker, listed in self._listed.items():
            answer = self._answers.get(ticker)
            why = self._why(answer)
            if why is not None:
                league = None if answer is None else answer.league
                yield Missing(ticker, listed.market.event_ticker, league, *why)

    def unjoined(self) -> Counter[Reason]:
        """The same by stage and reason, and how many."""
        return Counter((each.stage, each.reason) for each in self.missing())

    def _relinked(self, news: News) -> set[str]:
        changed = _taken(self._answers, news)
        for tickers in self._of_event.values():
            tickers.difference_update(changed)
        for ticker in changed:
            if (link := self.link(ticker)) is not None:
                self._of_event[link.odds_event_id].add(ticker)
        return changed

    def _repriced(self, news: News) -> set[str]:
        changed = _taken(self._offered, news)
        for event_id in changed & self._offered.keys():
            self._offered[event_id] = self._offered[event_id].under(self._rules)
        return {ticker for event_id in changed for ticker in self._of_event.get(event_id, ())}

    def _refresh(self, tickers: Iterable[str]) -> None:
        """Look at markets again; the detector hears of all at once, in one order everywhere."""
        watched: dict[str, Listing] = {}
        joined: dict[str, Consensus | None] = {}
        for ticker in sorted(tickers):
            listed, link = self._listed.get(ticker), self.link(ticker)
            offered = None if link is None else self._offered.get(link.odds_event_id)
            if listed is None or link is None or offered is None:
                self._forget(ticker)
            else:
                watched[ticker] = self._listing(listed, link, offered)
                joined[ticker] = offered.fair.get(link.outcome)
        self._update(watched, joined)

    def _forget(self, ticker: str) -> None:
        if self._watched.pop(ticker, None) is not None:
            self._joined.pop(ticker, None)
            self._detector.forget(ticker)

    def _update(
        self, watched: Mapping[str, Listing], joined: Mapping[str, Consensus | None]
    ) -> None:
        """Tell the detector what is different."""
        listings = {t: each for t, each in watched.items() if self._watched.get(t) != each}
        consensus = {t: each for t, each in joined.items() if self._joined.get(t) != each}
        self._watched |= listings
        self._joined |= consensus
        if listings or consensus:
            self._detector.update(listings.values(), consensus)

    def _listing(self, listed: Listed, link: Link, offered: Offered) -> Listing:
        market, start = listed.market, offered.event.start
        seen = offered.event.starts_seen
        return Listing(
            ticker=market.ticker,
            event_ticker=market.event_ticker,
            league=link.league,
            kind=link.kind,
            team=link.outcome,
            start=start,
            terms=self._schedule.terms(
                market.series, self._now(), listed=listed.series, event=listed.event
            ),
            start_moved=link.moved or (bool(seen) and seen[-1] != start),
            open=market.status is MarketStatus.ACTIVE,
            closes=market.close_time,
            quarantined=market.event_ticker in self._quarantined,
            grid=market.grid,
        )

    def _why(self, answer: Link | NoLink | None) -> tuple[str, str, str] | None:
        """Stage, reason and detail; None for a market that has all it needs."""
        if answer is None:
            return "link", "not_yet_linked", "karb map-events has not answered it yet"
        if isinstance(answer, NoLink):
            return "link", answer.reason.value, answer.detail
        offered = self._offered.get(answer.odds_event_id)
        if offered is None:
            return "odds", "no_odds_now", f"the odds do not have event {answer.odds_event_id} now"
        none = offered.none.get(answer.outcome)
        return None if none is None else ("consensus", none.reason.value, none.detail)


def _taken(table: dict[str, Any], news: News) -> set[str]:
    """Bring a table up to date; the keys that may have changed."""
    gone = table.keys() - news.entries.keys() if news.whole else set()
    for key in gone:
        del table[key]
    for key, value in news.entries.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return gone | news.entries.keys()
