"""One channel of a connection: what is followed on it, and the one command that is on its way.

The exchange answers a command about many markets as a whole, so one market that it does not
take spoils it for the others. Then half of them are asked for, and half of those, until the
one is found that is refused; it is left out for a while and the others go on in growing
numbers again.
"""

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Final, NamedTuple

from karb.adapters.kalshi.commands_wire import ADD, DELETE
from karb.domain.units import SECOND, Nanos

SUBSCRIBE: Final = "subscribe"
BATCH: Final = 200
"""Markets in one command."""
ANSWER: Nanos = 5 * SECOND
"""How long the exchange may take to answer a command."""
LEFT_OUT: Nanos = 60 * SECOND
"""How long a market that was refused is left out, and a channel that is full left alone."""
LONGEST: Nanos = 30 * SECOND
SETTLED: Nanos = 2 * SECOND
"""A channel that went well for this long begins again at once when it fails."""
_SECOND_TRY: Nanos = SECOND // 4

# Codes of errors that say something other than "not this market".
TOO_FAST: Final = frozenset({18, 27})
FULL: Final = frozenset({26})
GONE: Final = frozenset({7, 10, 25})
"""The subscription is not there (any more): begin another."""


class Step(NamedTuple):
    """A command to send, and the markets it is about."""

    action: str
    tickers: tuple[str, ...]


class Subscription:
    """A channel. `sid` is its number while it runs, `held` the markets that it follows, in order.

    `filtered`: the channel follows the markets that it is told; else it has no choice.
    """

    def __init__(self, channel: str, *, filtered: bool = True) -> None:
        self.channel, self.filtered = channel, filtered
        self.sid: int | None = None
        self.held: dict[str, None] = {}
        self._asked: Step | None = None
        self._at: Nanos = 0
        self._again: Nanos = 0
        self._failures = 0
        self._batch = BATCH
        self._left_out: dict[str, Nanos] = {}

    def step(self, wanted: Mapping[str, None], now: Nanos) -> Step | None:
        """What to send now to follow what is wanted; None while there is nothing to send."""
        if self._asked is not None or now < self._again:
            return None
        self._asked, self._at = self._next(wanted, now), now
        return self._asked

    def overdue(self, now: Nanos) -> bool:
        """Whether the exchange has not answered in time."""
        return self._asked is not None and now - self._at > ANSWER

    def accepted(self, sid: int | None = None) -> Step | None:
        """The command on its way was carried out; which one. `sid` is that of a beginning."""
        step, self._asked = self._asked, None
        if step is None:
            return None
        if step.action == DELETE:
            for ticker in step.tickers:
                self.held.pop(ticker, None)
        else:
            self.held.update(dict.fromkeys(step.tickers))
        if sid is not None:
            self.sid = sid
        self._batch = min(BATCH, self._batch * 2)
        return step

    def refused(self, code: int, now: Nanos) -> str | None:
        """The command on its way was not; the one market that it failed for, once it is known."""
        step, self._asked = self._asked, None
        if step is None:
            return None
        if code in TOO_FAST or not step.tickers:
            self._wait(now)
        elif code in FULL:
            self._again = now + LEFT_OUT
        elif len(step.tickers) > 1:
            self._batch = max(1, len(step.tickers) // 2)
        else:
            (ticker,) = step.tickers
            self.held.pop(ticker, None)
            self._left_out[ticker] = now + LEFT_OUT
            return ticker
        return None

    def ended(self, now: Nanos) -> None:
        """The exchange ended the subscription: it begins anew, at once and then ever later."""
        self.sid, self._asked = None, None
        self.held.clear()
        self._wait(now)

    def _wait(self, now: Nanos) -> None:
        if now - self._again > SETTLED:
            self._failures = 0
        self._again = now
        if self._failures:
            self._again += min(LONGEST, _SECOND_TRY * 2**self._failures)
        self._failures += 1

    def _next(self, wanted: Mapping[str, None], now: Nanos) -> Step | None:
        if not self.filtered:
            return Step(SUBSCRIBE, ()) if self.sid is None else None
        missing = self._first(wanted, self.held, now)
        if missing:
            return Step(SUBSCRIBE if self.sid is None else ADD, missing)
        if self.sid is not None and (extra := self._first(self.held, wanted, now)):
            return Step(DELETE, extra)
        return None

    def _first(self, some: Collection[str], others: Collection[str], now: Nanos) -> tuple[str, ...]:
        """The first of some that are not among others, as many as a command takes."""
        found = (t for t in some if t not in others and self._left_out.get(t, 0) <= now)
        return tuple(islice(found, self._batch))
