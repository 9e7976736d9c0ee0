"""From the world to the bodies of REST answers."""

from karb.sim import wire_rest as wire
from karb.sim.book import ASK, BID, Book
from karb.sim.exchange import Trade
from karb.sim.fees import FEE_TYPE
from karb.sim.listing import Listed
from karb.sim.market import Market, Status
from karb.sim.messages import trade_id
from karb.sim.units import DOLLAR, contracts, dollars, rfc3339
from karb.sim.world import World

_SOURCE = wire.Source("the league", "https://example.com")
_CLOSE_EARLY = "This market will close and expire after a winner is declared."


def market_answer(market: Market, book: Book) -> wire.Market:
    """A market with its newest prices."""
    terms = market.terms
    bid, ask = book.best(BID) or 0, book.best(ASK)
    ask = DOLLAR if ask is None else ask
    decided = market.status in (Status.DETERMINED, Status.FINALIZED)
    opened, closes, expected = map(rfc3339, (terms.opened, terms.closes, terms.expected))
    return wire.Market(
        ticker=terms.ticker,
        event_ticker=terms.event,
        title=terms.title,
        yes_sub_title=terms.team,
        no_sub_title=terms.team,
        created_time=opened,
        updated_time=rfc3339(market.updated),
        open_time=opened,
        close_time=closes,
        expected_expiration_time=expected,
        expiration_time=closes,
        latest_expiration_time=closes,
        occurrence_datetime=expected,
        settlement_timer_seconds=terms.settlement_timer,
        status=market.status,
        yes_bid_dollars=dollars(bid),
        yes_ask_dollars=dollars(ask),
        no_bid_dollars=dollars(DOLLAR - ask),
        no_ask_dollars=dollars(DOLLAR - bid),
        yes_bid_size_fp=contracts(book.size(BID, bid)),
        yes_ask_size_fp=contracts(book.size(ASK, ask)),
        last_price_dollars=dollars(market.last_price),
        previous_yes_bid_dollars=dollars(bid),
        previous_yes_ask_dollars=dollars(ask),
        previous_price_dollars=dollars(market.previous_price),
        volume_fp=contracts(market.volume),
        volume_24h_fp=contracts(market.volume_day),
        open_interest_fp=contracts(market.interest),
        result=market.result,
        early_close_condition=_CLOSE_EARLY,
        settlement_value_dollars=(
            dollars(DOLLAR if market.result == "yes" else 0) if decided else None
        ),
        settlement_ts=None if market.settled_at is None else rfc3339(market.settled_at),
        expiration_value=market.result,
        custom_strike={terms.league.team_key: terms.team_id},
        rules_primary=terms.rules,
        rules_secondary=terms.rules_secondary,
        price_level_structure=terms.grid.structure,
        price_ranges=[wire.PriceRange(dollars(0), dollars(DOLLAR), dollars(terms.grid.step))],
        exchange_index=terms.league.exchange_index,
    )


def event_answer(event: Listed, markets: list[wire.Market] | None, opening: int) -> wire.Event:
    """An event; `markets` None where they were not asked for."""
    return wire.Event(
        event_ticker=event.ticker,
        series_ticker=event.series,
        sub_title=event.sub_title,
        title=event.title,
        category="Sports",
        collateral_return_type="MECNET",
        mutually_exclusive=True,
        available_on_brokers=True,
        settlement_sources=[_SOURCE],
        product_metadata={
            "competition": event.league.competition,
            "competition_scope": event.scope,
        },
        exchange_index=event.league.exchange_index,
        strike_period="",
        last_updated_ts=rfc3339(opening),
        markets=markets,
    )


def series_answers(world: World) -> list[wire.Series]:
    """Every series that has an event."""
    found = {event.series: event for event in world.events.values()}
    return [
        wire.Series(
            ticker=ticker,
            title=f"{event.league.competition} {event.scope}",
            categories=["Sports"],
            tags=[event.league.group],
            settlement_sources=[_SOURCE],
            fee_type=FEE_TYPE,
            fee_multiplier=event.league.fee_multiplier,
            last_updated_ts=rfc3339(world.clock.began),
        )
        for ticker, event in found.items()
    ]


def orderbook_answer(book: Book, depth: int, ticker: str = "") -> wire.Orderbook:
    """A book with its `depth` best levels a side (0: all), the best last."""
    yes = [(dollars(price), contracts(count)) for price, count in book.levels(BID)]
    no = [
        (dollars(DOLLAR - price), contracts(count)) for price, count in reversed(book.levels(ASK))
    ]
    return wire.Orderbook(wire.Sides(yes[-depth:], no[-depth:]), ticker)


def trade_answer(trade: Trade, at: int) -> wire.Trade:
    """A trade of the past."""
    return wire.Trade(
        trade_id=trade_id(trade.number),
        ticker=trade.ticker,
        count_fp=contracts(trade.count),
        yes_price_dollars=dollars(trade.price),
        no_price_dollars=dollars(DOLLAR - trade.price),
        taker_side=trade.taker,
        taker_outcome_side=trade.taker,
        taker_book_side=BID if trade.taker == "yes" else ASK,
        is_block_trade=False,
        created_time=rfc3339(at),
    )
