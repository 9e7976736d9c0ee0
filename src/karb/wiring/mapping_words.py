"""A person's word on a market: checked against what there is, kept, and in force at once."""

import asyncio
from collections.abc import Callable
from difflib import get_close_matches
from time import time_ns

from karb.domain.fair.odds import OddsEvent
from karb.domain.fair.offered import outcomes
from karb.domain.linking.match import Answer
from karb.domain.market.messages import Market
from karb.errors import UsageError
from karb.ports import Decision
from karb.services.decided import why_not
from karb.wiring.mapping import Tables, Told, mapped, tables
from karb.wiring.mapping_stores import mapping_stores
from karb.wiring.settings import current

REVIEW = "`karb map-events review` lists what there is to decide"


def accepted(ticker: str, event_id: str, outcome: str, reason: str, told: Told) -> list[Answer]:
    """Link a market by hand; answers those of its event. Raises `UsageError`."""

    def word(seen: Tables) -> Decision:
        market, event = _market(ticker, seen), _event(event_id, seen)
        named = _outcome(outcome, event)
        if problem := why_not(market.ticker, market.event_ticker, event, named):
            raise UsageError(f"{market.ticker} cannot be linked so: {problem}", do=REVIEW)
        return _said(market, event, reason, outcome=named)

    return asyncio.run(_decided(word, told))


def rejected(ticker: str, event_id: str, reason: str, told: Told) -> list[Answer]:
    """Never link a market, nor its siblings, to this odds event; answers as `accepted`."""

    def word(seen: Tables) -> Decision:
        return _said(_market(ticker, seen), _event(event_id, seen), reason)

    return asyncio.run(_decided(word, told))


async def _decided(word: Callable[[Tables], Decision], told: Told) -> list[Answer]:
    async with mapping_stores(current().settings, told) as stores:
        seen = await tables(stores.bus)
        decision = word(seen)
        await stores.links.decide(decision)
        answers = (await mapped(stores, seen)).answers
        event = answers[decision.ticker].event_ticker
        return [each for each in answers.values() if each.event_ticker == event]


def _said(market: Market, event: OddsEvent, reason: str, *, outcome: str = "") -> Decision:
    if not (why := " ".join(reason.split())):
        raise UsageError("--reason is empty", do="say why, for whoever reads it later")
    return Decision(
        ticker=market.ticker,
        odds_event_id=event.id,
        outcome=outcome,
        accepted=bool(outcome),
        reason=why,
        at=time_ns(),
    )


def _market(text: str, seen: Tables) -> Market:
    """A listed market by its ticker, in any case."""
    ticker = text.strip().upper()
    known = {name.upper(): each.market for name, each in seen.listed.items()}
    if ticker not in known:
        near = get_close_matches(ticker, known, cutoff=0.8)
        raise UsageError(
            f"no market {ticker} is listed now",
            do=f"did you mean {' or '.join(near)}?" if near else REVIEW,
        )
    return known[ticker]


def _event(event_id: str, seen: Tables) -> OddsEvent:
    if (offered := seen.offered.get(event_id.strip())) is None:
        near = get_close_matches(event_id, seen.offered, cutoff=0.8)
        raise UsageError(
            f"the odds have no event {event_id!r} now",
            do=f"did you mean {' or '.join(near)}?" if near else REVIEW,
        )
    return offered.event


def _outcome(text: str, event: OddsEvent) -> str:
    """An outcome of the event by the odds source's name, in any case."""
    known = {name.casefold(): name for name in outcomes(event)}
    if (found := known.get(text.strip().casefold())) is None:
        near = get_close_matches(text.casefold(), known, n=4, cutoff=0.4) or list(known)[:4]
        raise UsageError(
            f"{text!r} is no outcome of {event.id}",
            do=f"write {' or '.join(repr(known[name]) for name in near)}",
        )
    return found
