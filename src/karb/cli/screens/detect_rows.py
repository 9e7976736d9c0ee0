"""Signals and refusals, a row each where the screen is wide, a few lines each where not.

A ticker is what a person copies, so it is never broken: a terminal too narrow for the table
gets the same figures in sentences.
"""

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from karb.cli.output import clean, emit, table
from karb.domain.edge.refusal import describe, duration
from karb.domain.edge.signal import Signal
from karb.domain.market.messages import Side
from karb.domain.units import Nanos, cash_cents, cents, contracts, dollars

if TYPE_CHECKING:
    from karb.domain.linking.links import Link

ROOM_FOR_A_TABLE = 165
TENTH = 1_000
NUMBERS = ("ask", "edge", "fee", "net", "size", "risk", "odds age", "starts in", "confidence")


def _wide() -> bool:
    """Off a terminal a table may be as wide as it likes."""
    return not sys.stdout.isatty() or shutil.get_terminal_size().columns >= ROOM_FOR_A_TABLE


def show_signals(signals: Sequence[Signal], links: "dict[str, Link]", *, title: str) -> None:
    """What should be traded."""
    if not _wide():
        _in_sentences(signals, links, title, every=True)
        return
    table(
        ["market", "buy", "ask", "fair (interval)", *NUMBERS[1:]],
        [_signal_row(signal, links) for signal in signals],
        title=title,
        right=NUMBERS,
        style=["green"] * len(signals),
    )


def show_refused(
    refused: Sequence[Signal], links: "dict[str, Link]", *, title: str, every: bool
) -> None:
    """What was not, and why: the most telling reason, or `every` one."""
    if not _wide():
        _in_sentences(refused, links, title, every=every)
        return
    table(
        ["market", "buy", "ask", "fair (interval)", "edge", "net", "offered", "why"],
        [
            [
                signal.listing.ticker,
                _bought(signal, links),
                _ask(signal),
                _fair(signal),
                _edge(signal),
                _net(signal),
                _offered(signal),
                _why(signal, every=every),
            ]
            for signal in refused
        ],
        title=title,
        right=(*NUMBERS, "offered"),
        style=["dim"] * len(refused),
    )


def _in_sentences(
    signals: Sequence[Signal], links: "dict[str, Link]", title: str, *, every: bool
) -> None:
    emit(f"\n{title}")
    for signal in signals:
        emit(f"\n{clean(_bought(signal, links))}   {clean(signal.listing.ticker)}")
        emit(
            f"  ask {_ask(signal)}, fair {_fair(signal)}, edge {_edge(signal)}, "
            f"fee {_fee(signal)}, net {_net(signal)}"
        )
        if signal.should_trade:
            emit(
                f"  buy {signal.recommended_contracts} of {_offered(signal)} offered, "
                f"{dollars(signal.risk_amount)} at risk, up to {_limit(signal)}"
            )
            emit(
                f"  odds {duration(signal.odds_age)} old, starts in {_left(signal)}, "
                f"confidence {_confidence(signal)}"
            )
        else:
            emit(f"  {_why(signal, every=every)}")
    emit("")


def _signal_row(signal: Signal, links: "dict[str, Link]") -> list[str]:
    return [
        signal.listing.ticker,
        _bought(signal, links),
        _ask(signal),
        _fair(signal),
        _edge(signal),
        _fee(signal),
        _net(signal),
        f"{signal.recommended_contracts} of {_offered(signal)}",
        dollars(signal.risk_amount),
        duration(signal.odds_age),
        _left(signal),
        _confidence(signal),
    ]


def live_cells(signal: Signal, now: Nanos) -> dict[str, str]:
    """The figures of one market on a screen that moves, by the name of their column.

    They are those that were decided on, but for the time that is left now until the start.
    """
    return {
        "market": signal.listing.ticker,
        "buy": _bought(signal, {}),
        "ask": _ask(signal),
        "fair": cash_cents(signal.fair),
        "interval": _interval(signal),
        "edge": _edge(signal),
        "fee": _fee(signal),
        "net": _net(signal),
        "size": f"{signal.recommended_contracts} of {_offered(signal)}",
        "odds": duration(signal.odds_age),
        "starts": duration(signal.listing.start - now),
    }


def _bought(signal: Signal, links: "dict[str, Link]") -> str:
    """`YES Buffalo Bills` or `NO Houston Texans (for Buffalo Bills)`."""
    edge, team = signal.edge, signal.listing.team
    if edge is None or edge.best_side is Side.YES:
        return f"YES {team}"
    link = links.get(signal.listing.ticker)
    return f"NO {team}" + (f" (for {link.opponent})" if link and link.opponent else "")


def _ask(signal: Signal) -> str:
    return "none" if signal.edge is None else cents(signal.edge.price)


def _edge(signal: Signal) -> str:
    return "-" if signal.edge is None else cash_cents(signal.edge.best_edge)


def _fee(signal: Signal) -> str:
    return "-" if signal.edge is None else cash_cents(signal.fee_each, 2)


def _net(signal: Signal) -> str:
    return "-" if signal.net_edge is None else cash_cents(signal.net_edge)


def _fair(signal: Signal) -> str:
    return f"{cash_cents(signal.fair)} ({_interval(signal)})"


def _interval(signal: Signal) -> str:
    # Rounded outwards: what is shown is never narrower than what was decided on.
    low, high = signal.low // TENTH * TENTH, -(-signal.high // TENTH) * TENTH
    return f"{cash_cents(low)[:-1]}-{cash_cents(high)[:-1]}"


def _limit(signal: Signal) -> str:
    return "no price" if signal.max_price is None else cents(signal.max_price)


def _offered(signal: Signal) -> str:
    size = signal.kalshi.ask_size(signal.edge.best_side) if signal.edge else None
    return "unknown" if size is None else contracts(size)


def _left(signal: Signal) -> str:
    return duration(signal.listing.start - signal.at)


def _confidence(signal: Signal) -> str:
    return f"{signal.confidence_tier} {signal.confidence_score}"


def _why(signal: Signal, *, every: bool) -> str:
    told = [f"{refusal.name}: {describe(refusal)}" for refusal in signal.reasons]
    if every or len(told) < 2:
        return "; ".join(told)
    return f"{told[0]} (+{len(told) - 1} more)"
