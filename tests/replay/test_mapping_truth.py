"""Real markets against real odds events with a truth made by hand."""

from collections import defaultdict
from pathlib import Path

import pytest

from data_files import recorded
from karb.adapters.files.mapping import read_markets, read_odds, read_truth
from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.fixtures import eastern
from karb.domain.linking.links import Link
from karb.domain.linking.match import Linker, MarketFacts
from karb.domain.linking.truth import TruthRow
from karb.domain.market.leagues import League
from karb.wiring.link_files import audit_files
from karb.wiring.linking import linker

Data = tuple[list[MarketFacts], list[OddsEvent], list[TruthRow]]


def files() -> tuple[Path, Path, Path]:
    return (
        recorded("mapping/pool_kalshi_dev.csv"),
        recorded("mapping/pool_odds_dev.csv"),
        recorded("mapping/truth_events_dev.csv"),
    )


@pytest.fixture(scope="module")
def data() -> Data:
    kalshi, odds, truth = files()
    markets, events = read_markets([kalshi]), read_odds([odds])
    assert not markets.bad + events.bad
    return list(markets.facts), list(events.events), read_truth(truth)


def test_no_link_is_wrong_and_next_to_none_is_missed() -> None:
    kalshi, odds, truth = files()
    result = audit_files([kalshi], [odds], truth).found
    assert result.wrong == ()
    college = (League.NCAAF, League.NCAAB)
    right = {league: score.right for league, score in result.leagues.items()}
    assert sum(right[league] for league in League if league not in college) == 146
    assert sum(right[league] for league in college) >= 40
    assert result.summary.expected == 187
    assert result.summary.precision == 1.0


def test_without_its_fixture_an_event_stays_unlinked(data: Data) -> None:
    """All odds ids of one fixture (league, pair, Eastern date) are taken away, one by one."""
    markets, events, truth = data
    fixtures: defaultdict[tuple[League, frozenset[str], str], set[str]] = defaultdict(set)
    for event in events:
        for at in (event.start, *event.starts_seen):
            pair = frozenset((event.home, event.away))
            fixtures[event.league, pair, str(eastern(at).date())].add(event.id)
    listed = {row.odds_event_id: row.event_ticker for row in truth}
    checked = 0
    for gone in fixtures.values():
        tickers = {listed[id_] for id_ in gone if id_ in listed}
        if not tickers:
            continue
        rest = [event for event in events if event.id not in gone]
        asked = [market for market in markets if market.event_ticker in tickers]
        checked += len(tickers)
        assert not linked(linker(), asked, rest)
    assert checked >= 187


def linked(with_: Linker, markets: list[MarketFacts], events: list[OddsEvent]) -> list[Link]:
    return [answer for answer in with_.link(markets, events) if isinstance(answer, Link)]


def test_every_market_gets_a_link_or_a_reason(data: Data) -> None:
    markets, events, _ = data
    answers = linker().link(markets, events)
    assert [answer.ticker for answer in answers] == list(dict.fromkeys(m.ticker for m in markets))


def test_every_name_in_the_recorded_odds_is_known(data: Data) -> None:
    from karb.config.teams import team_tables

    _, events, _ = data
    names = {(event.league, name) for event in events for name in (event.home, event.away)}
    tables = team_tables()
    assert {one for one in names if tables[one[0]].by_odds(one[1]) is None} == set()
