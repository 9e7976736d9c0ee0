"""What the bench sends over a wire is what it says, and karb takes and decides all of it."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from karb.adapters.kalshi.transport import library
from karb.config.load import load_settings
from karb.config.profiles import load_profile
from karb.domain.units import price_wire
from karb.wiring.settings import Chosen
from perf.backing import away
from perf.graph import Ages, Graph, running
from perf.ours import PROFILE
from perf.traffic import BOOK, STAMP, traffic
from perf.wire import PER_ROUND, Order, Venue, read, stamping, venue

WEBSOCKETS = library("websockets")


def chosen(folder: Path) -> Chosen:
    given = {"KARB_DATA_DIR": str(folder)}
    loaded = load_settings({}, environment=given, folder=folder)
    return Chosen(loaded.settings, load_profile(PROFILE))


def levels(text: bytes) -> dict[tuple[str, str], float]:
    body = json.loads(text)["msg"]
    sides = {side: body[f"{side}_dollars_fp"] for side in ("yes", "no")}
    return {(side, price): float(n) for side, told in sides.items() for price, n in told}


def apply(book: dict[tuple[str, str], float], body: dict[str, Any]) -> None:
    level = body["side"], body["price_dollars"]
    book[level] = book.get(level, 0) + float(body["delta_fp"])
    assert book[level] >= 0
    if not book[level]:
        del book[level]


def best(book: dict[tuple[str, str], float]) -> tuple[str, str]:
    """The best YES prices, as a tick tells them."""
    bid = max(float(price) for side, price in book if side == "yes")
    ask = 1 - max(float(price) for side, price in book if side == "no")
    return price_wire(round(bid * 10_000)), price_wire(round(ask * 10_000))


def test_ticks_tell_the_prices_of_books_that_end_as_they_began() -> None:
    sent = traffic()
    before = {ticker: levels(text) for ticker, text in sent.snapshots.items()}
    books = {ticker: dict(book) for ticker, book in before.items()}
    off = 0
    for text in sent.texts:
        message = json.loads(text)
        body = message["msg"]
        book = books[body["market_ticker"]]
        if message["sid"] == BOOK:
            apply(book, body)
        else:
            assert (body["yes_bid_dollars"], body["yes_ask_dollars"]) == best(book)
            off += best(book) != best(before[body["market_ticker"]])
    assert books == before
    assert off == 20


def test_every_text_has_a_place_for_its_time() -> None:
    assert all(text.endswith(STAMP) for text in traffic().texts)


def test_an_order_is_carried_out_whole_and_never_faster_than_its_rate() -> None:
    ages: list[int] = []
    order = Order(2, 20_000)
    with venue(None) as exchange:
        began = time.monotonic()
        asyncio.run(read(exchange, WEBSOCKETS, order, stamping(ages)))
        took = time.monotonic() - began
    assert len(ages) == order.texts == 2 * PER_ROUND
    assert min(ages) > 0
    assert took >= (order.texts - 1) / order.rate


def test_what_karb_run_builds_takes_every_text_and_signals_on_books(tmp_path: Path) -> None:
    with venue(None) as exchange:
        graph, ages = asyncio.run(_decided(chosen(tmp_path), exchange, Order(2)))
    live, sent = graph.live, traffic()
    assert len(ages.texts) == 2 * PER_ROUND
    assert min(ages.texts) > 0
    assert 0 < len(ages.signals) <= graph.recent.sent
    assert not live.feed.session.gaps
    assert live.feed.status(time.time_ns()).unreadable == 0
    assert {signal.listing.ticker for signal in graph.recent.signals} <= sent.fair.keys()


async def _decided(given: Chosen, exchange: Venue, order: Order) -> tuple[Graph, Ages]:
    ages = Ages()
    async with (
        away(given) as stores,
        running(given, stores, exchange.url, WEBSOCKETS, ages=ages) as graph,
    ):
        before = graph.texts
        exchange.send(order)
        await graph.heard(before + order.texts)
        exchange.sent()
        books = graph.live.feed.prices.books
        assert len(books) == len(traffic().fair)
        assert all(book.live for book in books.values())
    return graph, ages
