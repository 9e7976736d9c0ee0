"""How detection over files looks: signals first, then what came near, then the counts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from karb.cli.output import document, note, table
from karb.cli.screens.detect_json import body
from karb.domain.edge.refusal import describe, duration
from karb.domain.edge.signal import Signal
from karb.domain.market.messages import Side
from karb.domain.units import Nanos, cash_cents, cents, contracts, dollars
from karb.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from karb.domain.linking.links import Link
    from karb.tasks.detect_once import Report, Tally
    from karb.wiring.detecting import Found

NEAR = 8
NUMBERS = ("ask", "edge", "fee", "net", "size", "risk", "odds age", "starts in", "confidence")


class Request(NamedTuple):
    """What the command line asked for."""

    once: bool
    kalshi: tuple[Path, ...]
    odds: tuple[Path, ...]
    example: bool
    profile: str | None
    max_skew: str
    max_odds_age: str | None
    as_of: str | None


def run(request: Request, *, explain: bool, as_json: bool) -> ExitCode:
    """Detect and show; FINDINGS when records had to be left out."""
    kalshi, odds = _paths(request)
    from karb.config.durations import parse_duration
    from karb.wiring.detecting import detect_files

    found = detect_files(
        kalshi,
        odds,
        profile=request.profile,
        max_skew=parse_duration(request.max_skew),
        max_odds_age=parse_duration(request.max_odds_age) if request.max_odds_age else None,
        as_of=_moment(request.as_of) if request.as_of else None,
    )
    if as_json:
        document("karb.detect/1", body(found.report, found.left_out))
    else:
        _show(found, explain=explain)
    return ExitCode.FINDINGS if found.left_out else ExitCode.OK


def _paths(request: Request) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    if not request.once and not request.example:
        raise UsageError(
            "karb detect watches live prices only together with karb stream, which this version "
            "does not have yet",
            do="add --once with --kalshi PATH and --odds PATH, or try karb detect --example",
        )
    if request.example:
        if request.kalshi or request.odds:
            raise UsageError("--example brings its own files", do="leave --kalshi and --odds out")
        from karb.config.example import example_paths

        kalshi, odds = example_paths()
        return (kalshi,), (odds,)
    for name, paths in (("--kalshi", request.kalshi), ("--odds", request.odds)):
        if not paths:
            raise UsageError(
                f"{name} is missing", do=f"add {name} PATH, or try karb detect --example"
            )
    return request.kalshi, request.odds


def _moment(text: str) -> Nanos:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--as-of {text!r} is not a time", do="write 2026-11-26T18:00Z") from error
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return int(moment.timestamp() * 1_000_000) * 1_000


def _show(found: "Found", *, explain: bool) -> None:
    report = found.report
    signals = report.signals
    if signals:
        _show_signals(signals, report)
    else:
        print_line(f"No market passes {report.profile.name}.")
    refused = _refused(report, every=explain)
    if refused:
        _show_refused(refused, report, every=explain)
    if explain:
        _show_unjudged(report)
        _show_funnel(report)
    _show_leagues(report)
    print_line(_in_one_line(report))
    if not explain:
        print_line("Why the rest was refused: add --explain. Every number: add --json.")
    for sentence in found.left_out:
        note(f"karb: left out: {sentence}")


def print_line(text: str) -> None:
    """A line of plain text among the tables."""
    import typer

    typer.echo(text)


def _show_signals(signals: list[Signal], report: "Report") -> None:
    table(
        ["market", "buy", "ask", "fair (interval)", *NUMBERS[1:]],
        [_signal_row(signal, report.links) for signal in signals],
        title=f"Signals of {report.profile.name}",
        right=NUMBERS,
        style=["green"] * len(signals),
    )


def _signal_row(signal: Signal, links: "dict[str, Link]") -> list[str]:
    edge = signal.edge
    if edge is None:
        raise AssertionError("a signal without an edge")
    count = signal.recommended_contracts
    return [
        signal.listing.ticker,
        _bought(signal, links),
        cents(edge.price),
        _fair(signal),
        cash_cents(edge.best_edge),
        cash_cents(signal.fee // count, 2),
        cash_cents(signal.net_edge or 0),
        f"{count} of {_offered(signal)}",
        dollars(signal.risk_amount),
        duration(signal.odds_age),
        duration(signal.listing.start - signal.at),
        f"{signal.confidence_tier} {signal.confidence_score}",
    ]


def _bought(signal: Signal, links: "dict[str, Link]") -> str:
    """`YES Buffalo Bills` or `NO Houston Texans (Buffalo Bills win)`."""
    edge, team = signal.edge, signal.listing.team
    if edge is None or edge.best_side is Side.YES:
        return f"YES {team}"
    link = links.get(signal.listing.ticker)
    return f"NO {team}" + (f" (for {link.opponent})" if link and link.opponent else "")


def _fair(signal: Signal) -> str:
    return (
        f"{cash_cents(signal.fair)} ({cash_cents(signal.low)[:-1]}-{cash_cents(signal.high)[:-1]})"
    )


def _offered(signal: Signal) -> str:
    size = signal.kalshi.ask_size(signal.edge.best_side) if signal.edge else None
    return "unknown" if size is None else contracts(size)


def _refused(report: "Report", *, every: bool) -> list[Signal]:
    """What came nearest first: by net edge, at least a gross edge unless `every`."""
    refused = [s for s in report.judged if not s.should_trade]
    refused.sort(key=lambda s: -(s.net_edge if s.net_edge is not None else -(10**9)))
    if every:
        return refused
    return [s for s in refused if s.edge is not None and s.edge.best_edge > 0][:NEAR]


def _show_refused(refused: list[Signal], report: "Report", *, every: bool) -> None:
    title = "Refused" if every else "Refused, nearest first"
    table(
        ["market", "buy", "ask", "fair (interval)", "edge", "net", "size offered", "why"],
        [
            [
                signal.listing.ticker,
                _bought(signal, report.links),
                "none" if signal.edge is None else cents(signal.edge.price),
                _fair(signal),
                "" if signal.edge is None else cash_cents(signal.edge.best_edge),
                "" if signal.net_edge is None else cash_cents(signal.net_edge),
                _offered(signal),
                _why(signal, every=every),
            ]
            for signal in refused
        ],
        title=title,
        right=(*NUMBERS, "size offered"),
        style=["dim"] * len(refused),
    )


def _why(signal: Signal, *, every: bool) -> str:
    told = [f"{refusal.name}: {describe(refusal)}" for refusal in signal.reasons]
    if every or len(told) < 2:
        return "; ".join(told)
    return f"{told[0]} (+{len(told) - 1} more)"


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
        ["where it stopped", "markets"],
        [[name, str(count)] for name, count in report.funnel.items()],
        title="Funnel",
        right=["markets"],
    )


def _show_leagues(report: "Report") -> None:
    counts = ("asks", "above 0c", "1c and more", "net above 0c", "net 2c and more")
    table(
        ["league", "markets", *counts, "note"],
        [[league, str(tally.markets), *_counts(tally)] for league, tally in report.tallies.items()],
        title="Asks that lie below the consensus, before any profile",
        right=("markets", *counts),
    )


def _counts(tally: "Tally") -> Iterable[str]:
    if not tally.with_odds:
        return ["", "", "", "", "", "no odds for this league near these captures"]
    found = (tally.asks, tally.gross, tally.gross_1c, tally.net, tally.net_2c)
    remark = "" if tally.sizes_known or not tally.asks else "size unknown"
    return [*map(str, found), remark]


def _in_one_line(report: "Report") -> str:
    funnel = report.funnel
    stages: dict[str, int] = {}
    for name, count in funnel.items():
        if ": " in name:
            stage = name.split(":")[0]
            stages[stage] = stages.get(stage, 0) + count
    words = {
        "series": "of other series",
        "time": "without a time",
        "odds": "without odds near",
        "link": "not linked",
        "consensus": "without a consensus",
        "profile": f"refused by {report.profile.name}",
    }
    parts = [f"{count} {words[stage]}" for stage, count in stages.items()]
    parts.append(f"{funnel['signals']} signals")
    return f"{funnel['markets']} markets: {', '.join(parts)}."
