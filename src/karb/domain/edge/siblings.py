"""Both markets of a game, seen together: do their prices belong to one game at all?"""

from collections.abc import Iterable

from karb.domain.market.messages import Quote
from karb.domain.units import Price

FITTING: tuple[Price, Price] = (9_000, 11_000)
"""What the middles of a game's two markets may add up to."""


def misfits(quotes: Iterable[tuple[str, Quote]]) -> set[str]:
    """The events whose two markets' middles do not add up to about a dollar.

    Takes pairs of event ticker and quote, one of each market, as they stood at one moment
    before the game's start: the caller leaves out the rest, because prices of two moments
    need not fit. A price condition: it says nothing about which game it is, only that one of
    the two prices, or the link, cannot be trusted. Without both middles nothing is said.
    """
    middles: dict[str, dict[str, Price]] = {}
    for event, quote in quotes:
        if quote.yes_bid is not None and quote.yes_ask is not None:
            middles.setdefault(event, {})[quote.ticker] = (quote.yes_bid + quote.yes_ask) // 2
    return {
        event
        for event, found in middles.items()
        if len(found) == 2 and not FITTING[0] <= sum(found.values()) <= FITTING[1]
    }
