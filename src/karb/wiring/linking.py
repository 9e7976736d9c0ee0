"""Linking with the tables that ship with karb, and its tasks over files."""

from pathlib import Path

from karb.adapters.files.mapping import read_markets, read_odds, read_truth
from karb.config.teams import team_tables
from karb.domain.linking.links import NoLink
from karb.domain.linking.match import Linker
from karb.tasks.audit import Audit, audit
from karb.tasks.explain_link import Explanation, explain
from karb.tasks.proposals import with_proposals


def linker() -> Linker:
    """The linker that everything in karb uses."""
    return Linker(team_tables())


def propose(answer: NoLink) -> NoLink:
    """The same answer with the nearest known names, for a person."""
    return with_proposals(answer, team_tables())


def audit_files(kalshi: Path, odds: Path, truth: Path) -> Audit:
    """Score linking of the markets and odds in these files against a truth."""
    expected = read_truth(truth)
    answers = linker().link(read_markets(kalshi), read_odds(odds))
    return audit(answers, expected, propose)


def explain_files(ticker: str, kalshi: Path, odds: Path) -> Explanation:
    """Explain the link of one market or event of these files."""
    markets, events = read_markets(kalshi), read_odds(odds)
    return explain(ticker, markets, events, team_tables(), propose)
