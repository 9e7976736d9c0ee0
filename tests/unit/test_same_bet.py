"""One bet in both markets of a game: the better one gives the signal, in any order of news."""

import itertools
from collections.abc import Callable

import msgspec
import pytest

from karb.domain.edge.detector import EdgeDetector
from karb.domain.edge.same_bet import is_better, one_signal_a_bet, same_bet
from karb.domain.edge.signal import Signal
from karb.domain.edge.situation import Listing
from karb.domain.fair.consensus import Consensus
from karb.domain.market.leagues import Kind
from karb.domain.market.messages import Quote
from karb.domain.units import MILLISECOND
from situations import CAPS, LISTING, NOW, fair, judge, new_id, profile, quote, situation

BUF, HOU = (
    LISTING,
    msgspec.structs.replace(LISTING, ticker="KXNFLGAME-26NOV26BUFHOU-HOU", team="Houston Texans"),
)
BUF_FAIR, HOU_FAIR = fair(0.55), fair(0.45, outcome="Houston Texans")


def yes_of_buffalo(ask: int) -> Quote:
    return quote(ask - 100, ask)


def no_of_houston(ask: int) -> Quote:
    """Its NO costs `ask`: that much less than a dollar is bid for YES."""
    return quote(10_000 - ask, 10_100 - ask, ticker=HOU.ticker)


NOTHING = {BUF.ticker: quote(5_300, 5_400), HOU.ticker: quote(4_500, 4_600, ticker=HOU.ticker)}
"""Prices at which neither market has an edge."""


class Game:
    """A detector on both markets of a game, with prices that a test moves."""

    def __init__(self) -> None:
        self.time = NOW
        self.newest: dict[str, Quote] = {}
        self.alert: dict[str, bool] = {}
        self.told: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.detector = EdgeDetector(
            profile(),
            CAPS,
            sink=lambda signal: self.told.append(signal.listing.ticker[-3:]),
            new_id=new_id,
            now=lambda: self.time,
            announce=self.hear,
            newest=self.quote,
            refused=lambda s: self.refused.append((s.listing.ticker[-3:], s.reasons[0].name)),
        )
        self.detector.update([BUF, HOU], {BUF.ticker: BUF_FAIR, HOU.ticker: HOU_FAIR})

    def quote(self, ticker: str) -> Quote | None:
        return self.newest.get(ticker)

    def hear(self, ticker: str, limits: object, alert: bool) -> None:
        self.alert[ticker] = alert and limits is not None

    def tick(self, made: Quote) -> None:
        """A price within the bounds."""
        self.newest[made.ticker] = made
        self.detector.on_quote(made)

    def gone(self, ticker: str) -> None:
        """A price beyond the bounds, of which only an alert market hears."""
        self.newest[ticker] = NOTHING[ticker]
        if self.alert[ticker]:
            self.detector.on_gone(ticker)

    def wait(self, ms: int = 100) -> None:
        self.time += ms * MILLISECOND
        self.detector.on_time()

    def reasons(self) -> set[tuple[str, str]]:
        taken = self.detector.take_refusals()
        return {(ticker[-3:], reason) for ticker, reason in taken}


@pytest.fixture
def game() -> Game:
    return Game()


def test_the_worse_of_two_that_offer_one_bet_is_refused_and_counted(game: Game) -> None:
    game.tick(yes_of_buffalo(4_700))
    game.tick(no_of_houston(4_800))
    assert game.told == ["BUF"]
    assert game.refused == [("HOU", "same_bet")]
    assert game.reasons() == {("HOU", "same_bet")}


def test_a_better_offer_of_the_same_bet_is_told_and_the_first_one_yields(game: Game) -> None:
    game.tick(yes_of_buffalo(4_800))
    game.tick(no_of_houston(4_700))
    assert game.told == ["BUF", "HOU"]
    assert game.refused == [("BUF", "same_bet")]


def test_of_two_equal_offers_the_first_ticker_is_told(game: Game) -> None:
    game.newest = {HOU.ticker: no_of_houston(4_700), BUF.ticker: yes_of_buffalo(4_700)}
    game.tick(no_of_houston(4_700))
    game.wait()
    assert game.told == ["BUF"]


def test_who_yielded_is_told_once_the_better_one_is_gone(game: Game) -> None:
    game.tick(yes_of_buffalo(4_700))
    game.tick(no_of_houston(4_800))
    game.gone(BUF.ticker)
    assert game.told == ["BUF"]
    game.wait()
    assert game.told == ["BUF", "HOU"]


def test_who_yielded_is_told_once_the_better_one_has_become_worse(game: Game) -> None:
    game.tick(yes_of_buffalo(4_700))
    game.tick(no_of_houston(4_800))
    game.wait()
    game.tick(yes_of_buffalo(4_900))
    game.wait()
    assert game.told == ["BUF", "HOU"]


def test_what_ends_both_makes_no_signal_of_the_one_that_yielded(game: Game) -> None:
    """A link that was rejected takes one market away after the other."""
    game.tick(yes_of_buffalo(4_700))
    game.tick(no_of_houston(4_800))
    game.detector.forget(BUF.ticker)
    game.detector.forget(HOU.ticker)
    game.wait()
    assert game.told == ["BUF"]


def test_after_the_feed_was_lost_nobody_waits_for_another(game: Game) -> None:
    game.tick(yes_of_buffalo(4_700))
    game.tick(no_of_houston(4_800))
    game.newest.clear()
    game.detector.lose_feed()
    game.wait()
    assert (game.told, game.detector.due) == (["BUF"], None)


@pytest.mark.parametrize("order", list(itertools.permutations([BUF, HOU])))
def test_new_odds_are_compared_once_both_markets_have_them(
    game: Game, order: tuple[Listing, ...]
) -> None:
    game.newest = {HOU.ticker: no_of_houston(5_200), BUF.ticker: yes_of_buffalo(5_300)}
    consensus: dict[str, Consensus | None] = {BUF.ticker: fair(0.62), HOU.ticker: fair(0.38)}
    game.detector.update([], {each.ticker: consensus[each.ticker] for each in order})
    assert game.told == ["HOU"]


def test_opposite_bets_on_one_game_are_both_told(game: Game) -> None:
    """YES on both teams is no one bet: it is a sure win, whatever it is worth."""
    game.tick(yes_of_buffalo(4_700))
    game.tick(quote(3_700, 3_800, ticker=HOU.ticker))
    assert game.told == ["BUF", "HOU"]


# The rule itself


def signal(listing: Listing, made: Quote, consensus: Consensus) -> Signal:
    return judge(situation(listing=listing, quote=made, consensus=consensus), profile())


def test_yes_on_a_team_is_no_on_its_opponent() -> None:
    yes = signal(BUF, yes_of_buffalo(4_700), BUF_FAIR)
    no = signal(HOU, no_of_houston(4_800), HOU_FAIR)
    other_game = signal(HOU, no_of_houston(4_800), fair(0.45, event_id="other"))
    assert same_bet(yes, no)
    assert not same_bet(yes, other_game)
    assert is_better(yes, no)
    assert not is_better(no, yes)


def test_that_one_team_does_not_win_the_title_says_nothing_of_another() -> None:
    rules = profile(markets=frozenset(Kind))

    def title(of: Callable[[int], Quote], listing: Listing, consensus: Consensus) -> Signal:
        champion = msgspec.structs.replace(listing, kind=Kind.CHAMPION)
        return judge(situation(listing=champion, quote=of(4_700), consensus=consensus), rules)

    one = title(yes_of_buffalo, BUF, BUF_FAIR)
    other = title(no_of_houston, HOU, HOU_FAIR)
    assert not same_bet(one, other)


def test_of_a_batch_the_best_signal_of_each_bet_stands() -> None:
    judged = [
        signal(HOU, no_of_houston(4_800), HOU_FAIR),
        signal(BUF, yes_of_buffalo(4_700), BUF_FAIR),
    ]
    refused, kept = one_signal_a_bet(judged)
    assert [each.name for each in refused.reasons] == ["same_bet"]
    assert (refused.should_trade, refused.signal_id, kept) == (False, "", judged[1])
