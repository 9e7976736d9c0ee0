"""An explanation is about the market or event that was asked for, and its siblings."""

import pytest

from karb.config.teams import team_tables
from karb.domain.linking.reading import MarketFacts
from karb.tasks.explain_link import Explanation, explain

GAME = "KXNFLGAME-25DEC27BALGB"
HYPHENS = "KXNCAAFGAME-25DEC27M-OHFRES"
TICKERS = (
    f"{GAME}-GB",
    f"{GAME}-BAL",
    "KXNFLGAME-25DEC28BUFPHI-BUF",
    f"{HYPHENS}-M-OH",
    f"{HYPHENS}-FRES",
    "KXNFL-26JAN11-BUF",
)
WITHOUT_EVENT = [MarketFacts(ticker) for ticker in TICKERS]


def explained(asked: str, markets: list[MarketFacts]) -> Explanation:
    return explain(asked, markets, [], team_tables(), lambda answer: answer)


def tickers(explanation: Explanation) -> set[str]:
    return {answer.ticker for answer in explanation.answers}


@pytest.mark.parametrize("asked", [f"{GAME}-GB", f"{GAME}-BAL", GAME, GAME.lower()])
def test_markets_that_do_not_name_their_event_are_siblings_by_their_tickers(asked: str) -> None:
    explanation = explained(asked, WITHOUT_EVENT)
    assert tickers(explanation) == {f"{GAME}-GB", f"{GAME}-BAL"}
    assert explanation.known


def test_a_code_with_a_hyphen_belongs_to_the_market_and_not_to_its_event() -> None:
    assert tickers(explained(HYPHENS, WITHOUT_EVENT)) == {f"{HYPHENS}-M-OH", f"{HYPHENS}-FRES"}


def test_one_that_names_its_event_and_one_that_does_not_are_siblings_all_the_same() -> None:
    markets = [MarketFacts(f"{GAME}-GB", GAME), MarketFacts(f"{GAME}-BAL")]
    assert tickers(explained(f"{GAME}-BAL", markets)) == {f"{GAME}-GB", f"{GAME}-BAL"}


def test_a_market_of_unknown_shape_is_explained_alone() -> None:
    markets = [MarketFacts("KXNFLGAME"), MarketFacts("KXOTHER"), *WITHOUT_EVENT]
    assert tickers(explained("kxnflgame", markets)) == {"KXNFLGAME"}


def test_what_no_market_has_is_read_from_its_ticker_alone() -> None:
    explanation = explained("KXNFLGAME-25DEC28BUFPHI-PHI", WITHOUT_EVENT[:2])
    assert tickers(explanation) == {"KXNFLGAME-25DEC28BUFPHI-PHI"}
    assert not explanation.known
