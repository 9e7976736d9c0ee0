"""Take-profit and stop-loss by edge and liquidity: the specification's table.

Detection needs it before exits exist, because an entry whose stop already lies at the bid
would be sold at once (the guard `stop_distance`).
"""

import msgspec

from karb.domain.units import CASH_PER_CENT, CENT, CONTRACT, Cash, Count, Price

# Gross edge in cents, then gain and loss in cents; the largest edge first.
_TABLE = ((6, 7, 4), (5, 6, 4), (3, 5, 3), (2, 4, 3), (1, 3, 2))
_HIGH_LIQUIDITY: Count = 10_000 * CONTRACT
_LOW_LIQUIDITY: Count = 2_000 * CONTRACT


def _scaled(tenths_gain: int, tenths_loss: int) -> tuple[tuple[Cash, Price, Price], ...]:
    """The table in units, with gains and losses in tenths of themselves."""
    return tuple(
        (least * CASH_PER_CENT, gain * tenths_gain * CENT // 10, loss * tenths_loss * CENT // 10)
        for least, gain, loss in _TABLE
    )


_USUAL, _LIQUID, _THIN = _scaled(10, 10), _scaled(8, 12), _scaled(15, 8)


class ExitLevels(msgspec.Struct, frozen=True, gc=False):
    """Prices of the side held, in whole cents."""

    take_profit: Price
    stop_loss: Price


def exit_levels(entry: Price, edge: Cash, volume: Count) -> ExitLevels:
    """The levels of a position entered at `entry` on a gross edge of `edge`.

    The row is the largest edge in the table not above the edge, at least 1 cent. More than
    10,000 contracts traded narrows the target and widens the stop; fewer than 2,000 the
    reverse. The result is rounded to the nearest whole cent (52.8 is 53, 43.2 is 43).
    """
    gain, loss = _row(edge, volume)
    return ExitLevels(_whole_cents(entry + gain), _whole_cents(entry - loss))


def stop_loss(entry: Price, edge: Cash, volume: Count) -> Price:
    """The stop of `exit_levels` alone."""
    return _whole_cents(entry - _row(edge, volume)[1])


def _row(edge: Cash, volume: Count) -> tuple[Price, Price]:
    """Gain and loss."""
    rows = _USUAL
    if volume > _HIGH_LIQUIDITY:
        rows = _LIQUID
    elif volume < _LOW_LIQUIDITY:
        rows = _THIN
    for least, gain, loss in rows:
        if edge >= least:
            return gain, loss
    return rows[-1][1:]


def _whole_cents(price: int) -> Price:
    return (price + CENT // 2) // CENT * CENT
