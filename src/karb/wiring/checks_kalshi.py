"""What `karb doctor` asks of Kalshi: is it open, is the clock right, does it take the key.

The first two need no key and are asked without one, so that a key that is refused hides
neither.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from functools import partial
from time import time_ns
from typing import TypeVar

from karb.adapters.kalshi.auth import Signer
from karb.adapters.kalshi.errors import AGAIN, VENUE, MaintenanceError, TooFastError
from karb.adapters.kalshi.limiter import COST
from karb.adapters.kalshi.rest import KalshiRest
from karb.config.hosts import host_of
from karb.config.settings import Settings
from karb.errors import AuthRefusedError, ConfigError, DecodeError, KarbError, UnreachableError
from karb.tasks import doctor_answers as answers
from karb.tasks.doctor import DoubtError, Row, State, Survey, row_of
from karb.wiring.checks_asking import answered, row, survey, unchecked
from karb.wiring.kalshi import kalshi_rest, kalshi_signer

T = TypeVar("T")
_EXCHANGE, _CLOCK = "kalshi exchange", "clock"
_ACCOUNT, _REGION = "kalshi account", "sports region"


def kalshi_survey(settings: Settings) -> Survey:
    """Rows on the exchange, the clock, the account and its region."""
    return survey(partial(_kalshi, settings))


async def _kalshi(settings: Settings) -> list[Row]:
    signer = kalshi_signer(settings)
    try:
        async with _rest(settings, None) as public, _rest(settings, signer) as own:
            exchange, clock, account, region = await asyncio.gather(
                row(_EXCHANGE, _exchange(public, settings)),
                row(_CLOCK, _clock(public)),
                row(_ACCOUNT, _account(own, settings)),
                row(_REGION, _region(own)),
            )
    except ConfigError as error:  # of opening alone, each row has its own: the proxy is none
        failed = row_of(_EXCHANGE, error)
        return [failed, *(unchecked(name, failed) for name in (_CLOCK, _ACCOUNT, _REGION))]
    if exchange.state is State.FAIL:
        clock, account = unchecked(clock.check, exchange), unchecked(account.check, exchange)
    if account.state is not State.FINE:
        region = unchecked(region.check, account)
    return [exchange, clock, account, region]


def _rest(settings: Settings, signer: Signer | None) -> AbstractAsyncContextManager[KalshiRest]:
    """The one trouble that could be heard of is a clock that is off, which has its own row."""
    return kalshi_rest(settings, signer, lambda _: None)


async def _exchange(rest: KalshiRest, settings: Settings) -> str:
    told = await _asked(rest.exchange_status())
    open_ = answers.exchange(
        active=told.exchange_active,
        trading=told.trading_active,
        resumes=told.exchange_estimated_resume_time,
    )
    return f"{open_}, at {host_of(settings.rest_url)}"


async def _clock(rest: KalshiRest) -> str:
    try:
        offset = await _asked(rest.clock_offset())
    except DecodeError as error:
        raise DoubtError(
            error.what,
            means="whether this machine's clock is right is not known",
            do="compare `date -u` with a clock that you trust",
        ) from None
    return answers.clock(offset)


async def _account(rest: KalshiRest, settings: Settings) -> str:
    """The balance shows that the key is accepted; how much it is, is nobody's business here."""
    try:
        await _asked(rest.balance())
    except AuthRefusedError as error:
        raise AuthRefusedError(
            f"{error.what}; KALSHI_ENV is {settings.kalshi_env}", means=error.means, do=error.do
        ) from None
    try:
        limits = await _asked(rest.learn_limits())
    except KarbError as error:
        raise DoubtError(
            f"the key is accepted; what it may ask is not known: {error.what}",
            means="karb keeps to what the smallest account may",
            do="run `karb doctor` again",
        ) from None
    tier = limits.tier or "without a name"
    return f"the key is accepted; tier {tier}, {limits.rate // COST} reads a second"


async def _region(rest: KalshiRest) -> str:
    try:
        until = await _asked(rest.region_expiry())
    except KarbError as error:
        raise DoubtError(
            f"not known: {error.what}",
            means="once it has ended, orders for sports are refused; prices come all the same",
            do="see Kalshi's site: Account, API keys",
        ) from None
    return answers.region(until, time_ns())


async def _asked(question: Awaitable[T]) -> T:
    """An answer; what is over by itself is a doubt, and the network is the user's to mend."""
    try:
        return await answered(VENUE, question)
    except (MaintenanceError, TooFastError) as error:
        raise DoubtError(error.what, means=error.means, do=error.do) from None
    except UnreachableError as error:
        do = "check the network, and the addresses in `karb config show`"
        raise UnreachableError(
            error.what, means=error.means, do=do if error.do == AGAIN else error.do
        ) from None
