"""The values of each topic as they are packed: rows of one type that msgpack can carry.

A quote is written thousands of times a second and is an array without names; everything
else is a map with the names of its fields, so that a reader takes what it knows and a field
that is new has its default.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from karb.domain.fair.offered import Offered
from karb.domain.linking.links import Link, NoLink
from karb.domain.market.catalog import Listed
from karb.domain.market.messages import Quote
from karb.domain.units import Count, Nanos, Price
from karb.errors import DecodeError
from karb.ports import Quoted, Topic


class _QuoteRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    live: bool
    last_price: Price | None
    yes_bid: Price | None
    yes_ask: Price | None
    yes_bid_size: Count | None
    yes_ask_size: Count | None
    volume: Count | None
    ts_event: Nanos | None
    ts_recv: Nanos


class _LinkRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of both; msgspec cannot tell them apart by themselves."""

    link: Link | None = None
    none: NoLink | None = None


def _quote_row(quoted: Quoted) -> tuple[object, ...]:
    """The fields of a `_QuoteRow` in their order; a tuple is made in half the time."""
    quote = quoted.quote
    return (
        quoted.live,
        quoted.last_price,
        quote.yes_bid,
        quote.yes_ask,
        quote.yes_bid_size,
        quote.yes_ask_size,
        quote.volume,
        quote.ts_event,
        quote.ts_recv,
    )


def _quoted(ticker: str, row: _QuoteRow) -> Quoted:
    quote = Quote(
        ticker,
        row.yes_bid,
        row.yes_ask,
        row.yes_bid_size,
        row.yes_ask_size,
        row.volume,
        row.ts_event,
        row.ts_recv,
    )
    return Quoted(quote, row.live, row.last_price)


def _link_row(answer: Link | NoLink) -> _LinkRow:
    return _LinkRow(link=answer) if isinstance(answer, Link) else _LinkRow(none=answer)


def _answer(ticker: str, row: _LinkRow) -> Link | NoLink:
    answer = row.link or row.none
    if answer is None:
        raise DecodeError(f"the answer for {ticker} in Redis is neither a link nor a reason")
    return answer


def _itself(value: object) -> object:
    return value


def _row(key: str, row: object) -> object:
    del key
    return row


class Form(NamedTuple):
    """How the values of a topic become rows of type `row`, and the other way round."""

    row: type
    to_row: Callable[[Any], object]
    from_row: Callable[[str, Any], object]


FORMS = {
    Topic.QUOTES: Form(_QuoteRow, _quote_row, _quoted),
    Topic.MARKETS: Form(Listed, _itself, _row),
    Topic.ODDS: Form(Offered, _itself, _row),
    Topic.LINKS: Form(_LinkRow, _link_row, _answer),
}
