"""Why a market is linked as it is, from what the processes share; nothing is recorded or told."""

import asyncio

import msgspec

from karb.config.teams import team_tables
from karb.domain.linking.links import NoLink
from karb.domain.linking.reading import facts_of
from karb.tasks.explain_link import Explanation, explain
from karb.wiring.linking import propose
from karb.wiring.mapping import Told, fed, tables
from karb.wiring.mapping_stores import mapping_stores
from karb.wiring.settings import current


def explain_shared(ticker: str, told: Told) -> Explanation:
    """Explain the link of one market or event as a pass would answer it now.

    `told` hears of a store that is lost, once, while it is waited for.
    """
    return asyncio.run(_explained(ticker, told))


async def _explained(ticker: str, told: Told) -> Explanation:
    async with mapping_stores(current().settings, told) as stores:
        seen = await tables(stores.bus)
        answers = await (await fed(stores, seen)).look()
    markets = [facts_of(each.market, each.event) for each in seen.listed.values()]
    events = [each.event for each in seen.offered.values()]
    found = explain(ticker, markets, events, team_tables(), propose)
    # A person's word goes before what the tickers and names say by themselves.
    decided = (answers.get(each.ticker, each) for each in found.answers)
    return msgspec.structs.replace(
        found,
        answers=tuple(propose(each) if isinstance(each, NoLink) else each for each in decided),
    )
