"""One pass over the sportsbooks: ask, price, hand on. And passes again and again.

A pass is paid for, so what it brings reaches every sink that can take it: one that is down
is told and costs the others nothing, and one that a person has to mend ends it only once the
others have everything. What was not got stays as it was and grows old, which
every reader can see by itself; nothing is made fresh by being passed on. A start that has
moved since the last pass, and a game that is gone, are seen against what was known before:
`remember` takes that from the shared table, so that cron sees them as well. It may come late,
from a store that was away at the first pass.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

import msgspec

from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import Offered, offer
from karb.domain.fair.rules import FairRules
from karb.domain.market.leagues import Kind
from karb.domain.units import HOUR, SECOND, Nanos
from karb.errors import ExitCode, KarbError
from karb.ports import Bus, CreditBook, Credits, Fetched, History, HotCache, OddsSource, Topic
from karb.services.odds_report import PassReport, Season, SportReport, sport_report

OVER: Nanos = 12 * HOUR
"""A game that began this long ago is over, whatever the source still lists."""

CACHED: Nanos = 2 * HOUR
"""How long other programs see odds in the cache after they were got: the specification's life."""

UNPACED: Nanos = 60 * SECOND
"""How far apart passes are when nobody said, and the source does not count credits."""
USED_UP: Nanos = 600 * SECOND
"""How long to wait at least when the source says that it will not answer for long."""

Pace = Callable[[Credits, int], Nanos | None]
"""How far apart passes over so many sports must lie for these credits to last the month."""

Outcome = PassReport | KarbError | None
"""What came of one pass; None: another one is at work on this machine."""


class Sinks(NamedTuple):
    """Where odds go."""

    bus: Bus
    cache: HotCache
    history: History
    credits: CreditBook


class _Passed(NamedTuple):
    """A pass that brought odds, and the error of a sink that no waiting mends."""

    report: PassReport
    refused: KarbError | None


class OddsIngest:
    """Gets the odds of some sports, by the source's keys, into the sinks.

    `single` is held for a pass and says whether it could be taken. Nothing here knows what a
    credit costs; `pace` does. `now` is the time of day, `clock` one that nobody sets.
    """

    def __init__(
        self,
        source: OddsSource,
        sports: Mapping[str, Season],
        sinks: Sinks,
        *,
        rules: FairRules,
        pace: Pace,
        single: Callable[[], AbstractContextManager[bool]],
        now: Callable[[], Nanos],
        clock: Callable[[], Nanos],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._source, self._sports, self._sinks = source, sports, sinks
        self._rules, self._pace, self._single = rules, pace, single
        self._now, self._clock, self._sleep = now, clock, sleep
        self._known: dict[str, Offered] = {}
        self._answered: frozenset[Season] = frozenset()
        self._passed: Nanos = 0

    def remember(self, entries: Mapping[str, Offered]) -> None:
        """Know what an earlier pass left in the shared table; a newer word of ours stands."""
        older = {key: each for key, each in entries.items() if key not in self._known}
        self._known = {**older, **self._known}
        self._let_go(
            key
            for key, each in older.items()
            if each.at < self._passed and Season.of(each.event) in self._answered
        )

    async def once(self) -> PassReport | None:
        """One pass; None when another one is at work.

        Raises when no odds came at all, and what a person has to mend at a sink.
        """
        passed = await self._pass()
        if passed is None:
            return None
        if passed.refused is not None:
            raise passed.refused
        return passed.report

    async def run(self, every: Nanos | None, tell: Callable[[Outcome], None]) -> None:
        """Passes without end; `tell` hears what came of each.

        `every` is from one beginning to the next. None leaves that to the credits: passes
        lie as far apart as the month needs. When all are used up, they are asked for again
        every ten minutes at most, until there are new ones. Raises what cannot be retried.
        """
        while True:
            began = self._clock()
            passed = await self._attempt()
            outcome = passed.report if isinstance(passed, _Passed) else passed
            tell(outcome)
            if isinstance(passed, _Passed) and passed.refused is not None:
                raise passed.refused
            wait = _wait(outcome, every)
            await self._sleep(max(0, began + wait - self._clock()) / SECOND)

    async def _pass(self) -> _Passed | None:
        with self._single() as ours:
            if not ours:
                return None
            fetched = await self._source.fetch(tuple(self._sports))
            fresh = self._offers(fetched)
            gone = self._gone(fetched, fresh)
            errors = await self._hand_on(fresh, gone, fetched.credits)
            report = self._report(
                fetched, fresh, gone=len(gone), stores=tuple(error.what for error in errors)
            )
            return _Passed(report, next((each for each in errors if not each.retryable), None))

    async def _attempt(self) -> _Passed | KarbError | None:
        try:
            return await self._pass()
        except KarbError as error:
            if error.retryable or error.exit_code is ExitCode.UNREACHABLE:
                return error
            raise

    def _offers(self, fetched: Fetched) -> dict[str, Offered]:
        """Every event that came, priced as of its receipt, with its earlier starts."""
        return {
            event.id: offer(self._with_starts(event), at=snapshot.at, rules=self._rules)
            for snapshot in fetched.snapshots
            for event in snapshot.events
        }

    def _with_starts(self, event: OddsEvent) -> OddsEvent:
        if (known := self._known.get(event.id)) is None:
            return event
        before = known.event
        seen = (*(at for at in before.starts_seen if at != before.start), before.start)
        return msgspec.structs.replace(event, starts_seen=seen)

    def _gone(self, fetched: Fetched, fresh: dict[str, Offered]) -> set[str]:
        """Events that a sport which did answer lists no more, and games long over."""
        answered = frozenset(
            season for sport, season in self._sports.items() if sport not in fetched.failed
        )
        self._answered, self._passed = answered, self._now()
        over = self._now() - OVER
        return {
            key
            for key, offered in {**self._known, **fresh}.items()
            if (key not in fresh and Season.of(offered.event) in answered)
            or (offered.event.kind is Kind.GAME and offered.event.start < over)
        }

    async def _hand_on(
        self, fresh: Mapping[str, Offered], gone: Iterable[str], told: Credits | None
    ) -> list[KarbError]:
        """Give everything to every sink; why a store did not take it."""
        bus, cache, history, book = self._sinks
        self._let_go(gone)
        living = {key: offered for key, offered in fresh.items() if key not in gone}
        self._known |= living
        for key, offered in living.items():
            bus.put(Topic.ODDS, key, offered)
            history.add_odds(offered.event, offered, offered.at)
        oldest = self._now() - CACHED
        cached = [offered for offered in self._known.values() if offered.at > oldest]
        errors = [await _tried(cache.put_odds(cached))]
        if told is not None:
            errors.append(await _tried(book.note(told)))
        return [error for error in errors if error is not None]

    def _let_go(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._sinks.bus.drop(Topic.ODDS, key)
            self._known.pop(key, None)

    def _report(
        self, fetched: Fetched, fresh: Mapping[str, Offered], *, gone: int, stores: tuple[str, ...]
    ) -> PassReport:
        sports = tuple(
            self._sport(sport, season, fetched, fresh) for sport, season in self._sports.items()
        )
        report = PassReport(
            at=self._now(),
            sports=sports,
            credits=fetched.credits,
            lasting=None,
            gone=gone,
            stores=stores,
        )
        if report.credits is None:
            return report
        lasting = self._pace(report.credits, report.asked)
        return msgspec.structs.replace(report, lasting=lasting)

    def _sport(
        self, sport: str, season: Season, fetched: Fetched, fresh: Mapping[str, Offered]
    ) -> SportReport:
        if sport in fetched.absent:
            return SportReport(sport=sport, season=season, absent=True)
        if sport in fetched.failed:
            return SportReport(sport=sport, season=season, failed=fetched.failed[sport])
        offers = [each for each in fresh.values() if Season.of(each.event) == season]
        return sport_report(sport, season, offers, self._rules)


async def _tried(work: Awaitable[None]) -> KarbError | None:
    """Why a store did not take something; None when it did."""
    try:
        await work
    except KarbError as error:
        return error
    return None


def _wait(outcome: Outcome, every: Nanos | None) -> Nanos:
    """How long from the beginning of one pass to the next; the credits say where nobody does."""
    if isinstance(outcome, KarbError) and not outcome.retryable:
        return max(USED_UP, every or 0)
    if every is not None:
        return every
    return (outcome.lasting if isinstance(outcome, PassReport) else None) or UNPACED
