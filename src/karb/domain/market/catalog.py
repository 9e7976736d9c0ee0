"""A market with all that the exchange lists around it: its event, its fees, its start."""

import msgspec

from karb.domain.market.messages import Event, Market, Series
from karb.domain.units import Nanos


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One market as the exchange lists it at the time `at`.

    `event` comes without its markets, None where it could not be had; `series` carries the
    fee. `start` is the start of the game as the exchange's own schedule (a milestone) has
    it, None where it has none; nothing is estimated.
    """

    market: Market
    event: Event | None
    series: Series | None
    start: Nanos | None
    at: Nanos
