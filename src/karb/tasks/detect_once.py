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
from karb.domain.linking.tickers import league_and_kind, parse_ticker
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Event, Market, MarketStatus, Series, Side
from karb.domain.units import DOLLAR, Nanos, Price

MIN_BOOKS_COUNTED = 3
FITTING: tuple[Price, Price] = (9_000, 11_000)
"""What the middles of a game's two markets may add up to."""


class Recorded(msgspec.Struct, frozen=True):
    """One market as it was captured. `at` None: the capture did not say when.

    `event` names the game; `listed` and `override` are the series and the event whose fee
    listing was in force then, where one was captured.
    """

    market: Market
    at: Nanos | None
    origin: str
    event: Event | None = None
    listed: Series | None = None
    override: Event | None = None


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
    """Judge every recorded market once.

    `as_of` is the time to judge at, also for the odds' age: captures from after it and from
    more than `max_skew` before it do not stand for that moment and are left aside.
    """
    run = _Run(inputs, profile, caps, schedule, max_skew=max_skew, as_of=as_of)
    snapshots = with_starts_seen(inputs.snapshots)
    for number, group in sorted(run.assign().items()):
        run.judge(group, snapshots[number], linker)
    return run.report()


def with_starts_seen(snapshots: Sequence[OddsSnapshot]) -> list[OddsSnapshot]:
    """The same snapshots, in time order, each event with the starts it had in earlier ones."""
    seen: dict[str, tuple[Nanos, ...]] = {}
    made = []
    for snapshot in snapshots:
        events = []
        for event in snapshot.events:
            earlier = seen.get(event.id, event.starts_seen)
            events.append(msgspec.structs.replace(event, starts_seen=earlier))
            seen[event.id] = (*(at for at in earlier if at != event.start), event.start)
        made.append(msgspec.structs.replace(snapshot, events=tuple(events)))
    return made


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
        self._times = _times_by_league(inputs.snapshots)
        self._judged: list[Signal] = []
        self._unjudged: list[Unjudged] = []
        self._tallies: dict[League, Tally] = {}
        self._links: dict[str, Link] = {}
        self._older = self._later = 0

    def assign(self) -> dict[int, list[Recorded]]:
        """Give every usable record the snapshot nearest in time that has its league."""
        batches: dict[int, list[Recorded]] = {}
        for record in self._newest():
            known = _league_and_kind(record.market)
            if known is None:
                self._drop(record, None, "series", "unsupported_series", record.market.series)
                continue
            number = self._meeting(record, known)
            if number is not None:
                batches.setdefault(number, []).append(record)
        return batches

    def _newest(self) -> list[Recorded]:
        """One record a market: the last captured, or the last read where none has a time."""
        newest: dict[str, Recorded] = {}
        left_aside = 0
        for record in self._inputs.recorded:
            if self._as_of is not None and record.at is not None and record.at > self._as_of:
                self._later += 1
                continue
            known = newest.get(record.market.ticker)
            left_aside += known is not None
            if known is None or (record.at or 0) >= (known.at or 0):
                newest[record.market.ticker] = record
        self._older = left_aside
        return list(newest.values())

    def _meeting(self, record: Recorded, known: tuple[League, Kind]) -> int | None:
        league, kind = known
        # Championships are counted apart: a league with nothing but its title odds has none.
        tally = self._tallies.setdefault(league, Tally()) if kind is Kind.GAME else Tally()
        tally.markets += 1
        at = self._time(record)
        if at is None:
            tally.without_time += 1
            self._drop(record, league, "time", "no_capture_time", "it does not say when it stood")
            return None
        if record.at is not None and at - record.at > self._max_skew:
            before = f"captured {duration(at - record.at)} before --as-of"
            self._drop(record, league, "time", "old_capture", before)
            return None
        number = self._nearest(known, at)
        if number is None:
            self._drop(record, league, "odds", "no_odds_near", _no_odds(known, self._max_skew))
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
        facts = [facts_of(record.market, record.event) for record in group]
        answers = {answer.ticker: answer for answer in linker.link(facts, snapshot.events)}
        events = {event.id: event for event in snapshot.events}
        misfits = _misfits(group)
        for record in group:
            answer = answers[record.market.ticker]
            if isinstance(answer, NoLink):
                self._drop(record, answer.league, "link", answer.reason, answer.detail)
                continue
            self._links[answer.ticker] = answer
            event = events[answer.odds_event_id]
            listing = self._listing(record, answer, event, record.market.event_ticker in misfits)
            self._price(record, listing, event, snapshot.at)

    def _price(self, record: Recorded, listing: Listing, event: OddsEvent, captured: Nanos) -> None:
        at = self._time(record)
        if at is None:
            raise AssertionError("a record without a time met odds")
        odds_at = captured if self._as_of is None else at
        fair = consensus(event, listing.team, at=odds_at, rules=self._profile.fair)
        if isinstance(fair, NoConsensus):
            self._drop(record, listing.league, "consensus", fair.reason, fair.detail)
            return
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
            self._time(record) or 0,
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

    def _nearest(self, known: tuple[League, Kind], at: Nanos) -> int | None:
        times = self._times.get(known, [])
        place = bisect_left(times, (at, -1))
        near = times[max(0, place - 1) : place + 1]
        best = min(near, key=lambda entry: abs(entry[0] - at), default=None)
        return best[1] if best is not None and abs(best[0] - at) <= self._max_skew else None

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
        }

    def report(self) -> Report:
        """What was found."""
        judged = one_signal_a_bet(self._judged, self._links)
        return Report(
            profile=self._profile,
            judged=judged,
            unjudged=self._unjudged,
            tallies=dict(sorted(self._tallies.items())),
            funnel=_funnel(judged, self._unjudged, self._left_aside()),
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


def _league_and_kind(market: Market) -> tuple[League, Kind] | None:
    """From the series; a bare one holds titles, and games in the dated-team shorthand."""
    known = league_and_kind(market.series)
    if known is not None and known[1] is Kind.CHAMPION:
        ticker = parse_ticker(market.ticker, market.event_ticker)
        return known[0], known[1] if ticker is None else ticker.kind
    return known


def _misfits(group: Sequence[Recorded]) -> set[str]:
    """The events whose two markets' middles do not add up to about a dollar.

    A price condition: it says nothing about which game it is, only that one of the two
    prices, or the link, cannot be trusted.
    """
    middles: dict[str, dict[str, Price]] = {}
    for record in group:
        quote = record.market.quote
        if quote.yes_bid is not None and quote.yes_ask is not None:
            of_event = middles.setdefault(record.market.event_ticker, {})
            of_event[record.market.ticker] = (quote.yes_bid + quote.yes_ask) // 2
    return {
        event
        for event, found in middles.items()
        if len(found) == 2 and not FITTING[0] <= sum(found.values()) <= FITTING[1]
    }


def _funnel(
    judged: Iterable[Signal], unjudged: Iterable[Unjudged], left_aside: Mapping[str, int]
) -> dict[str, int]:
    """Where each record stopped, in the order of the pipeline, then the signals."""
    stages = Counter(f"{entry.stage}: {entry.reason}" for entry in unjudged)
    stages.update({name: count for name, count in left_aside.items() if count})
    first = Counter(signal.reasons[0].name for signal in judged if signal.reasons)
    signals = sum(1 for signal in judged if signal.should_trade)
    funnel = {"records": stages.total() + first.total() + signals}
    order = ("series", "time", "odds", "link", "consensus")
    for name in sorted(stages, key=lambda n: (order.index(n.split(":")[0]), n)):
        funnel[name] = stages[name]
    for name, count in first.most_common():
        funnel[f"profile: {name}"] = count
    funnel["signals"] = signals
    return funnel
