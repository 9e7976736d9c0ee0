"""The batch pipeline: recorded markets and odds in, signals and reasons out.

Recorded data has no clock. Every market stands at its own capture time, the newest one when
it was captured often, and meets the odds that were captured nearest to it, in either
direction; the books' ages are measured at that capture's time. The pipeline is the live one
otherwise: the same linking, the same consensus, the same `evaluate`. Both markets of a game
can offer one bet (YES on a team is NO on the other); only the better one stays a signal.

Counts come in two layers. The `Tally` of a league says how the exchange's asks compare with
the consensus before any profile looks at them; the funnel says where each market stopped.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from karb.domain.edge.evaluate import evaluate
from karb.domain.edge.fees import FeeSchedule, exact_fee
from karb.domain.edge.joined import Joined, join
from karb.domain.edge.profile import Profile
from karb.domain.edge.refusal import Refusal, duration
from karb.domain.edge.signal import Action, Signal
from karb.domain.edge.situation import Caps, Listing, Moment
from karb.domain.fair.consensus import NoConsensus, consensus
from karb.domain.fair.odds import OddsEvent, OddsSnapshot
from karb.domain.linking.links import Link, NoLink
from karb.domain.linking.match import Linker, facts_of
from karb.domain.linking.tickers import league_and_kind
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Event, Market, MarketStatus, Series, Side
from karb.domain.units import DOLLAR, Nanos

MIN_BOOKS_COUNTED = 3


class Recorded(msgspec.Struct, frozen=True):
    """One market as it was captured. `at` None: the capture did not say when."""

    market: Market
    at: Nanos | None
    origin: str


class Unjudged(msgspec.Struct, frozen=True, kw_only=True):
    """A market that never reached the profile: the stage, the reason, and its detail."""

    ticker: str
    event_ticker: str
    league: League | None
    stage: str
    reason: str
    detail: str


class Tally(msgspec.Struct, kw_only=True):
    """How one league's asks compare with the middle of the consensus, fee unrounded.

    `net` and `net_2c` take the fee off; no interval, no size, no profile.
    """

    markets: int = 0
    asks: int = 0
    gross: int = 0
    gross_1c: int = 0
    net: int = 0
    net_2c: int = 0
    without_time: int = 0
    with_odds: bool = False
    sizes_known: bool = False

    def add(self, worth: float, ask: float, fee: float) -> None:
        """Count one ask; `worth` is what the consensus gives its side."""
        # Rounded far below any price, so that 0.51 - 0.50 counts as the cent it is.
        gross, net = round(worth - ask, 9), round(worth - ask - fee, 9)
        self.asks += 1
        self.gross += gross > 0
        self.gross_1c += gross >= 0.01
        self.net += net > 0
        self.net_2c += net >= 0.02


class Report(msgspec.Struct, kw_only=True):
    """Everything one run found."""

    profile: Profile
    judged: list[Signal]
    unjudged: list[Unjudged]
    tallies: dict[League, Tally]
    funnel: dict[str, int]
    links: dict[str, Link]
    caps: Caps

    @property
    def signals(self) -> list[Signal]:
        """What should be traded, best net edge first."""
        found = [signal for signal in self.judged if signal.should_trade]
        return sorted(found, key=lambda signal: -(signal.net_edge or 0))


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What one run reads; `skipped` counts records of series no league can use."""

    recorded: Sequence[Recorded]
    snapshots: Sequence[OddsSnapshot]
    series: Mapping[str, Series]
    events: Mapping[str, Event]
    skipped: int = 0


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
    """Judge every recorded market once. `as_of` replaces every time, also for the odds' age."""
    run = _Run(inputs, profile, caps, schedule, as_of)
    batches = run.assign(max_skew)
    for number, group in sorted(batches.items()):
        run.judge(group, inputs.snapshots[number], linker)
    return run.report()


class _Run:
    """One pass; holds what has been found so far."""

    def __init__(
        self,
        inputs: Inputs,
        profile: Profile,
        caps: Caps,
        schedule: FeeSchedule,
        as_of: Nanos | None,
    ) -> None:
        self._inputs, self._profile, self._caps, self._schedule = inputs, profile, caps, schedule
        self._as_of = as_of
        self._times = _times_by_league(inputs.snapshots)
        self._judged: list[Signal] = []
        self._unjudged: list[Unjudged] = []
        self._tallies: dict[League, Tally] = {}
        self._links: dict[str, Link] = {}
        self._older = 0

    def assign(self, max_skew: Nanos) -> dict[int, list[Recorded]]:
        """Give every usable record the snapshot nearest in time that has its league."""
        batches: dict[int, list[Recorded]] = {}
        for record in self._newest():
            known = league_and_kind(record.market.series)
            if known is None:
                self._drop(record, None, "series", "unsupported_series", record.market.series)
                continue
            number = self._meeting(record, known, max_skew)
            if number is not None:
                batches.setdefault(number, []).append(record)
        return batches

    def _newest(self) -> list[Recorded]:
        """One record a market: the last captured, or the last read where none has a time."""
        newest: dict[str, Recorded] = {}
        for record in self._inputs.recorded:
            known = newest.get(record.market.ticker)
            if known is None or (record.at or 0) >= (known.at or 0):
                newest[record.market.ticker] = record
        self._older = len(self._inputs.recorded) - len(newest)
        return list(newest.values())

    def _meeting(self, record: Recorded, known: tuple[League, Kind], max_skew: Nanos) -> int | None:
        league, kind = known
        # Championships are counted apart: a league with nothing but its title odds has none.
        tally = self._tallies.setdefault(league, Tally()) if kind is Kind.GAME else Tally()
        tally.markets += 1
        at = self._time(record)
        if at is None:
            tally.without_time += 1
            self._drop(record, league, "time", "no_capture_time", "it does not say when it stood")
            return None
        number = self._nearest(known, at, max_skew)
        if number is None:
            self._drop(record, league, "odds", "no_odds_near", _no_odds(known, max_skew))
        else:
            tally.with_odds = True
        return number

    def _time(self, record: Recorded) -> Nanos | None:
        return record.at if self._as_of is None else self._as_of

    def judge(
        self,
        group: Sequence[Recorded],
        snapshot: OddsSnapshot,
        linker: Linker,
    ) -> None:
        """Link, price and evaluate the records of one snapshot."""
        facts = [facts_of(r.market, self._inputs.events.get(r.market.event_ticker)) for r in group]
        answers = {answer.ticker: answer for answer in linker.link(facts, snapshot.events)}
        events = {event.id: event for event in snapshot.events}
        for record in group:
            answer = answers[record.market.ticker]
            if isinstance(answer, NoLink):
                self._drop(record, answer.league, "link", answer.reason, answer.detail)
                continue
            self._links[answer.ticker] = answer
            at = self._time(record)
            if at is not None:
                odds_at = snapshot.at if self._as_of is None else at
                self._price(record, at, answer, events[answer.odds_event_id], odds_at)

    def _price(
        self, record: Recorded, at: Nanos, link: Link, event: OddsEvent, odds_at: Nanos
    ) -> None:
        fair = consensus(event, link.outcome, at=odds_at, rules=self._profile.fair)
        if isinstance(fair, NoConsensus):
            self._drop(record, link.league, "consensus", fair.reason, fair.detail)
            return
        joined = join(self._listing(record.market, at, link), fair, self._profile)
        now = Moment(quote=record.market.quote, at=at, odds_at=odds_at)
        self._count(joined, now)
        self._judged.append(
            evaluate(joined, now, self._profile, self._caps, lambda: f"{link.ticker}@{at}")
        )

    def _listing(self, market: Market, at: Nanos, link: Link) -> Listing:
        terms = self._schedule.terms(
            market.series,
            at,
            listed=self._inputs.series.get(market.series),
            event=self._inputs.events.get(market.event_ticker),
        )
        return Listing(
            ticker=market.ticker,
            event_ticker=market.event_ticker,
            league=link.league,
            kind=link.kind,
            team=link.outcome,
            start=link.start,
            terms=terms,
            start_moved=link.moved,
            open=market.status in (None, MarketStatus.ACTIVE),
            closes=market.close_time,
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

    def _nearest(self, known: tuple[League, Kind], at: Nanos, max_skew: Nanos) -> int | None:
        times = self._times.get(known, [])
        place = bisect_left(times, (at, -1))
        near = times[max(0, place - 1) : place + 1]
        best = min(near, key=lambda entry: abs(entry[0] - at), default=None)
        return best[1] if best is not None and abs(best[0] - at) <= max_skew else None

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

    def report(self) -> Report:
        """What was found."""
        judged = one_signal_a_bet(self._judged, self._links)
        return Report(
            profile=self._profile,
            judged=judged,
            unjudged=self._unjudged,
            tallies=dict(sorted(self._tallies.items())),
            funnel=_funnel(judged, self._unjudged, self._inputs.skipped, self._older),
            links=self._links,
            caps=self._caps,
        )


def one_signal_a_bet(judged: Sequence[Signal], links: Mapping[str, Link]) -> list[Signal]:
    """Refuse all but the best signal among those that win and lose together."""
    best: dict[tuple[str, str], Signal] = {}
    for signal in judged:
        if signal.should_trade:
            bet = _bet(signal, links[signal.listing.ticker])
            if bet not in best or (signal.net_edge or 0) > (best[bet].net_edge or 0):
                best[bet] = signal
    chosen = {signal.listing.ticker for signal in best.values()}
    return [
        _refused_as_same(signal)
        if signal.should_trade and signal.listing.ticker not in chosen
        else signal
        for signal in judged
    ]


def _bet(signal: Signal, link: Link) -> tuple[str, str]:
    """The event, and the outcome that has to happen."""
    yes = signal.action is Action.BUY_YES
    if link.kind is Kind.CHAMPION:
        return link.odds_event_id, f"{signal.action} {link.outcome}"
    return link.odds_event_id, link.outcome if yes else link.opponent


def _refused_as_same(signal: Signal) -> Signal:
    return msgspec.structs.replace(
        signal,
        signal_id="",
        action=Action.NO_TRADE,
        should_trade=False,
        reasons=(Refusal("same_bet"),),
    )


def _times_by_league(
    snapshots: Sequence[OddsSnapshot],
) -> dict[tuple[League, Kind], list[tuple[Nanos, int]]]:
    times: dict[tuple[League, Kind], list[tuple[Nanos, int]]] = {}
    for number, snapshot in enumerate(snapshots):
        for known in {(event.league, event.kind) for event in snapshot.events}:
            times.setdefault(known, []).append((snapshot.at, number))
    for entries in times.values():
        entries.sort()
    return times


def _no_odds(known: tuple[League, Kind], max_skew: Nanos) -> str:
    league, kind = known
    what = "games" if kind is Kind.GAME else "championship"
    return f"no odds of {league} {what} within {duration(max_skew)} of the capture"


def _funnel(
    judged: Iterable[Signal], unjudged: Iterable[Unjudged], skipped: int, older: int
) -> dict[str, int]:
    """Where each record stopped, in the order of the pipeline, then the signals."""
    stages = Counter(f"{entry.stage}: {entry.reason}" for entry in unjudged)
    first = Counter(signal.reasons[0].name for signal in judged if signal.reasons)
    signals = sum(1 for signal in judged if signal.should_trade)
    funnel = {"records": skipped + older + stages.total() + first.total() + signals}
    if skipped:
        stages["series: unsupported_series"] += skipped
    if older:
        stages["time: older_capture"] = older
    order = ("series", "time", "odds", "link", "consensus")
    for name in sorted(stages, key=lambda n: (order.index(n.split(":")[0]), n)):
        funnel[name] = stages[name]
    for name, count in first.most_common():
        funnel[f"profile: {name}"] = count
    funnel["signals"] = signals
    return funnel
