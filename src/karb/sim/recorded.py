"""Static mode: recorded answers of the two venues, read once and served as they are.

Every shape that Kalshi answers in, as a list or a single thing (`markets`, `market`, `events`,
`event`, `series`, `milestones`, `milestone`, `orderbooks`, `orderbook_fp`), a market by itself,
and lists of The Odds API's events; a later file's answer replaces an earlier one's. An order
book without a ticker is named after it by its file. What is in none of these shapes refuses the
start.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from karb.sim import answers
from karb.sim.candles import Candle
from karb.sim.catalog import Row, Shown
from karb.sim.recorded_book import best_prices, figures, recorded_book
from karb.sim.recorded_files import RecordedError, documents
from karb.sim.recorded_rows import (
    Json,
    event_row,
    market_row,
    milestone_row,
    name_of,
    objects,
    series_row,
)

_BOOKS = ("orderbook_fp", "orderbook")
"""How a book is called today, and until March 2026."""


class Recorded:
    """Recorded answers as a catalog, and the recorded odds by sport.

    `RecordedError` when a file cannot be served.
    """

    def __init__(self, path: Path) -> None:
        self._markets: dict[str, Row] = {}
        self._events: dict[str, Row] = {}
        self._series: dict[str, Row] = {}
        self._milestones: dict[str, Row] = {}
        self._best: dict[str, Shown] = {}
        self._books: dict[str, Shown] = {}
        self._odds: dict[str, Json] = {}
        self._takers: Mapping[str, Callable[[Json], None]] = {
            "markets": self._market,
            "market": self._market,
            "events": self._event,
            "event": self._event,
            "series": self._one_series,
            "milestones": self._milestone,
            "milestone": self._milestone,
            "orderbooks": self._orderbook,
        }
        for file, document in documents(path):
            with _named(file):
                self._read(file, document)

    @property
    def odds(self) -> dict[str, list[Json]]:
        """The recorded odds events of each sport."""
        found: dict[str, list[Json]] = {}
        for event in self._odds.values():
            found.setdefault(event["sport_key"], []).append(event)
        return found

    def markets(self) -> list[Row]:
        """Every recorded market, those inside of events too."""
        return list(self._markets.values())

    def events(self, *, nested: bool) -> list[Row]:
        """Every recorded event."""
        if not nested:
            return list(self._events.values())
        inside: dict[str, list[object]] = {ticker: [] for ticker in self._events}
        for row in self._markets.values():
            inside.setdefault(row.event, []).append(row.body)
        return [
            row._replace(body={**row.body, "markets": inside[row.key]})
            for row in self._events.values()
            if isinstance(row.body, dict)
        ]

    def series(self) -> list[Row]:
        """Every recorded series."""
        return list(self._series.values())

    def milestones(self) -> list[Row]:
        """Every recorded milestone."""
        return list(self._milestones.values())

    def trades(self) -> list[Row]:
        """None: trades are not served from files."""
        return []

    def live_data(self) -> list[Row]:
        """None: how games stand is not served from files."""
        return []

    def targets(self) -> list[Row]:
        """None: teams are not served from files."""
        return []

    def candles(self, ticker: str, period: int) -> Sequence[Candle]:
        """None: nothing moves."""
        del ticker, period
        return ()

    def sports(self) -> object | None:
        """None: it is not served from files."""
        return None

    def tickers(self) -> Iterable[str]:
        """Every market, and every book whose market was not recorded."""
        return self._best | self._books

    def shown(self, ticker: str) -> Shown | None:
        """A market's recorded book, or else its best prices as one; its recorded figures."""
        best, whole = self._best.get(ticker), self._books.get(ticker)
        if best is None or whole is None:
            return whole or best
        return whole._replace(figures=best.figures)

    def orderbook(self, ticker: str, depth: int, *, named: bool) -> object | None:
        """A recorded book, or else the best prices as one."""
        shown = self.shown(ticker)
        if shown is None:
            return None
        return answers.orderbook_answer(shown.book, depth, ticker if named else "")

    def _read(self, file: Path, document: object) -> None:
        parts = list(_parts(document))
        taken = [self._take(file, part) for part in parts]
        if document != [] and not any(taken):
            found = f"an object of {', '.join(list(parts[0])[:4])}" if parts else "something else"
            raise RecordedError(
                "neither markets, events, series, milestones, a book nor odds as the venues "
                f"answer them, but {found}"
            )

    def _take(self, file: Path, part: Json) -> bool:
        """Keep what an object holds; False when that is nothing known."""
        known = self._takers.keys() & part.keys()
        for name in known:
            for each in objects(part[name], name):
                self._takers[name](each)
        if any(name in part for name in _BOOKS):
            self._orderbook({"ticker": _name_of(file)} | part)
        elif "sport_key" in part:
            self._odds[name_of(part, "id", "an odds event")] = part
        elif "ticker" in part and "event_ticker" in part:
            self._market(part)
        else:
            return bool(known)
        return True

    def _market(self, body: Json) -> None:
        row = market_row(body)
        self._markets[row.key] = row
        self._best[row.key] = Shown(best_prices(body), 1, figures(body))

    def _event(self, body: Json) -> None:
        inside = list(objects(body.get("markets"), "markets"))
        for market in inside:
            self._market(market)
        row = event_row(body, [market_row(market) for market in inside])
        self._events[row.key] = row

    def _one_series(self, body: Json) -> None:
        row = series_row(body)
        self._series[row.key] = row

    def _milestone(self, body: Json) -> None:
        row = milestone_row(body)
        self._milestones[row.key] = row

    def _orderbook(self, body: Json) -> None:
        ticker = name_of(body, "ticker", "a book")
        sides = next((body[name] for name in _BOOKS if name in body), None)
        if not isinstance(sides, dict):
            raise RecordedError(f"the book of {ticker} is not an object")
        self._books[ticker] = Shown(recorded_book(ticker, sides), 1, None)


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Name the file in whatever is wrong with it."""
    try:
        yield
    except RecordedError as error:
        raise RecordedError(f"{file}: {error}") from None


def _name_of(file: Path) -> str:
    """`KX-1-A.orderbook.json.gz` is the book of `KX-1-A`."""
    return file.name.removesuffix(".gz").removesuffix(".json").removesuffix(".orderbook")


def _parts(content: object) -> Iterator[Json]:
    """The objects of an answer, also out of the historical wrapper of odds."""
    if isinstance(content, dict) and isinstance(content.get("data"), list | dict):
        content = content["data"]
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, dict):
            yield part
