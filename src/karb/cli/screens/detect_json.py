"""Detection as one JSON document: the specification's Signal, field by field, and the counts.

The specification's fields keep its names and units: prices, edges and `max_price` are cents,
`risk_amount` and `potential_profit` dollars. karb's own fields say their unit. Times are ISO
8601 in UTC. Numbers here are for reading; nothing is computed from them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from karb.domain.edge.edge import EdgeCalculation
from karb.domain.edge.refusal import describe
from karb.domain.edge.signal import Signal
from karb.domain.fair.consensus import Consensus
from karb.domain.market.messages import Quote, Side
from karb.domain.units import CASH_PER_CENT, CASH_PER_DOLLAR, CENT, CONTRACT, SECOND, Nanos

if TYPE_CHECKING:
    from karb.tasks.detect_report import Report, Tally


UNITS = {
    "yes_edge, no_edge, best_edge, price, max_price, yes_bid .. no_ask, consensus": "cents",
    "risk_amount": "dollars lost when the other side wins, fee included",
    "potential_profit": "dollars earned on average at the consensus, after the fee",
}


def body(report: "Report", left_out: Sequence[str]) -> dict[str, Any]:
    """The document's members, without its schema."""
    refused = [signal for signal in report.judged if not signal.should_trade]
    return {
        "profile": report.profile.name,
        "units": UNITS,
        "summary": {league: _summary(tally) for league, tally in report.tallies.items()},
        "funnel": report.funnel,
        "signals": [signal_body(signal) for signal in report.signals],
        "refused": [signal_body(signal) for signal in refused],
        "unjudged": [
            {
                "ticker": entry.ticker,
                "event_ticker": entry.event_ticker,
                "league": entry.league,
                "stage": entry.stage,
                "reason": entry.reason,
                "detail": entry.detail,
            }
            for entry in report.unjudged
        ],
        "left_out": list(left_out),
    }


def _summary(tally: "Tally") -> dict[str, Any]:
    """Counts of one league; without odds there are none, and `no_odds` says why."""
    counted = tally.with_odds
    return {
        "markets": tally.markets,
        "asks": tally.asks if counted else None,
        "beat_gross": tally.gross if counted else None,
        "beat_gross_1c": tally.gross_1c if counted else None,
        "beat_net": tally.net if counted else None,
        "beat_net_2c": tally.net_2c if counted else None,
        "sizes_known": tally.sizes_known if counted else None,
        "no_odds": None if counted else _no_odds(tally),
    }


def _no_odds(tally: "Tally") -> str:
    return "no capture time" if tally.without_time else "none near these captures"


def signal_body(signal: Signal) -> dict[str, Any]:
    """One signal or refusal."""
    return {
        "signal_id": signal.signal_id or None,
        "at": iso_time(signal.at),
        "expires": iso_time(signal.expires),
        "profile": signal.profile,
        "action": signal.action,
        "should_trade": signal.should_trade,
        "ticker": signal.listing.ticker,
        "event_ticker": signal.listing.event_ticker,
        "league": signal.listing.league,
        "team": signal.listing.team,
        "start": iso_time(signal.listing.start),
        "kalshi": _quote(signal.kalshi),
        "sportsbook": _consensus(signal.sportsbook),
        "edge": None if signal.edge is None else _edge(signal.edge),
        "fair_cents": _cash_cents(signal.fair),
        "fair_low_cents": _cash_cents(signal.low),
        "fair_high_cents": _cash_cents(signal.high),
        "net_edge_cents": _cash_cents(signal.net_edge),
        "fee_per_contract_cents": _cash_cents(signal.fee_each),
        "fee_dollars": _dollars(signal.fee),
        "confidence_score": signal.confidence_score,
        "confidence_tier": signal.confidence_tier,
        "recommended_contracts": signal.recommended_contracts,
        "max_price": _price(signal.max_price),
        "risk_amount": _dollars(signal.risk_amount),
        "potential_profit": _dollars(signal.potential_profit),
        "quote_age_seconds": _seconds(signal.quote_age),
        "odds_age_seconds": _seconds(signal.odds_age),
        "captures_apart_seconds": _seconds(signal.at - signal.odds_at),
        "reasons": [{"name": r.name, "text": describe(r)} for r in signal.reasons],
    }


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "yes_bid": _price(quote.yes_bid),
        "yes_ask": _price(quote.yes_ask),
        "no_bid": _price(quote.bid(Side.NO)),
        "no_ask": _price(quote.ask(Side.NO)),
        "yes_bid_size": _count(quote.yes_bid_size),
        "yes_ask_size": _count(quote.yes_ask_size),
        "volume": _count(quote.volume),
    }


def _consensus(fair: Consensus) -> dict[str, Any]:
    return {
        "event_id": fair.event_id,
        "outcome": fair.outcome,
        "consensus": round(100 * fair.probability, 4),
        "method": fair.method,
        "book_count": fair.books,
        "book_spread": round(100 * fair.spread, 4),
        "sd": round(100 * fair.sd, 4),
        "by_method": {method: round(100 * p, 4) for method, p in fair.by_method.items()},
        "books": [
            {
                "book": book.book,
                "fair_cents": round(100 * book.probability, 4),
                "weight": book.weight,
                "updated": iso_time(book.updated),
            }
            for book in fair.kept
        ],
        "dropped": [{"book": d.book, "reason": d.reason, "detail": d.detail} for d in fair.dropped],
    }


def _edge(edge: EdgeCalculation) -> dict[str, Any]:
    return {
        "yes_edge": _cash_cents(edge.yes_edge),
        "no_edge": _cash_cents(edge.no_edge),
        "best_side": edge.best_side,
        "best_edge": _cash_cents(edge.best_edge),
        "edge_percent": round(edge.edge_percent, 2),
        "price": _price(edge.price),
    }


def iso_time(at: Nanos) -> str:
    """A time as JSON has it everywhere: ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at / SECOND, UTC).isoformat(timespec="milliseconds")


def _price(price: int | None) -> float | None:
    return None if price is None else price / CENT


def _count(count: int | None) -> float | None:
    return None if count is None else count / CONTRACT


def _cash_cents(cash: int | None) -> float | None:
    return None if cash is None else cash / CASH_PER_CENT


def _dollars(cash: int) -> float:
    return cash / CASH_PER_DOLLAR


def _seconds(nanos: Nanos | None) -> float | None:
    return None if nanos is None else nanos / SECOND
