"""A pass over the sportsbooks: what reaches which sink, what stays, what a bad day costs."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import msgspec
import pytest

from karb.domain.fair.odds import BookQuote, OddsEvent, OddsSnapshot
from karb.domain.fair.offered import offer
from karb.domain.fair.rules import FairRules
from karb.domain.market.leagues import Kind, League
from karb.domain.units import HOUR, SECOND, Nanos
from karb.errors import (
    AuthRefusedError,
    ConfigError,
    KarbError,
    StoreDownError,
    UnreachableError,
)
from karb.ports import Credits, Fetched, News, Topic
from karb.services.odds import CACHED, OVER, UNPACED, OddsIngest, Outcome
from karb.services.odds_report import BookAge, PassReport, Season, SportReport
from karb.services.tables import whole_of
from odds_stores import Stores

NOW: Nanos = 1_795_000_000 * SECOND
RULES = FairRules()
GAMES, TITLE, NBA = "nfl", "nfl_title", "nba"
SPORTS = {
    GAMES: Season(League.NFL),
    TITLE: Season(League.NFL, Kind.CHAMPION),
    NBA: Season(League.NBA),
}
BOOKS = ("draftkings", "fanduel", "betmgm")


def game(
    name: str = "g1",
    *,
    league: League = League.NFL,
    start: Nanos = NOW + HOUR,
    ages: Mapping[str, int] = dict.fromkeys(BOOKS, 30),
) -> OddsEvent:
    quotes = tuple(
        BookQuote(book=book, odds={"Home": 1.9, "Away": 2.0}, updated=NOW - age * SECOND)
        for book, age in ages.items()
    )
    return OddsEvent(
        id=name,
        league=league,
        kind=Kind.GAME,
        home="Home",
        away="Away",
        start=start,
        quotes=quotes,
    )


def fetched(*events: OddsEvent, remaining: int | None = 100, **more: Any) -> Fetched:
    told = None if remaining is None else Credits(remaining=remaining, used=5, last=2, at=NOW)
    snapshot = OddsSnapshot(at=NOW, origin="test", events=events)
    return Fetched(snapshots=(snapshot,), credits=told, **more)


class Source:
    """Answers each pass with the next of `answers`; the last one stays."""

    def __init__(self, *answers: Fetched | KarbError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, ...]] = []

    async def fetch(self, sports: Sequence[str]) -> Fetched:
        self.asked.append(tuple(sports))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, KarbError):
            raise answer
        return answer


@contextmanager
def alone() -> Iterator[bool]:
    yield True


@contextmanager
def taken() -> Iterator[bool]:
    yield False


class EndedError(Exception):
    """The test has seen enough passes."""


class Clock:
    """A clock that moves by sleeping alone; after `passes` sleeps the test ends.

    `set_back` is how far the time of day lies behind where it was.
    """

    def __init__(self, passes: int = 1) -> None:
        self.at, self.left = NOW, passes
        self.set_back: Nanos = 0
        self.naps: list[Nanos] = []

    def __call__(self) -> Nanos:
        return self.at - self.set_back

    def spent(self) -> Nanos:
        return self.at - NOW

    async def sleep(self, seconds: float) -> None:
        self.naps.append(round(seconds * SECOND))
        self.at += self.naps[-1]
        self.left -= 1
        if not self.left:
            raise EndedError


def ingest(
    source: Source,
    stores: Stores,
    *,
    clock: Clock | None = None,
    single: Callable[[], AbstractContextManager[bool]] = alone,
) -> OddsIngest:
    clock = clock or Clock()
    return OddsIngest(
        source,
        SPORTS,
        stores.sinks,
        rules=RULES,
        pace=lambda credit, sports: sports * 100 * SECOND if credit.remaining else None,
        single=single,
        now=clock,
        clock=clock.spent,
        sleep=clock.sleep,
    )


def one(service: OddsIngest) -> PassReport:
    report = asyncio.run(service.once())
    assert report is not None
    return report


def of(report: PassReport, sport: str) -> SportReport:
    (found,) = (each for each in report.sports if each.sport == sport)
    return found


def test_a_pass_prices_every_event_and_hands_it_to_every_sink() -> None:
    stores, event = Stores(), game()
    report = one(ingest(Source(fetched(event)), stores))
    assert stores.table == {"g1": offer(event, at=NOW, rules=RULES)}
    assert stores.table["g1"].fair.keys() == {"Home", "Away"}
    assert stores.cached == ["g1"]
    assert stores.rows == [("g1", NOW)]
    assert stores.noted == [report.credits]
    assert report.stores == ()


def test_a_report_counts_events_prices_and_ages_by_sport() -> None:
    priced, thin = game(), game("g2", ages={"draftkings": 100, "kalshi": 5_000})
    report = one(ingest(Source(fetched(priced, thin, absent=(NBA,))), Stores()))
    assert of(report, GAMES) == SportReport(
        sport=GAMES,
        season=Season(League.NFL),
        events=2,
        priced=1,
        books=tuple(BookAge(book, 30 * SECOND, 180 * SECOND) for book in sorted(BOOKS)),
        oldest=100 * SECOND,
    )
    assert of(report, TITLE).events == 0
    assert of(report, NBA).absent
    assert (report.asked, report.failed) == (2, False)


def test_a_book_that_froze_is_late_and_leaves_the_fair_price() -> None:
    """Its newest quote anywhere is too old; one old quote among new ones is no frozen book."""
    frozen = {"draftkings": 30, "fanduel": 40, "betmgm": 900}
    one_old = game("g2", ages={"draftkings": 800, "fanduel": 30, "betmgm": 950})
    stores = Stores()
    report = one(ingest(Source(fetched(game(ages=frozen), one_old)), stores))
    assert [book.book for book in of(report, GAMES).late] == ["betmgm"]
    assert of(report, GAMES).late[0].age == 900 * SECOND
    kept = [book.book for book in stores.table["g1"].fair["Home"].kept]
    assert kept == ["draftkings", "fanduel"]


def test_a_slow_book_has_a_limit_of_its_own() -> None:
    report = one(ingest(Source(fetched(game(ages={"caesars": 500, "betmgm": 20}))), Stores()))
    assert of(report, GAMES).late == ()


def test_quotes_of_a_game_that_runs_say_nothing_about_a_feed() -> None:
    running = game(start=NOW - HOUR, ages={"betonlineag": 800})
    assert of(one(ingest(Source(fetched(running)), Stores())), GAMES).books == ()


def test_a_start_that_moved_is_known_from_the_pass_before() -> None:
    first, later = game(start=NOW + HOUR), game(start=NOW + 2 * HOUR)
    stores = Stores()
    service = ingest(Source(fetched(first), fetched(later), fetched(later)), stores)
    seen = []
    for _ in range(3):
        one(service)
        seen.append(stores.table["g1"].event.starts_seen)
    assert seen == [(), (NOW + HOUR,), (NOW + HOUR, NOW + 2 * HOUR)]


def test_a_start_that_moved_is_known_from_another_process() -> None:
    stores = Stores()
    one(ingest(Source(fetched(game())), stores))
    service = ingest(Source(fetched(game(start=NOW + 2 * HOUR))), stores)
    service.remember(asyncio.run(whole_of(stores, Topic.ODDS, within=1)))
    one(service)
    assert stores.table["g1"].event.starts_seen == (NOW + HOUR,)


def test_what_is_remembered_never_replaces_what_this_process_saw() -> None:
    stores, old = Stores(), offer(game(start=NOW), at=NOW, rules=RULES)
    service = ingest(Source(fetched(game())), stores)
    one(service)
    service.remember({"g1": old})
    one(service)
    assert stores.table["g1"].event.starts_seen == (NOW + HOUR,)


def test_an_event_that_its_sport_lists_no_more_is_dropped() -> None:
    stores = Stores()
    service = ingest(Source(fetched(game(), game("g2")), fetched(game("g2"))), stores)
    one(service)
    report = one(service)
    assert stores.table.keys() == {"g2"}
    assert (stores.cached, report.gone) == (["g2"], 1)


@pytest.mark.parametrize("absent", [(), (GAMES,)])
def test_a_sport_without_any_event_has_none(absent: tuple[str, ...]) -> None:
    stores = Stores()
    service = ingest(Source(fetched(game()), fetched(absent=absent)), stores)
    one(service)
    one(service)
    assert stores.table == {}


def test_a_sport_that_failed_keeps_what_it_had() -> None:
    """Its odds stay as they were and grow old by themselves."""
    stores, other = Stores(), game("n1", league=League.NBA)
    service = ingest(Source(fetched(game(), other), fetched(game(), failed={NBA: "no"})), stores)
    one(service)
    before = stores.table["n1"]
    report = one(service)
    assert stores.table["n1"] is before
    assert stores.cached == ["g1", "n1"]
    assert of(report, NBA).failed == "no"
    assert report.failed
    assert stores.rows.count(("n1", NOW)) == 1


def test_the_cache_lets_go_of_odds_that_were_not_got_for_long() -> None:
    """Writing them again would renew their life, and an old price would look like a new one."""
    stores = Stores()
    old = offer(game("n1", league=League.NBA), at=NOW - CACHED, rules=RULES)
    stores.table["n1"] = old
    service = ingest(Source(fetched(game(), failed={NBA: "no"})), stores)
    service.remember(stores.table)
    one(service)
    assert stores.cached == ["g1"]
    assert stores.table["n1"] is old


def test_what_an_earlier_process_left_is_dropped_even_when_it_comes_after_a_pass() -> None:
    """The stores may be slower than the source, and the next pass hours away."""
    stores = Stores()
    service = ingest(Source(fetched(game())), stores)
    one(service)
    over, newer = game("over"), offer(game("newer"), at=NOW + SECOND, rules=RULES)
    hockey = game("h1", league=League.NHL)
    stores.table |= {each.id: offer(each, at=NOW - HOUR, rules=RULES) for each in (over, hockey)}
    stores.table["newer"] = newer
    service.remember(dict(stores.table))
    assert stores.table.keys() == {"g1", "h1", "newer"}


def test_events_of_sports_not_asked_for_are_left_alone() -> None:
    stores = Stores()
    service = ingest(Source(fetched(game())), stores)
    hockey = offer(game("h1", league=League.NHL), at=NOW, rules=RULES)
    stores.table["h1"] = hockey
    service.remember({"h1": hockey})
    one(service)
    assert stores.table["h1"] is hockey


def test_a_game_long_over_is_dropped_whoever_put_it_there() -> None:
    stores, hour = Stores(), SECOND
    old = game("h1", league=League.NHL, start=NOW - OVER - hour)
    listed = game("g9", start=NOW - OVER - hour)
    stores.table["h1"] = offer(old, at=NOW, rules=RULES)
    service = ingest(Source(fetched(listed, game())), stores)
    service.remember(stores.table)
    one(service)
    assert stores.table.keys() == {"g1"}


def test_a_title_is_not_over_because_its_date_has_passed() -> None:
    title = msgspec.structs.replace(
        game("t1", start=NOW - OVER - SECOND), kind=Kind.CHAMPION, home="", away=""
    )
    stores = Stores()
    one(ingest(Source(fetched(title)), stores))
    assert stores.table.keys() == {"t1"}


def test_a_pass_that_fails_touches_nothing() -> None:
    stores = Stores()
    service = ingest(Source(fetched(game()), UnreachableError("gone")), stores)
    one(service)
    table, rows = dict(stores.table), list(stores.rows)
    with pytest.raises(UnreachableError):
        asyncio.run(service.once())
    assert (stores.table, stores.rows, len(stores.noted)) == (table, rows, 1)


@pytest.mark.parametrize("store", ["Redis", "PostgreSQL"])
def test_a_store_that_is_down_is_told_and_costs_the_others_nothing(store: str) -> None:
    stores = Stores(store)
    report = one(ingest(Source(fetched(game())), stores))
    assert report.stores == (f"{store} is down",)
    assert stores.table.keys() == {"g1"}
    assert len(stores.rows) == 1
    assert bool(stores.cached) is (store != "Redis")
    assert bool(stores.noted) is (store != "PostgreSQL")


@pytest.mark.parametrize("store", ["Redis", "PostgreSQL"])
def test_a_store_that_a_person_must_mend_costs_the_others_nothing_and_ends_it(store: str) -> None:
    stores, told = Stores(store, error=ConfigError), list[Outcome]()
    with pytest.raises(ConfigError, match=store):
        asyncio.run(ingest(Source(fetched(game())), stores).once())
    assert stores.table.keys() == {"g1"}
    assert bool(stores.cached) is (store != "Redis")
    assert bool(stores.noted) is (store != "PostgreSQL")
    with pytest.raises(ConfigError, match=store):
        asyncio.run(ingest(Source(fetched(game())), stores).run(SECOND, told.append))
    [report] = told
    assert isinstance(report, PassReport)
    assert report.stores == (f"{store} is down",)


def test_a_source_that_counts_no_credits_is_not_noted() -> None:
    stores = Stores()
    report = one(ingest(Source(fetched(game(), remaining=None)), stores))
    assert (report.credits, report.lasting, stores.noted) == (None, None, [])


def test_while_another_pass_is_at_work_nothing_is_asked() -> None:
    source = Source(fetched(game()))
    assert asyncio.run(ingest(source, Stores(), single=taken).once()) is None
    assert source.asked == []


def passes(
    clock: Clock, every: Nanos | None, *answers: Fetched | KarbError
) -> tuple[list[Outcome], type[BaseException]]:
    """What the passes told, and what ended them."""
    told: list[Outcome] = []
    service = ingest(Source(*answers), Stores(), clock=clock)
    with pytest.raises((EndedError, KarbError)) as ended:
        asyncio.run(service.run(every, told.append))
    return told, ended.type


def test_passes_begin_as_far_apart_as_was_said() -> None:
    clock = Clock(3)
    told, _ = passes(clock, 30 * SECOND, fetched(game()))
    assert len(told) == 3
    assert clock.naps == [30 * SECOND] * 3


def test_the_time_a_pass_takes_is_part_of_the_distance() -> None:
    clock = Clock(2)

    class Slow(Source):
        async def fetch(self, sports: Sequence[str]) -> Fetched:
            clock.at += (12 if not self.asked else 50) * SECOND
            return await super().fetch(sports)

    service = ingest(Slow(fetched(game())), Stores(), clock=clock)
    with pytest.raises(EndedError):
        asyncio.run(service.run(30 * SECOND, lambda _: None))
    assert clock.naps == [18 * SECOND, 0]


def test_a_clock_that_is_set_back_moves_no_pass() -> None:
    clock = Clock()

    class SetBack(Source):
        async def fetch(self, sports: Sequence[str]) -> Fetched:
            clock.set_back = HOUR
            return await super().fetch(sports)

    service = ingest(SetBack(fetched(game())), Stores(), clock=clock)
    with pytest.raises(EndedError):
        asyncio.run(service.run(30 * SECOND, lambda _: None))
    assert clock.naps == [30 * SECOND]


def test_an_explicit_pace_wins_and_the_report_says_what_would_last() -> None:
    clock = Clock()
    (report,), _ = passes(clock, 30 * SECOND, fetched(game()))
    assert isinstance(report, PassReport)
    assert report.lasting == 3 * 100 * SECOND
    assert clock.naps == [30 * SECOND]


def test_without_a_pace_the_credits_decide() -> None:
    clock = Clock(2)
    passes(clock, None, fetched(game(), absent=(NBA,)), fetched(game(), remaining=None))
    assert clock.naps == [2 * 100 * SECOND, UNPACED]


def test_what_may_pass_is_told_and_tried_again() -> None:
    clock, gone = Clock(2), UnreachableError("gone")
    told, ended = passes(clock, 30 * SECOND, gone, fetched(game()))
    assert told[0] is gone
    assert isinstance(told[1], PassReport)
    assert ended is EndedError


class UsedUpError(UnreachableError):
    """No credits are left."""

    retryable = False


@pytest.mark.parametrize("every", [None, 30 * SECOND, HOUR])
def test_used_up_credits_are_told_and_asked_for_again_every_ten_minutes(
    every: Nanos | None,
) -> None:
    clock = Clock(2)
    told, ended = passes(clock, every, UsedUpError("none left"), fetched(game()))
    assert isinstance(told[0], UsedUpError)
    assert isinstance(told[1], PassReport)
    assert clock.naps[0] == max(10 * 60 * SECOND, every or 0)
    assert ended is EndedError


@pytest.mark.parametrize("every", [None, 30 * SECOND])
def test_a_refused_key_always_ends_them(every: Nanos | None) -> None:
    told, ended = passes(Clock(5), every, AuthRefusedError("no"))
    assert told == []
    assert ended is AuthRefusedError


def test_a_table_that_does_not_come_is_a_store_that_is_down() -> None:
    class Silent(Stores):
        async def follow(
            self,
            topics: Sequence[Topic],
            take: Callable[[News], None],
            stale: Callable[[Topic], None],
        ) -> None:
            del topics, take, stale
            await asyncio.Event().wait()

    with pytest.raises(StoreDownError, match="odds"):
        asyncio.run(whole_of(Silent(), Topic.ODDS, within=0.01))
    with pytest.raises(StoreDownError, match="Redis is down"):
        asyncio.run(whole_of(Stores("Redis"), Topic.ODDS, within=1))
