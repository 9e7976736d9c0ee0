"""Over invented schedules: a link never leaves its teams and its date, whatever is missing."""

from datetime import date, datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from karb.config.teams import team_tables
from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.links import Link
from karb.domain.linking.match import MarketFacts
from karb.domain.linking.teams import WEEKLY_LEAGUES
from karb.domain.linking.tickers import GAME_SERIES, parse_ticker
from karb.domain.market.leagues import Kind, League
from karb.domain.units import SECOND
from linking_cases import EASTERN, ids, link

SERIES = {league: series for series, league in GAME_SERIES.items()}
FIRST_DAY = date(2025, 10, 30)


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[OddsEvent], list[list[MarketFacts]]]:
    """Games of a few teams over four days, across a change of clocks, and their markets."""
    league = draw(st.sampled_from(list(League)))
    teams = team_tables()[league].teams[:6]
    events, markets = [], []
    for number in range(draw(st.integers(1, 8))):
        away, home = draw(st.permutations(teams))[:2]
        day = FIRST_DAY + timedelta(days=draw(st.integers(0, 4)))
        clock = time(draw(st.integers(9, 23)), draw(st.sampled_from([0, 10, 40])))
        start = int(datetime.combine(day, clock, tzinfo=EASTERN).timestamp()) * SECOND
        events.append(
            OddsEvent(
                id=f"{number}",
                league=league,
                kind=Kind.GAME,
                home=home.odds[0],
                away=away.odds[0],
                start=start,
            )
        )
        stated = f"{clock:%H%M}" if draw(st.booleans()) else ""
        event = f"{SERIES[league]}-{day:%y%b%d}{stated}".upper() + away.codes[0] + home.codes[0]
        markets.append(
            [
                MarketFacts(f"{event}-{team.codes[0]}", event, "", team.exchange[0])
                for team in (away, home)
            ]
        )
    return events, markets


def same_pair(one: OddsEvent, other: OddsEvent) -> bool:
    return {one.home, one.away} == {other.home, other.away}


def same_fixture(one: OddsEvent, other: OddsEvent) -> bool:
    def days(event: OddsEvent) -> date:
        return datetime.fromtimestamp(event.start // SECOND, tz=EASTERN).date()

    return same_pair(one, other) and days(one) == days(other)


@settings(max_examples=120, deadline=None)
@given(schedules())
def test_a_link_is_of_the_same_teams_and_the_same_eastern_date(
    schedule: tuple[list[OddsEvent], list[list[MarketFacts]]],
) -> None:
    events, markets = schedule
    by_id = {event.id: event for event in events}
    for event, sides in zip(events, markets, strict=True):
        rival = same_pair if event.league in WEEKLY_LEAGUES else same_fixture
        alone = sum(rival(event, other) for other in events) == 1
        answers = link(sides, *events)
        assert all(isinstance(answer, Link) for answer in answers) or not alone
        for answer in answers:
            if isinstance(answer, Link):
                assert same_fixture(by_id[answer.odds_event_id], event)
                assert {answer.outcome, answer.opponent} == {event.home, event.away}


@settings(max_examples=60, deadline=None)
@given(schedules(), st.integers(0, 7))
def test_a_fixture_that_is_missing_leaves_its_markets_unlinked(
    schedule: tuple[list[OddsEvent], list[list[MarketFacts]]], which: int
) -> None:
    events, markets = schedule
    gone = events[which % len(events)]
    rest = [event for event in events if not same_fixture(event, gone)]
    answers = link(markets[which % len(events)], *rest)
    assert not any(isinstance(answer, Link) for answer in answers)


@settings(max_examples=60, deadline=None)
@given(schedules(), st.randoms(use_true_random=False))
def test_the_order_of_events_and_markets_does_not_matter(
    schedule: tuple[list[OddsEvent], list[list[MarketFacts]]], random: Random
) -> None:
    events, groups = schedule
    markets = [market for group in groups for market in group]
    shuffled_events, shuffled = events[:], markets[:]
    random.shuffle(shuffled_events)
    random.shuffle(shuffled)
    before = dict(zip(dict.fromkeys(m.ticker for m in markets), ids(markets, *events), strict=True))
    after = dict(
        zip(
            dict.fromkeys(m.ticker for m in shuffled),
            ids(shuffled, *shuffled_events),
            strict=True,
        )
    )
    assert before == after


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.builds(
            "{}-{}".format,
            st.sampled_from([*GAME_SERIES, "KXNFL"]),
            st.from_regex(r"\A[0-9A-Z-]{0,24}\Z"),
        ),
    ),
    st.text(max_size=12),
)
def test_any_text_is_read_or_refused_and_never_breaks(ticker: str, event_ticker: str) -> None:
    for read in (parse_ticker(ticker), parse_ticker(ticker, event_ticker)):
        if read is not None:
            assert read.code
            assert ticker.startswith(f"{read.series}-")
            assert ticker.endswith(f"-{read.code}")
            assert (read.season is None) == (read.kind is Kind.GAME)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), st.text(max_size=60), st.text(max_size=60))
def test_any_text_in_a_market_gets_an_answer(team: str, title: str, rules: str) -> None:
    event = "KXNFLGAME-25NOV16KCDEN"
    answers = link([MarketFacts(f"{event}-KC", event, title, team, title, rules)])
    assert len(answers) == 1
    assert not isinstance(answers[0], Link)
