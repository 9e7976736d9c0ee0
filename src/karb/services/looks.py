"""What stands on the screen: markets looked at a few at a time, the best ones always.

A look is a whole evaluation, tens of microseconds. A thousand of them at once would make a
price wait, so each picture looks at those it shows and at the next few in turn.
"""

from collections.abc import Callable, Collection

from karb.domain.edge.signal import Signal

SHOWN, IN_TURN = 12, 12


class Looks:
    """Looks at markets by `look`; None means that there is nothing to see now."""

    def __init__(self, look: Callable[[str], Signal | None]) -> None:
        self._look = look
        self._seen: dict[str, Signal] = {}
        self._turn: list[str] = []

    def best(self, markets: Collection[str]) -> list[Signal]:
        """The markets nearest to a signal, best first, looked at just now."""
        for ticker in self._seen.keys() - set(markets):
            del self._seen[ticker]
        if not self._turn:
            self._turn = list(markets)
        turn, self._turn = self._turn[:IN_TURN], self._turn[IN_TURN:]
        for ticker in {*turn, *(signal.listing.ticker for signal in self._first())}:
            signal = self._look(ticker)
            if signal is None:
                self._seen.pop(ticker, None)
            else:
                self._seen[ticker] = signal
        return self._first()

    def _first(self) -> list[Signal]:
        return sorted(self._seen.values(), key=_order)[:SHOWN]


def _order(signal: Signal) -> tuple[bool, float, str]:
    net = float("-inf") if signal.net_edge is None else signal.net_edge
    return not signal.should_trade, -net, signal.listing.ticker
