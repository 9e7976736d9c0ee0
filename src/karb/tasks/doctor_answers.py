"""What `karb doctor` makes of the answers of the venue and of the odds source.

Values in, a sentence out; `DoubtError` for what works for now, `KarbError` for what does not.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from karb.domain.edge.refusal import duration
from karb.domain.fair.rules import DEFAULT_AGE
from karb.domain.units import SECOND, Nanos
from karb.errors import KarbError, UnreachableError
from karb.tasks.credit_plan import DAY, MINUTE, Plan
from karb.tasks.doctor import DoubtError

DOUBTED_SKEW: Nanos = 1 * SECOND
REFUSED_SKEW: Nanos = 5 * SECOND
"""The exchange accepts no signature whose time is further off."""
NEAR: Nanos = 14 * DAY
"""An end that is nearer than this is worth a warning."""
_SHOWN = 40


def exchange(*, active: bool, trading: bool, resumes: str | None) -> str:
    """Whether the exchange is open, as it says itself; `resumes` is its own estimate."""
    until = f", until about {resumes[:_SHOWN]}" if resumes else ""
    if not active:
        raise DoubtError(
            f"it answers, and is closed for maintenance{until}",
            means="no prices come; Thursdays from 3 to 5 in the morning, Eastern, that is usual",
            do="nothing to type: karb goes on by itself when it opens",
        )
    if not trading:
        raise DoubtError(
            f"it is open, and trading is paused{until}",
            means="prices stand still, and no order would be taken",
            do="nothing to type: karb goes on by itself when trading does",
        )
    return "open and trading"


def clock(offset: Nanos) -> str:
    """How far this machine's clock is off; `offset` is the exchange's minus ours."""
    if abs(offset) <= DOUBTED_SKEW:
        return "less than a second from Kalshi's"
    way = "behind" if offset > 0 else "ahead of"
    found = f"{abs(offset) / SECOND:,.0f} s {way} Kalshi's"
    do = "set the clock: `timedatectl set-ntp true`, then `karb doctor`"
    if abs(offset) <= REFUSED_SKEW:
        raise DoubtError(found, means="ages of prices and odds come out wrong by that much", do=do)
    raise KarbError(
        found,
        means="ages of prices and odds come out wrong by that much, and karb can sign requests "
        "only by guessing the exchange's time",
        do=do,
    )


def region(until: Nanos | None, now: Nanos) -> str:
    """Until when the account's keys may trade sports; None was not said."""
    if until is None:
        return "Kalshi names no end of the right to trade sports"
    day = _day(until)
    if until - now > NEAR:
        return f"confirmed until {day}"
    do = "sign in at Kalshi and confirm where you live"
    if until <= now:
        raise DoubtError(
            f"keys of this account could trade sports until {day}",
            means="orders for sports are refused since then; prices come all the same",
            do=do,
        )
    raise DoubtError(
        f"keys of this account may trade sports until {day}",
        means="after that orders for sports are refused; prices come all the same",
        do=do,
    )


def credits_left(plan: Plan, leagues: Sequence[str]) -> str:
    """What the credits are worth over these leagues, those in season."""
    if not leagues:
        return f"{plan.remaining} left; no league of KARB_LEAGUES is in season, so none is spent"
    cost = f"a pass over {', '.join(leagues)} costs {plan.cost}"
    if not plan.passes:
        raise UnreachableError(
            f"{plan.remaining} left, and {cost}",
            means=f"no odds come until {_day(plan.until)}, and nothing is bought without them",
            do="name fewer leagues in KARB_LEAGUES, wait until then, or take a larger plan",
        )
    return (
        f"{plan.remaining} left; {cost}: {plan.passes} passes until {_day(plan.until)}, "
        f"at most {plan.tradable // MINUTE} tradable minutes a day"
    )


def schedule(plan: Plan) -> str:
    """Whether the credits last for passes as often as quotes age."""
    if not plan.cost:
        return "no league of KARB_LEAGUES is in season"
    if plan.every is None:
        raise DoubtError("not one pass is left", do="see the row above")
    found = f"the credits last for a pass every {duration(plan.every)}"
    fresh = duration(DEFAULT_AGE)
    if plan.every <= DEFAULT_AGE:
        return f"{found}; a quote counts for {fresh}"
    raise DoubtError(
        f"{found}, and a quote counts for {fresh} only",
        means="between passes karb finds nothing",
        do=f"run `karb ingest-odds --every {fresh}` in the hours you trade, name fewer leagues "
        "in KARB_LEAGUES, or take a larger plan; `karb ingest-odds --plan` counts",
    )


def _day(at: Nanos) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")
