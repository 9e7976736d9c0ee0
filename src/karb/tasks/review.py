"""What waits for a person: markets that a word could link, and links that look wrong.

A market whose game no sportsbook offers yet is not among them, nor one of a kind that karb
does not link: there is nothing to decide. Links are here for two reasons: the game was
moved, or the prices of its two markets do not belong to one game.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from karb.domain.edge.siblings import misfits
from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.linking.reading import MarketFacts
from karb.domain.linking.teams import TeamTable
from karb.domain.market.leagues import Kind, League
from karb.domain.market.messages import Quote
from karb.domain.units import Nanos
from karb.tasks.explain_link import Near, explain

NOTHING_TO_DECIDE = frozenset(
    {
        Unlinked.UNSUPPORTED_SERIES,
        Unlinked.UNREADABLE_TICKER,
        Unlinked.NO_ODDS_FOR_LEAGUE,
        Unlinked.NO_OUTRIGHT,
    }
)


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """One market to decide on. `reason` is that of an `Unlinked`, or `moved`, `quarantined`.

    `odds_event_id` is the game of a doubtful link, empty where there is none; `near` are the
    games that the market could be.
    """

    ticker: str
    event_ticker: str
    reason: str
    detail: str
    odds_event_id: str = ""
    proposals: tuple[str, ...] = ()
    near: tuple[Near, ...] = ()


def review(
    answers: Iterable[Link | NoLink],
    markets: Sequence[MarketFacts],
    events: Sequence[OddsEvent],
    quotes: Iterable[Quote],
    tables: Mapping[League, TeamTable],
    propose: Callable[[NoLink], NoLink],
    at: Nanos,
) -> list[Pending]:
    """Every market that a person should look at now, by ticker; `quotes` are live ones."""
    by_ticker = {answer.ticker: answer for answer in answers}
    odd = _quarantined(by_ticker, quotes, at)

    def near(event_ticker: str) -> tuple[Near, ...]:
        siblings = [one for one in markets if one.event_ticker == event_ticker]
        return explain(event_ticker, siblings, events, tables, propose).near

    found = (
        _doubt(answer, odd)
        if isinstance(answer, Link)
        else _open(propose(answer), near(answer.event_ticker))
        for _, answer in sorted(by_ticker.items())
        if isinstance(answer, Link) or answer.reason not in NOTHING_TO_DECIDE
    )
    return [pending for pending in found if pending is not None]


def _quarantined(
    answers: Mapping[str, Link | NoLink], quotes: Iterable[Quote], at: Nanos
) -> set[str]:
    """The events of the exchange whose two linked markets are priced like different games.

    Before the start: in a running game two prices of different seconds need not fit.
    """
    return misfits(
        (link.event_ticker, quote)
        for quote in quotes
        if isinstance(link := answers.get(quote.ticker), Link)
        and link.kind is Kind.GAME
        and at < link.start
    )


def _doubt(link: Link, odd: set[str]) -> Pending | None:
    if link.event_ticker in odd:
        reason, detail = "quarantined", "the prices of its two markets do not belong to one game"
    elif link.moved:
        reason, detail = "moved", "the game was rescheduled; nothing is traded on it"
    else:
        return None
    return Pending(
        ticker=link.ticker,
        event_ticker=link.event_ticker,
        reason=reason,
        detail=f"{detail}: {link.outcome} against {link.opponent}",
        odds_event_id=link.odds_event_id,
    )


def _open(answer: NoLink, near: tuple[Near, ...]) -> Pending | None:
    if answer.reason is Unlinked.NO_SUCH_FIXTURE and not near:
        return None
    return Pending(
        ticker=answer.ticker,
        event_ticker=answer.event_ticker,
        reason=answer.reason.value,
        detail=answer.detail,
        proposals=answer.proposals,
        near=near,
    )
