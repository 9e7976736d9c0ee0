"""What stands on the screen: markets looked at a few at a time, the best ones always.

A look is a whole evaluation, tens of microseconds. A thousand of them at once would make a
price wait, so each picture looks at those it shows and at the next few in turn. A bet that
both markets of a game offer stands there once, as the better market has it; the other one is
looked at as often, because it may be the better one the next time.
"""

from collections.abc import Callable, Collection

from karb.domain.edge.same_bet import same_bet
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
        for ticker in dict.fromkeys((*turn, *self._first_and_twins())):
            signal = self._look(ticker)
            if signal is None:
                self._seen.pop(ticker, None)
            else:
                self._seen[ticker] = signal
        return [bet[0] for bet in self._first()]

    def _first_and_twins(self) -> list[str]:
        return [signal.listing.ticker for bet in self._first() for signal in bet]

    def _first(self) -> list[list[Signal]]:
        """The best bets, each as one market offers it, or as two do, the better one first."""
        bets: list[list[Signal]] = []
        for signal in sorted(self._seen.values(), key=_order):
            known = next((bet for bet in bets if same_bet(bet[0], signal)), None)
            if known is not None:
                known.append(signal)
            elif len(bets) < SHOWN:
                bets.append([signal])
            else:
                break
        return bets


def _order(signal: Signal) -> tuple[bool, float, str]:
    net = float("-inf") if signal.net_edge is None else signal.net_edge
    return not signal.should_trade, -net, signal.listing.ticker
