"""`karb detect` over files: what was asked for, the run, and the order of the answer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from karb.cli.options import duration_option, path_options
from karb.cli.output import document, emit, note, table
from karb.cli.screens.detect_json import body
from karb.cli.screens.detect_rows import show_refused, show_signals
from karb.cli.screens.running import shown
from karb.domain.edge.refusal import duration
from karb.domain.edge.signal import Signal
from karb.domain.units import SECOND, Nanos, cash_cents, contracts, dollars
from karb.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from karb.domain.edge.profile import Profile
    from karb.tasks.detect_report import Report, Tally
    from karb.wiring.detect_files import Found

NEAR, MOST, TOLD = 8, 60, 10
APART = 60 * SECOND


class Request(NamedTuple):
    """What the command line asked for."""

    once: bool
    kalshi: tuple[str, ...]
    odds: tuple[str, ...]
    example: bool
    profile: str | None
    max_skew: str
    max_odds_age: str | None
    as_of: str | None
    notify: bool


def run(request: Request, *, explain: bool, as_json: bool) -> ExitCode:
    """Detect and show; FINDINGS when something given could not be judged."""
    if not (request.example or request.kalshi or request.odds):
        return _of_cache(request, explain=explain, as_json=as_json)
    kalshi, odds = _paths(request)
    age = request.max_odds_age
    from karb.wiring.detect_files import detect_files

    found = detect_files(
        kalshi,
        odds,
        profile=request.profile,
        max_skew=duration_option("--max-skew", request.max_skew),
        max_odds_age=None if age is None else duration_option("--max-odds-age", age),
        as_of=None if request.as_of is None else _moment(request.as_of),
    )
    return _answer(found, explain=explain, as_json=as_json)


def _of_cache(request: Request, *, explain: bool, as_json: bool) -> ExitCode:
    """Without files: the cache once, or prices as they come until somebody asks to stop."""
    if request.once:
        from karb.wiring.detect_cached import detect_cached

        found = detect_cached(request.profile)
        return _answer(found, explain=explain, as_json=as_json)
    from karb.wiring.detect_live import detect

    detect(request.profile, shown(as_json=as_json), notify=request.notify)
    return ExitCode.OK


def _answer(found: "Found", *, explain: bool, as_json: bool) -> ExitCode:
    if as_json:
        document("karb.detect/1", body(found.report, found.left_out))
    else:
        _show(found.report, explain=explain)
    return _told(found)


def _paths(request: Request) -> tuple[list[Path], list[Path]]:
    if request.example:
        if request.kalshi or request.odds:
            raise UsageError("--example brings its own files", do="leave --kalshi and --odds out")
        from karb.config.example import example_paths

        kalshi, odds = example_paths()
        return [kalshi], [odds]
    otherwise = ", or try karb detect --example"
    return (
        path_options("--kalshi", request.kalshi, otherwise=otherwise),
        path_options("--odds", request.odds, otherwise=otherwise),
    )


def _moment(text: str) -> Nanos:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--as-of {text!r} is not a time", do="write 2026-11-26T18:00Z") from error
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return int(moment.timestamp() * 1_000_000) * 1_000


def _show(report: "Report", *, explain: bool) -> None:
    signals = report.signals
    if signals:
        show_signals(signals[:MOST], report.links, title=f"Signals of {_wanted(report.profile)}")
        _more(len(signals) - MOST)
        emit(_sizes(report))
    else:
        emit(f"No market passes {_wanted(report.profile)}.")
    refused = _refused(report, every=explain)
    if refused:
        title = "Refused" if explain else "Refused, fewest failed checks first"
        show_refused(refused, report.links, title=title, every=explain)
    if explain:
        _show_unjudged(report)
        _show_funnel(report)
    _show_leagues(report)
    emit(_in_one_line(report))
    if apart := _apart(report):
        emit(apart)
    if not explain:
        emit("Why the rest was refused: add --explain. Every number: add --json.")


def _told(found: "Found") -> ExitCode:
    """Say on stderr what could not be judged; people get the first lines, JSON has them all."""
    for sentence in found.left_out[:TOLD]:
        note(f"karb: left out: {sentence}")
    if len(found.left_out) > TOLD:
        note(f"karb: and {len(found.left_out) - TOLD} more were left out; --json lists them all")
    timeless = sum(tally.without_time for tally in found.report.tallies.values())
    if timeless:
        note(
            f"karb: {timeless} markets do not say when they were captured; they were not judged; "
            "give --as-of TIME, or put the UTC time into the file's name: "
            "markets_20261128T170452Z.json"
        )
    return ExitCode.FINDINGS if found.left_out or timeless else ExitCode.OK


def _wanted(profile: "Profile") -> str:
    least = (
        f"{cash_cents(profile.min_edge_agreeing, 0)} when {profile.agreeing_books} books agree "
        f"within {cash_cents(profile.agreeing_range, 0)}"
    )
    return f"{profile.name} (edge from {cash_cents(profile.min_edge, 0)}, {least})"


def _sizes(report: "Report") -> str:
    caps = report.caps
    return (
        f"Sizes: {report.profile.kelly:g} of Kelly, cut to {dollars(caps.risk_per_trade)} at risk "
        f"a trade, {contracts(caps.max_position)} contracts a market, and what is offered."
    )


def _more(count: int) -> None:
    if count > 0:
        emit(f"and {count} more; --json lists them all")


def _refused(report: "Report", *, every: bool) -> list[Signal]:
    """What came nearest first: fewest failed checks, then the best net edge."""
    refused = [s for s in report.judged if not s.should_trade]
    refused.sort(key=lambda s: (len(s.reasons), -(s.net_edge if s.net_edge is not None else 0)))
    if every:
        return refused
    return [s for s in refused if s.edge is not None and s.edge.best_edge > 0][:NEAR]


def _show_unjudged(report: "Report") -> None:
    if not report.unjudged:
        return
    table(
        ["market", "league", "stage", "reason", "detail"],
        [[u.ticker, u.league or "", u.stage, u.reason, u.detail] for u in report.unjudged],
        title="Never priced",
    )


def _show_funnel(report: "Report") -> None:
    table(
        ["where it stopped", "records"],
        [[name, str(count)] for name, count in report.funnel.items()],
        title="Funnel",
        right=["records"],
    )


def _show_leagues(report: "Report") -> None:
    if not report.tallies:
        return
    counts = ("asks", "below fair", "by 1c", "by the fee", "by fee + 2c")
    table(
        ["league", "games' markets", *counts, ""],
        [[league, str(tally.markets), *_counts(tally)] for league, tally in report.tallies.items()],
        title="How many asks lie below the middle of the consensus, before any profile or interval",
        right=("games' markets", *counts),
    )


def _counts(tally: "Tally") -> list[str]:
    if not tally.with_odds:
        timeless = tally.without_time == tally.markets
        why = "no capture time" if timeless else "no odds of this league near the captures"
        return ["", "", "", "", "", why]
    found = (tally.asks, tally.gross, tally.gross_1c, tally.net, tally.net_2c)
    remark = "" if tally.sizes_known or not tally.asks else "size unknown"
    return [*map(str, found), remark]


def _apart(report: "Report") -> str:
    """A warning when prices and odds were not captured together."""
    furthest = max((abs(s.at - s.odds_at) for s in report.judged), default=0)
    if furthest < APART:
        return ""
    return (
        f"Prices and odds were captured up to {duration(furthest)} apart; the odds' age is "
        "measured at their own capture."
    )


def _in_one_line(report: "Report") -> str:
    words = {
        "series": "of other series",
        "time: older_capture": "older captures",
        "time: old_capture": "captured long before --as-of",
        "time: later_capture": "captured after --as-of",
        "time: no_capture_time": "without a capture time",
        "odds: later_capture": "odds captured after --as-of",
        "odds": "without odds near",
        "link": "not linked",
        "consensus": "without a consensus",
        "prices": "without a live price",
        "profile": f"refused by {report.profile.name}",
    }
    counts: dict[str, int] = {}
    for name, count in report.funnel.items():
        stage, reason, _ = name.partition(": ")
        if reason:
            told = words[name if name in words else stage]
            counts[told] = counts.get(told, 0) + count
    parts = [f"{count} {told}" for told, count in counts.items()]
    signals = report.funnel["signals"]
    parts.append(f"{signals} {'signal' if signals == 1 else 'signals'}")
    return f"{report.funnel['records']} records: {', '.join(parts)}."
