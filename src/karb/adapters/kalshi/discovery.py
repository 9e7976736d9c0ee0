"""Which markets are open: asked series by series, each with its event, its fee and its start.

A record that cannot be read is left out and counted with its reason; one bad record must
not cost the others. A fee is never guessed: where the record of a series or of an event is
not there or cannot be read, its markets are left out as well. An answer that is not from the
exchange says nothing about any market, so then there is no list at all. A start is what the
exchange's own schedule (a milestone) says of that very game, or nothing.

Markets that are left out although they may be open are told after each list, because a person
would miss them; that others are paused or closed is as it should be.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from karb.adapters.kalshi.errors import NotThereError
from karb.adapters.kalshi.frames import BROKEN, not_a_message
from karb.adapters.kalshi.prices import rfc3339
from karb.adapters.kalshi.rest import Events, KalshiRest, Listing
from karb.adapters.kalshi.rest_wire import Raw, decode_event, decode_listed, decode_series
from karb.domain.linking.tickers import GAME_SERIES, is_supported
from karb.domain.market.catalog import Listed
from karb.domain.market.messages import Event, MarketStatus, Series
from karb.domain.units import Nanos
from karb.errors import DataError, DecodeError, KarbError, UnreachableError

T = TypeVar("T")


class Milestone(msgspec.Struct):
    """One game in the exchange's schedule, and the events that are about it."""

    start_date: str = ""
    primary_event_tickers: list[str] | None = None
    related_event_tickers: list[str] | None = None


class _Around(NamedTuple):
    """What surrounds the markets of one series."""

    events: dict[str, Event]
    starts: dict[str, Nanos]
    series: Series


class Discovery:
    """`ports.Markets` over REST. `skipped` says what the last answer left out, and why.

    `told` hears after each list which markets are missing from it.
    """

    def __init__(self, rest: KalshiRest, told: Callable[[KarbError], object]) -> None:
        self._rest, self._told = rest, told
        self.skipped: Counter[str] = Counter()
        self._missing: list[KarbError] = []
        self._of_no_event: list[str] = []
        self._unreadable: list[str] = []

    async def open_markets(self, series: Sequence[str]) -> list[Listed]:
        """Every open market of these series, without its prices.

        Raises what `KalshiRest` does; what is no answer of the exchange's is `UnreachableError`.
        """
        self.skipped = Counter()
        self._missing, self._of_no_event, self._unreadable = [], [], []
        found: dict[str, Listed] = {}
        for name in series:
            if not is_supported(name):
                self.skipped[f"series {name}: not one that karb links"] += 1
                continue
            for listed in await self._of_series(name):
                found[listed.market.ticker] = listed
        self._tell()
        return list(found.values())

    def _tell(self) -> None:
        for error in self._missing:
            self._told(error)
        if self._of_no_event:
            self._told(_left_out(self._of_no_event, "the event, which may have a fee of its own,"))
        if self._unreadable:
            self._told(_left_out(self._unreadable, "the record"))

    async def _of_series(self, name: str) -> list[Listed]:
        try:
            terms = self._terms(name, await self._rest.series(name))
            if terms is None:
                return []
            events = await self._rest.events(name)
            markets = await self._rest.markets(name)
        except NotThereError:
            self.skipped[f"series {name}: not at the exchange"] += 1
            return []
        except DecodeError as error:
            # A list that is no list comes from something on the way, and passes.
            raise UnreachableError(error.what, means=error.means, do=error.do) from None
        return self._listed(markets, self._around(name, events, terms))

    def _terms(self, name: str, record: msgspec.Raw) -> Series | None:
        """The series with its fee; without a fee that can be read no edge can be had."""
        try:
            return decode_series(record)
        except DecodeError as error:
            self.skipped[f"series {name}: {error.what}"] += 1
            self._missing.append(_missed(f"every market of {name} is left out: {error.what}"))
            return None

    def _around(self, name: str, events: Events, terms: Series) -> _Around:
        at = events.events.at
        read = self._read(events.events.records, lambda raw: decode_event(raw, ts=at), "event")
        games = self._read(events.milestones.records, _milestone, "milestone")
        return _Around(
            {event.event_ticker: event for event in read},
            starts_of(games) if name in GAME_SERIES else {},
            terms,
        )

    def _listed(self, markets: Listing, around: _Around) -> list[Listed]:
        listed = []
        for market in self._read(
            markets.records, lambda raw: decode_listed(raw, ts=markets.at), "market"
        ):
            if market.status is not MarketStatus.ACTIVE:
                self.skipped[f"market that is {market.status or 'of no status'}"] += 1
                continue
            event = around.events.get(market.event_ticker)
            if event is None:
                # The event may have a fee of its own.
                self.skipped["market of an event that is not listed or cannot be read"] += 1
                self._of_no_event.append(market.ticker)
                continue
            listed.append(
                Listed(
                    market=market,
                    event=event,
                    series=around.series,
                    start=around.starts.get(market.event_ticker),
                    at=markets.at,
                )
            )
        return listed

    def _read(self, records: Iterable[msgspec.Raw], read: Callable[[Raw], T], what: str) -> list[T]:
        found = []
        for record in records:
            try:
                found.append(read(record))
            except DataError as error:
                self.skipped[f"{what}: {error.what}"] += 1
                if what == "market":
                    self._unreadable.append(error.what)
        return found


def _left_out(markets: Sequence[str], what: str) -> KarbError:
    many = "1 market is" if len(markets) == 1 else f"{len(markets)} markets are"
    return _missed(f"{many} left out: {what} is missing or cannot be read, e.g. {markets[0]}")


def _missed(what: str) -> KarbError:
    return DataError(
        what,
        means="no edge of theirs is seen; all the others are followed",
        do="nothing to type: the next list is read anew; if it stays so, report it with this text",
    )


def starts_of(milestones: Iterable[Milestone]) -> dict[str, Nanos]:
    """When each event's game starts; two games that name one event tell nothing about it.

    A milestone's primary events are about its game; related ones count where no game has
    the event as a primary one.
    """
    primary: defaultdict[str, set[Nanos]] = defaultdict(set)
    related: defaultdict[str, set[Nanos]] = defaultdict(set)
    for milestone in milestones:
        start = rfc3339(milestone.start_date)
        if start is None:
            continue
        for ticker in milestone.primary_event_tickers or ():
            primary[ticker].add(start)
        for ticker in milestone.related_event_tickers or ():
            related[ticker].add(start)
    return {
        ticker: start for ticker, (start, *others) in {**related, **primary}.items() if not others
    }


def _milestone(raw: Raw) -> Milestone:
    try:
        read = msgspec.json.decode(raw, type=Milestone)
    except BROKEN as error:
        raise not_a_message(error) from error
    rfc3339(read.start_date)
    return read
