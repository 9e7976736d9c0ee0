"""Looks for the screen: the best first, all in turn, few at a time."""

import msgspec

from karb.domain.edge.signal import Signal
from karb.services.looks import IN_TURN, SHOWN, Looks
from situations import fair, judge, profile, quote, situation

MANY = [f"T{number:03}" for number in range(100)]


class Market:
    """A hundred markets; T050 is the only good one, T010 has nothing to see."""

    def __init__(self) -> None:
        self.looked: list[str] = []

    def look(self, ticker: str) -> Signal | None:
        self.looked.append(ticker)
        if ticker == "T010":
            return None
        bid = 4_700 if ticker == "T050" else 5_000 + int(ticker[1:])
        signal = judge(situation(quote=quote(bid, bid + 100)), profile())
        listing = msgspec.structs.replace(signal.listing, ticker=ticker)
        consensus = msgspec.structs.replace(signal.sportsbook, event_id=ticker)
        return msgspec.structs.replace(signal, listing=listing, sportsbook=consensus)


def test_after_a_few_pictures_every_market_was_looked_at_and_the_best_is_first() -> None:
    market = Market()
    looks = Looks(market.look)
    for _ in range(len(MANY) // IN_TURN + 1):
        best = looks.best(MANY)
    assert set(market.looked) == set(MANY)
    assert [signal.listing.ticker for signal in best[:3]] == ["T050", "T000", "T001"]
    assert len(best) == SHOWN


def test_one_picture_looks_at_a_few_markets_only() -> None:
    market = Market()
    looks = Looks(market.look)
    for _ in range(20):
        market.looked.clear()
        looks.best(MANY)
        assert len(market.looked) <= SHOWN + IN_TURN


def test_a_market_that_is_gone_is_not_shown() -> None:
    market = Market()
    looks = Looks(market.look)
    looks.best(MANY[:5])
    assert [signal.listing.ticker for signal in looks.best(["T001"])] == ["T001"]


def test_a_bet_that_two_markets_offer_is_shown_once_as_the_better_one_has_it() -> None:
    cost = {"KX-BUF": 5_200, "KX-HOU": 5_100}

    def look(ticker: str) -> Signal:
        buffalo, ask = ticker == "KX-BUF", cost[ticker]
        made = quote(ask - 100, ask) if buffalo else quote(10_000 - ask, 10_100 - ask)
        signal = judge(situation(quote=made, consensus=fair(0.55 if buffalo else 0.45)), profile())
        team = "Buffalo Bills" if buffalo else "Houston Texans"
        listing = msgspec.structs.replace(signal.listing, ticker=ticker, team=team)
        return msgspec.structs.replace(signal, listing=listing)

    looks = Looks(look)
    assert [signal.listing.ticker for signal in looks.best(cost)] == ["KX-HOU"]
    cost["KX-BUF"] = 5_000
    assert [signal.listing.ticker for signal in looks.best(cost)] == ["KX-BUF"]
