"""The tasks of linking over files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from karb.adapters.files.mapping import Events, Markets, read_markets, read_odds, read_truth
from karb.config.teams import team_tables
from karb.tasks.audit import Audit, audit
from karb.tasks.explain_link import Explanation, explain
from karb.wiring.linking import linker, propose

T = TypeVar("T")


class Answer(NamedTuple, Generic[T]):
    """What a task over files found, and what had to be left out of it, a sentence each."""

    found: T
    left_out: tuple[str, ...]


def audit_files(kalshi: Sequence[Path], odds: Sequence[Path], truth: Path) -> Answer[Audit]:
    """Score linking of the markets and odds in these files against a truth."""
    expected = read_truth(truth)
    markets, offers = read_markets(kalshi), read_odds(odds)
    answers = linker().link(markets.facts, offers.events)
    return Answer(audit(answers, expected, propose), _left_out(markets, offers))


def explain_files(ticker: str, kalshi: Sequence[Path], odds: Sequence[Path]) -> Answer[Explanation]:
    """Explain the link of one market or event of these files."""
    markets, offers = read_markets(kalshi), read_odds(odds)
    found = explain(ticker, markets.facts, offers.events, team_tables(), propose)
    return Answer(found, _left_out(markets, offers))


def _left_out(markets: Markets, offers: Events) -> tuple[str, ...]:
    return tuple(f"{bad.origin}: {bad.problem}" for bad in (*markets.bad, *offers.bad))
