"""One pass over the sportsbooks: ask, price, hand on. And passes again and again.

A pass is paid for, so what it brings reaches every sink that can take it: one that is down
is told and costs the others nothing. What was not got stays as it was and grows old, which
every reader can see by itself; nothing is made fresh by being passed on. A start that has
moved since the last pass, and a game that is gone, are seen against what was known before:
`remember` takes that from the shared table, so that cron sees them as well.
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
from karb.errors import ExitCode, KarbError, StoreDownError
from karb.ports import Bus, CreditBook, Credits, Fetched, History, HotCache, OddsSource, Topic
from karb.services.odds_report import PassReport, Season, SportReport, sport_report

OVER: Nanos = 12 * HOUR
"""A game that began this long ago is over, whatever the source still lists."""

CACHED: Nanos = 2 * HOUR
"""How long other programs see odds in the cache after they were got: the specification's life."""

UNPACED: Nanos = 60 * SECOND
"""How far apart passes are when nobody said, and the source does not count credits."""
USED_UP: Nanos = HOUR
"""How long to wait when the source says that it will not answer for long."""

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


class OddsIngest:
    """Gets the odds of some sports, by the source's keys, into the sinks.

    `single` is held for a pass and says whether it could be taken. Nothing here knows what a
    credit costs; `pace` does.
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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._source, self._sports, self._sinks = source, sports, sinks
        self._rules, self._pace, self._single = rules, pace, single
        self._now, self._sleep = now, sleep
        self._known: dict[str, Offered] = {}

    def remember(self, entries: Mapping[str, Offered]) -> None:
        """Know what an earlier pass left in the shared table; a newer word of ours stands."""
        self._known = {**entries, **self._known}

    async def once(self) -> PassReport | None:
        """One pass; None when another one is at work. Raises when no odds came at all."""
        with self._single() as ours:
            if not ours:
                return None
            fetched = await self._source.fetch(tuple(self._sports))
            fresh = self._offers(fetched)
            gone = self._gone(fetched, fresh)
            down = await self._hand_on(fresh, gone, fetched.credits)
            return self._report(fetched, fresh, gone=len(gone), stores=down)

    async def run(self, every: Nanos | None, tell: Callable[[Outcome], None]) -> None:
        """Passes without end; `tell` hears what came of each.

        `every` is from one beginning to the next. None leaves that to the credits: passes
        lie as far apart as the month needs, and when all are used up an hour, until there
        are new ones. With `every` the last credit ends it: raises what cannot be retried.
        """
        while True:
            began = self._now()
            outcome = await self._attempt(forever=every is None)
            tell(outcome)
            wait = _wait(outcome) if every is None else every
            await self._sleep(max(0, began + wait - self._now()) / SECOND)

    async def _attempt(self, *, forever: bool) -> Outcome:
        try:
            return await self.once()
        except KarbError as error:
            if error.retryable or (forever and error.exit_code is ExitCode.UNREACHABLE):
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
        answered = {season for sport, season in self._sports.items() if sport not in fetched.failed}
        over = self._now() - OVER
        return {
            key
            for key, offered in {**self._known, **fresh}.items()
            if (key not in fresh and Season.of(offered.event) in answered)
            or (offered.event.kind is Kind.GAME and offered.event.start < over)
        }

    async def _hand_on(
        self, fresh: Mapping[str, Offered], gone: Iterable[str], told: Credits | None
    ) -> tuple[str, ...]:
        """Give everything to every sink; what a store did not take, a sentence each."""
        bus, cache, history, book = self._sinks
        for key in gone:
            bus.drop(Topic.ODDS, key)
            self._known.pop(key, None)
        living = {key: offered for key, offered in fresh.items() if key not in gone}
        self._known |= living
        for key, offered in living.items():
            bus.put(Topic.ODDS, key, offered)
            history.add_odds(offered.event, offered, offered.at)
        oldest = self._now() - CACHED
        cached = [offered for offered in self._known.values() if offered.at > oldest]
        down = [await _tried(cache.put_odds(cached))]
        if told is not None:
            down.append(await _tried(book.note(told)))
        return tuple(filter(None, down))

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


async def _tried(work: Awaitable[None]) -> str:
    """Why a store did not take something; empty when it did."""
    try:
        await work
    except StoreDownError as error:
        return error.what
    return ""


def _wait(outcome: Outcome) -> Nanos:
    """How long until the next pass when the credits decide."""
    if isinstance(outcome, PassReport):
        return outcome.lasting or UNPACED
    if isinstance(outcome, KarbError) and not outcome.retryable:
        return USED_UP
    return UNPACED
