"""What one pass over the sportsbooks brought, sport by sport, for screens and programs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import msgspec

from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import Offered
from karb.domain.fair.rules import FairRules
from karb.domain.market.leagues import Kind, League
from karb.domain.units import Nanos
from karb.ports import Credits


class Season(msgspec.Struct, frozen=True):
    """What one of a source's sport keys holds: a league's games, warm-ups, or its title."""

    league: League
    kind: Kind = Kind.GAME
    preseason: bool = False

    @classmethod
    def of(cls, event: OddsEvent) -> Self:
        """The season that an event belongs to."""
        return cls(event.league, event.kind, event.preseason)


class BookAge(msgspec.Struct, frozen=True):
    """How old a book's newest quote of a sport is: a book that froze gets older every pass."""

    book: str
    age: Nanos
    limit: Nanos

    @property
    def late(self) -> bool:
        """Too old to count: the consensus of every game of the sport does without it."""
        return self.age > self.limit


class SportReport(msgspec.Struct, frozen=True, kw_only=True):
    """One sport of a pass. `failed` says why nothing came; `absent`: it is out of season.

    `priced` events have a fair price. `books` are those that count and have a quote of a game
    that has not begun; `oldest` is the age of the oldest such quote.
    """

    sport: str
    season: Season
    events: int = 0
    priced: int = 0
    books: tuple[BookAge, ...] = ()
    oldest: Nanos | None = None
    absent: bool = False
    failed: str = ""

    @property
    def late(self) -> tuple[BookAge, ...]:
        """The books whose newest quote is too old."""
        return tuple(book for book in self.books if book.late)


class PassReport(msgspec.Struct, frozen=True, kw_only=True):
    """One pass. `gone` events left the shared table; `stores` says what a store did not take.

    `lasting` is how far apart passes like this one must lie for the credits to last the
    month; None where the source did not say how many are left.
    """

    at: Nanos
    sports: tuple[SportReport, ...]
    credits: Credits | None
    lasting: Nanos | None
    gone: int
    stores: tuple[str, ...] = ()

    @property
    def asked(self) -> int:
        """How many sports were in season, and cost something."""
        return sum(not sport.absent for sport in self.sports)

    @property
    def failed(self) -> bool:
        """Whether a sport did not come."""
        return any(sport.failed for sport in self.sports)


def sport_report(
    sport: str, season: Season, offers: Sequence[Offered], rules: FairRules
) -> SportReport:
    """What came for one sport."""
    ages = _ages(offers, rules)
    return SportReport(
        sport=sport,
        season=season,
        events=len(offers),
        priced=sum(bool(offered.fair) for offered in offers),
        books=tuple(BookAge(book, min(ages[book]), rules.age_limit(book)) for book in sorted(ages)),
        oldest=max(map(max, ages.values()), default=None),
    )


def _ages(offers: Iterable[Offered], rules: FairRules) -> Mapping[str, list[Nanos]]:
    """The ages of every book's quotes; a game that runs says nothing about a feed's health."""
    ages: dict[str, list[Nanos]] = {}
    for offered in offers:
        if offered.event.start > offered.at:
            for quote in offered.event.quotes:
                if quote.book in rules.books:
                    ages.setdefault(quote.book, []).append(max(0, offered.at - quote.updated))
    return ages
