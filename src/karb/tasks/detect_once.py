"""The batch pipeline: recorded markets and odds in, signals and reasons out.

Recorded data has no clock. Every market stands at its own capture time, the newest one when
it was captured often, and meets the odds that were captured nearest to it, in either
direction; the books' ages are measured at that capture's time. The pipeline is the live one
otherwise: the same linking, the same consensus, the same `evaluate`. Both markets of a game
can offer one bet (YES on a team is NO on the other); only the better one stays a signal.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from karb.domain.edge.evaluate import evaluate
from karb.domain.edge.fees import FeeSchedule, exact_fee
from karb.domain.edge.joined import Joined, join
from karb.domain.edge.profile import Profile
from karb.domain.edge.refusal import duration
from karb.domain.edge.same_bet import one_signal_a_bet
from karb.domain.edge.siblings import misfits
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import Caps, Listing, Moment
from karb.domain.fair.consensus import NoConsensus, consensus
from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.links import Link, NoLink
from karb.domain.linking.match import Linker, facts_of
from karb.domain.linking.tickers import league_and_kind, parse_ticker
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Market, MarketStatus, Quote, Side
from karb.domain.units import DOLLAR, Nanos
from karb.tasks.detect_report import Report, Tally, Unjudged, funnel_of
from karb.tasks.recorded import (
    Inputs,
    Offer,
    Recorded,
    Timeline,
    of_one_moment,
    offers_of,
    with_starts_seen,
)

MIN_BOOKS_COUNTED = 3


def detect_once(
    inputs: Inputs,
    *,
    linker: Linker,
    profile: Profile,
    caps: Caps,
    schedule: FeeSchedule,
    max_skew: Nanos,
    as_of: Nanos | None = None,
) -> Report:
    """Judge every recorded market once.

    `as_of` is the time to judge at, also for the odds' age: captures from after it and from
    more than `max_skew` before it do not stand for that moment and are left aside.
    """
    run = _Run(inputs, profile, caps, schedule, max_skew=max_skew, as_of=as_of)
    for numbers, group in sorted(run.assign().items()):
        run.link(group, numbers, linker)
    run.judge()
    return run.report()


class _Linked(NamedTuple):
    """A record, its game, and the odds that it meets."""

    record: Recorded
    link: Link
    offer: Offer


class _Run:
    """One pass; holds what has been found so far."""

    def __init__(
        self,
        inputs: Inputs,
        profile: Profile,
        caps: Caps,
        schedule: FeeSchedule,
        *,
        max_skew: Nanos,
        as_of: Nanos | None,
    ) -> None:
        self._inputs, self._profile, self._caps, self._schedule = inputs, profile, caps, schedule
        self._max_skew, self._as_of = max_skew, as_of
        self._snapshots = with_starts_seen([s for s in inputs.snapshots if not self._after(s.at)])
        self._timeline = Timeline(self._snapshots)
        self._linked: list[_Linked] = []
        self._judged: list[Signal] = []
        self._unjudged: list[Unjudged] = []
        self._tallies: dict[League, Tally] = {}
        self._older = self._later = 0

    def assign(self) -> dict[tuple[int, ...], list[Recorded]]:
        """The usable records by the snapshots, nearest first, that can have their games."""
        batches: dict[tuple[int, ...], list[Recorded]] = {}
        for record in self._newest():
            known = _league_and_kind(record.market)
            if known is None:
                self._drop(record, None, "series", "unsupported_series", record.market.series)
                continue
            numbers = self._meeting(record, known)
            if numbers:
                batches.setdefault(numbers, []).append(record)
        return batches

    def _newest(self) -> list[Recorded]:
        """One record a market: the last captured, or the last read where none has a time."""
        newest: dict[str, Recorded] = {}
        left_aside = 0
        for record in self._inputs.recorded:
            if record.at is not None and self._after(record.at):
                self._later += 1
                continue
            known = newest.get(record.market.ticker)
            left_aside += known is not None
            if known is None or (record.at or 0) >= (known.at or 0):
                newest[record.market.ticker] = record
        self._older = left_aside
        return list(newest.values())

    def _after(self, at: Nanos) -> bool:
        """Whether a capture could not be known yet at `as_of`."""
        return self._as_of is not None and at > self._as_of

    def _meeting(self, record: Recorded, known: tuple[League, Kind]) -> tuple[int, ...]:
        league, kind = known
        # Championships are counted apart: a league with nothing but its title odds has none.
        tally = self._tallies.setdefault(league, Tally()) if kind is Kind.GAME else Tally()
        tally.markets += 1
        at = self._time(record)
        if at is None:
            tally.without_time += 1
            self._drop(record, league, "time", "no_capture_time", "it does not say when it stood")
            return ()
        if record.at is not None and at - record.at > self._max_skew:
            before = f"captured {duration(at - record.at)} before --as-of"
            self._drop(record, league, "time", "old_capture", before)
            return ()
        numbers = self._timeline.meeting(known, at, self._max_skew)
        if numbers:
            tally.with_odds = True
        else:
            self._drop(record, league, "odds", "no_odds_near", self._no_odds(known))
        return numbers

    def _no_odds(self, known: tuple[League, Kind]) -> str:
        league, kind = known
        what = "games" if kind is Kind.GAME else "championship"
        when = "of the capture" if self._as_of is None else "before --as-of"
        return f"no odds of {league} {what} within {duration(self._max_skew)} {when}"

    def _time(self, record: Recorded) -> Nanos | None:
        return record.at if self._as_of is None else self._as_of

    def _at(self, record: Recorded) -> Nanos:
        """The time of a record that meets odds, for which it must have one."""
        at = self._time(record)
        if at is None:
            raise AssertionError("a record without a time met odds")
        return at

    def link(self, group: Sequence[Recorded], numbers: Sequence[int], linker: Linker) -> None:
        """Find the games of the records that meet the same snapshots."""
        offers = offers_of(self._snapshots[number] for number in numbers)
        facts = [facts_of(record.market, record.event) for record in group]
        links = linker.link(facts, [offer.event for offer in offers.values()])
        answers = {answer.ticker: answer for answer in links}
        for record in group:
            answer = answers[record.market.ticker]
            if isinstance(answer, NoLink):
                self._drop(record, answer.league, "link", answer.reason, answer.detail)
            else:
                self._linked.append(_Linked(record, answer, offers[answer.odds_event_id]))

    def judge(self) -> None:
        """Price and evaluate every record that has its game."""
        odd = misfits(self._comparable())
        for linked in self._linked:
            self._judge(linked, quarantined=linked.link.event_ticker in odd)

    def _comparable(self) -> Iterator[tuple[str, Quote]]:
        """The prices of games whose markets were captured at one moment, before the start."""
        games = defaultdict[str, list[Recorded]](list)
        for record, link, _ in self._linked:
            if link.kind is Kind.GAME and self._at(record) < link.start:
                games[link.event_ticker].append(record)
        for event_ticker, records in games.items():
            if of_one_moment([record.at for record in records]):
                yield from ((event_ticker, record.market.quote) for record in records)

    def _judge(self, linked: _Linked, *, quarantined: bool) -> None:
        record, link, (captured, event) = linked
        at = self._at(record)
        odds_at = captured if self._as_of is None else at
        fair = consensus(event, link.outcome, at=odds_at, rules=self._profile.fair)
        if isinstance(fair, NoConsensus):
            self._drop(record, link.league, "consensus", fair.reason, fair.detail)
            return
        listing = self._listing(record, link, event, quarantined)
        joined = join(listing, fair, self._profile)
        now = Moment(quote=record.market.quote, at=at, odds_at=odds_at)
        self._count(joined, now)
        self._judged.append(
            evaluate(joined, now, self._profile, self._caps, lambda: f"{listing.ticker}@{at}")
        )

    def _listing(
        self, record: Recorded, link: Link, event: OddsEvent, quarantined: bool
    ) -> Listing:
        market = record.market
        terms = self._schedule.terms(
            market.series,
            self._at(record),
            listed=record.listed,
            event=record.override,
        )
        moved = bool(event.starts_seen) and event.starts_seen[-1] != event.start
        return Listing(
            ticker=market.ticker,
            event_ticker=market.event_ticker,
            league=link.league,
            kind=link.kind,
            team=link.outcome,
            start=link.start,
            terms=terms,
            start_moved=link.moved or moved,
            open=market.status in (None, MarketStatus.ACTIVE),
            closes=market.close_time,
            quarantined=quarantined,
            grid=market.grid,
        )

    def _count(self, joined: Joined, now: Moment) -> None:
        listing, fair = joined.listing, joined.consensus
        started = max(now.at, now.odds_at) >= listing.start
        if started or fair.books < MIN_BOOKS_COUNTED or listing.kind is not Kind.GAME:
            return
        tally = self._tallies[listing.league]
        for side in Side:
            ask = now.quote.ask(side)
            if ask is None or not 0 < ask < DOLLAR:
                continue
            tally.sizes_known |= now.quote.ask_size(side) is not None
            worth = fair.probability if side is Side.YES else 1.0 - fair.probability
            tally.add(worth, ask / DOLLAR, exact_fee(ask, listing.terms))

    def _drop(
        self, record: Recorded, league: League | None, stage: str, reason: str, detail: str
    ) -> None:
        self._unjudged.append(
            Unjudged(
                ticker=record.market.ticker,
                event_ticker=record.market.event_ticker,
                league=league,
                stage=stage,
                reason=str(reason),
                detail=detail,
            )
        )

    def _left_aside(self) -> dict[str, int]:
        return {
            "series: unsupported_series": self._inputs.skipped,
            "time: older_capture": self._older,
            "time: later_capture": self._later,
            "odds: later_capture": len(self._inputs.snapshots) - len(self._snapshots),
        }

    def report(self) -> Report:
        """What was found."""
        links = {link.ticker: link for _, link, _ in self._linked}
        judged = one_signal_a_bet(self._judged)
        return Report(
            profile=self._profile,
            judged=judged,
            unjudged=self._unjudged,
            tallies=dict(sorted(self._tallies.items())),
            funnel=funnel_of(judged, self._unjudged, self._left_aside()),
            links=links,
            caps=self._caps,
        )


def _league_and_kind(market: Market) -> tuple[League, Kind] | None:
    """From the series; a bare one holds titles, and games in the dated-team shorthand."""
    known = league_and_kind(market.series)
    if known is not None and known[1] is Kind.CHAMPION:
        ticker = parse_ticker(market.ticker, market.event_ticker)
        return known[0], known[1] if ticker is None else ticker.kind
    return known
