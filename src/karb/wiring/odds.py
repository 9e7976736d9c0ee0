"""The odds side: source, stores and service brought together, for a command or for `karb run`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from time import time_ns
from typing import NamedTuple

from karb.adapters.local.lock import single_flight
from karb.adapters.odds_api.client import COST, OddsApi
from karb.adapters.odds_api.http import Http
from karb.adapters.odds_api.sports import SPORTS
from karb.config.settings import Settings
from karb.domain.edge.profile import Profile
from karb.domain.units import Nanos
from karb.errors import ConfigError, UnreachableError
from karb.ports import Credits, OddsSource, Topic
from karb.services.odds import OddsIngest, Outcome, Sinks
from karb.services.odds_report import PassReport, Season
from karb.services.tables import whole_of
from karb.tasks.credit_plan import Plan
from karb.wiring.clock import boot_time
from karb.wiring.loop import run_until_stopped
from karb.wiring.odds_credits import last_word
from karb.wiring.odds_sinks import odds_sinks
from karb.wiring.opened import QuestDB, Told, questdb_without_fetching
from karb.wiring.settings import Chosen, chosen
from karb.wiring.stores import data_folder, questdb_at

TABLE_SECONDS = 3.0


class Planned(NamedTuple):
    """A plan and the seasons that it pays for."""

    plan: Plan
    seasons: tuple[Season, ...]


def sports_of(settings: Settings, profile: Profile) -> dict[str, Season]:
    """The source's sport keys for the leagues and kinds of market that are followed."""
    return {
        key: Season(sport.league, sport.kind, sport.preseason)
        for league in settings.karb_leagues
        for key, sport in SPORTS.items()
        if sport.league is league and sport.kind in profile.markets
    }


@asynccontextmanager
async def odds_source(settings: Settings) -> AsyncIterator[OddsApi]:
    """The Odds API with the user's key; its connections are closed afterwards."""
    if settings.odds_api_key is None:
        raise ConfigError(
            "ODDS_API_KEY is not set",
            means="no odds come, and nothing is bought without them",
            do="set it in .env; the-odds-api.com gives a free key of 500 credits a month",
        )
    key = settings.odds_api_key.get_secret_value()
    chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
    async with Http(settings.karb_odds_api_url, key, sleep=asyncio.sleep, random=chance) as http:
        yield OddsApi(http, now=time_ns)


def odds_ingest(
    source: OddsSource, sinks: Sinks, settings: Settings, profile: Profile
) -> OddsIngest:
    """The service over these doors."""
    return OddsIngest(
        source,
        sports_of(settings, profile),
        sinks,
        rules=profile.fair,
        pace=pace,
        single=partial(single_flight, data_folder(settings), "odds"),
        now=time_ns,
        clock=boot_time,
    )


def pace(told: Credits, sports: int) -> Nanos | None:
    """How far apart passes over so many sports must lie for these credits to last the month."""
    if told.remaining is None or not sports:
        return None
    plan = Plan.of(told.remaining, told.used, cost=sports * COST, at=told.at)
    return plan.every or plan.until - plan.at


def one_pass(told: Told) -> PassReport | None:
    """One pass into the stores; None when another one is at work on this machine."""
    return asyncio.run(_one_pass(chosen(), told))


async def _one_pass(given: Chosen, told: Told) -> PassReport | None:
    async with odds_source(given.settings) as source:
        # Free: a key that is refused, or no network, ends it before a store is started.
        await source.standing()
        async with _service(
            source, given, questdb_without_fetching, told, within=TABLE_SECONDS
        ) as service:
            return await service.once()


def passes(every: Nanos, tell: Callable[[Outcome], None], told: Told) -> None:
    """Passes into the stores until interrupted; raises what cannot be retried."""
    run_until_stopped(partial(_passes, chosen(), every, tell, told))


async def _passes(given: Chosen, every: Nanos, tell: Callable[[Outcome], None], told: Told) -> None:
    async with (
        odds_source(given.settings) as source,
        _service(source, given, questdb_at, told, within=None) as service,
    ):
        await service.run(every, tell)


@asynccontextmanager
async def _service(
    source: OddsSource, given: Chosen, questdb: QuestDB, told: Told, *, within: float | None
) -> AsyncIterator[OddsIngest]:
    """The service over the stores, knowing what earlier passes left there.

    `within` is how many seconds that may take; None waits until there is a Redis, and no
    credit is spent before.
    """
    async with odds_sinks(given.settings, questdb, told) as sinks:
        service = odds_ingest(source, sinks, given.settings, given.profile)
        service.remember(await whole_of(sinks.bus, Topic.ODDS, within=within))
        yield service


def planned() -> Planned:
    """What the credits are worth now, as the source says by a call that is free."""
    return asyncio.run(_planned(chosen()))


async def _planned(given: Chosen) -> Planned:
    try:
        async with odds_source(given.settings) as source:
            standing = await source.standing()
    except UnreachableError as error:
        raise await _with_last_word(error, given.settings) from None
    told = standing.credits
    if told is None or told.remaining is None:
        unsaid = UnreachableError(
            "The Odds API did not say how many credits are left",
            means="what they are worth cannot be counted",
            do="try again later; its web site shows them too",
        )
        raise await _with_last_word(unsaid, given.settings)
    wanted = sports_of(given.settings, given.profile)
    seasons = tuple(season for key, season in wanted.items() if key in standing.sports)
    plan = Plan.of(told.remaining, told.used, cost=len(seasons) * COST, at=told.at)
    return Planned(plan, seasons)


async def _with_last_word(error: UnreachableError, settings: Settings) -> UnreachableError:
    """The error with what the source said last, where it does not say itself that none are left."""
    known = await last_word(settings) if error.retryable else ""
    if not known:
        return error
    return UnreachableError(error.what, means=f"{known}; {error.means}", do=error.do)
