"""What a session asks the exchange for, and what it makes of answers, refusals and silence."""

import json
from collections import Counter
from typing import Any

import pytest

from kalshi_exchange import Sent
from kalshi_texts import frame
from karb.adapters.kalshi.actions import Alive, Close, Send, Stale
from karb.adapters.kalshi.session import MOST_UNREADABLE, TICK
from karb.adapters.kalshi.subscription import ANSWER, BATCH, LEFT_OUT
from karb.domain.market.messages import BookSnapshot, Level
from karb.domain.units import MILLISECOND, SECOND
from karb.errors import AuthRefusedError, UnreachableError
from session_run import Run

A, B, C = "KXNBAGAME-26NOV25LALBOS-LAL", "KXNBAGAME-26NOV25LALBOS-BOS", "KXNHL-27-WSH"
MANY = [f"KXNCAAMBGAME-26NOV25T{number:03d}-A" for number in range(2 * BATCH + 50)]


def running(*tickers: str) -> Run:
    return Run(*(tickers or (A, B))).start()


def sent(run: Run) -> list[dict[str, Any]]:
    """What one poll sends."""
    return [json.loads(each.text) for each in run.poll() if isinstance(each, Send)]


def followed(run: Run, channel: str) -> set[str]:
    """What the exchange sends of a channel."""
    (one,) = [each for each in run.exchange.running.values() if each.channel == channel]
    return set(one.tickers)


def test_one_subscription_to_each_channel_with_the_flag_always_said() -> None:
    run = running()
    params = [each["params"] for each in run.exchange.commands]
    assert params == [
        {"channels": ["orderbook_delta"], "market_tickers": [A, B], "use_yes_price": False},
        {"channels": ["ticker"], "market_tickers": [A, B], "send_initial_snapshot": True},
        {"channels": ["trade"], "market_tickers": [A, B]},
        {"channels": ["market_lifecycle_v2"]},
    ]
    assert run.live(A)
    assert run.live(B)


def test_without_wanted_markets_only_lifecycles_are_followed() -> None:
    run = Run().start()
    assert [each["params"]["channels"] for each in run.exchange.commands] == [
        ["market_lifecycle_v2"]
    ]


def test_many_markets_come_in_batches_on_one_subscription() -> None:
    run = running(*MANY)
    assert Counter(run.actions()) == {"subscribe": 4, "add_markets": 6}
    assert all(len(e["params"].get("market_tickers", [])) <= BATCH for e in run.exchange.commands)
    assert followed(run, "orderbook_delta") == followed(run, "trade") == set(MANY)
    assert all(run.live(ticker) for ticker in MANY)
    assert run.session.snapshots == 0


def test_one_command_of_a_channel_is_on_its_way_at_a_time() -> None:
    run = Run(*MANY)
    assert len(sent(run)) == 4
    assert sent(run) == []


def test_what_is_wanted_later_is_added_and_what_is_not_wanted_leaves() -> None:
    run = running(A, B)
    run.session.want([B, C])
    run.session.unwant([A])
    run.deliver_all()
    for channel in ("orderbook_delta", "ticker", "trade"):
        assert followed(run, channel) == {B, C}
    assert run.actions().count("subscribe") == 4


def test_a_book_leaves_with_its_market_and_stands_again_with_its_own_snapshot() -> None:
    """Changes in between are not seen."""
    run = running(A, B)
    run.session.unwant([A])
    run.deliver_all()
    assert set(run.path.books) == {B}
    run.session.want([A])
    run.poll()
    assert not run.live(A)
    run.deliver_all()
    assert run.live(A)


def test_a_snapshot_that_came_late_does_not_stand_for_a_market_that_is_followed_anew() -> None:
    run = running(A, B)
    run.session.unwant([A])
    run.deliver_all()
    seq = run.exchange.running[1].seq + 1
    run.deliver(Sent(frame("orderbook_snapshot", {"market_ticker": A}, sid=1, seq=seq)))
    run.session.want([A])
    run.poll()
    assert not run.live(A)


def test_books_of_markets_that_were_let_go_do_not_come_back() -> None:
    """Whoever lets a market go drops its book at once, before the exchange is told."""
    run = running("DAY-0")
    for day in range(1, 6):
        run.session.unwant([f"DAY-{day - 1}"])
        run.path.drop_book(f"DAY-{day - 1}")
        run.session.want([f"DAY-{day}"])
        run.pass_time(3 * SECOND)
    assert set(run.path.books) == {"DAY-5"}
    assert run.session.snapshots == 0


def test_a_market_that_the_exchange_does_not_let_leave_is_let_go_and_not_told() -> None:
    """It may be gone there already; that it cannot be followed is no news then."""
    run = running(A, B)
    run.exchange.bad = {A}
    run.session.unwant([A])
    run.deliver_all()
    assert (set(run.path.books), run.told()) == ({B}, [])


def test_a_gap_asks_for_every_book_of_the_subscription_at_once() -> None:
    run = running(*MANY)
    for _ in range(2):
        run.exchange.change(MANY[0], "yes", 4_000, 100)
        run.exchange.change(MANY[0], "yes", 4_000, 0)
        run.exchange.out.pop(0)
        run.deliver(run.exchange.out.pop(0))
        assert run.woken
        assert not any(run.live(ticker) for ticker in MANY)
        run.deliver_all()
        assert all(run.live(ticker) for ticker in MANY)
        run.pass_time(TICK)
    assert run.session.gaps == {"orderbook_delta": 2}
    assert run.session.snapshots == 2 * len(MANY)


def test_a_second_gap_right_after_the_first_asks_again_without_waiting() -> None:
    """The first request's answers came before the second gap: they mend nothing."""
    run = running()
    for _ in range(2):
        run.exchange.change(A, "yes", 4_000, 100)
        run.exchange.change(A, "yes", 4_000, 0)
        run.exchange.out.pop(0)
        run.now += 60 * MILLISECOND
        run.deliver_all()
    assert run.live(A)
    assert run.session.snapshots == 4


def test_a_book_that_broke_by_itself_is_asked_for_alone() -> None:
    run = running()
    run.path.books[A].lose()
    run.pass_time(TICK)
    assert run.exchange.commands[-1]["params"] == {
        "sid": 1,
        "market_tickers": [A],
        "action": "get_snapshot",
    }
    assert run.live(A)


def test_a_snapshot_that_does_not_come_is_asked_for_again_ever_later() -> None:
    run = running()
    run.path.books[A].lose()
    run.exchange.mute = True
    asked = []
    for count in range(10):
        run.now += 500 * MILLISECOND
        run.exchange.change(B, "yes", 3_000, 100 + count)
        run.deliver_all()
        run.poll()
        asked.append(run.session.snapshots)
    assert asked == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4]


def test_after_a_gap_a_book_is_asked_for_at_once_however_long_it_was_asked_for_before() -> None:
    """What was asked before the gap is worth nothing, and would be waited for ever longer."""
    run = running()
    run.path.books[A].lose()
    run.exchange.mute = True
    for count in range(10):
        run.now += 500 * MILLISECOND
        run.exchange.change(B, "yes", 3_000, 100 + count)
        run.deliver_all()
        run.poll()
    run.now += TICK
    assert sent(run) == []
    run.exchange.change(B, "yes", 2_000, 100)
    run.exchange.change(B, "yes", 2_000, 0)
    run.exchange.out.pop(0)
    run.deliver(run.exchange.out.pop(0))
    (request,) = [each["params"] for each in sent(run)]
    assert request["market_tickers"] == [A, B]


def test_a_crossed_book_may_part_by_itself_and_is_asked_for_when_it_does_not() -> None:
    run = running()
    book = run.path.books[A]
    book.apply_snapshot(_crossed(A))
    assert book.crossed
    run.pass_time(400 * MILLISECOND)
    assert run.session.snapshots == 0
    run.pass_time(600 * MILLISECOND)
    assert run.session.snapshots == 1
    assert run.live(A)


@pytest.mark.parametrize("code", [10, 25])
def test_an_ended_subscription_begins_again_under_a_new_number(code: int) -> None:
    run = running()
    run.exchange.end("orderbook_delta", code)
    run.deliver_all()
    assert followed(run, "orderbook_delta") == {A, B}
    assert run.live(A)
    assert run.actions() == ["subscribe"] * 5
    (error,) = run.told()
    assert "ended the channel orderbook_delta" in error.what


@pytest.mark.parametrize("accepted", [True, False])
def test_a_subscription_that_ends_again_and_again_begins_ever_later(accepted: bool) -> None:
    run = running()
    if not accepted:
        run.exchange.refuse["subscribe"] = 10
    tries = []
    for _ in range(8):
        before = run.actions().count("subscribe")
        for _ in range(25):
            run.exchange.end("trade", 10)
            run.pass_time(200 * MILLISECOND)
        tries.append(run.actions().count("subscribe") - before)
    assert tries[0] > 2
    assert max(tries[2:]) == 1
    assert len(run.told()) < 12


def test_a_subscription_that_ends_now_and_then_begins_again_at_once() -> None:
    run = running()
    for _ in range(5):
        run.exchange.end("orderbook_delta", 25)
        run.deliver_all()
        assert run.live(A)
        run.pass_time(3 * SECOND)


ENDS = {
    "of the subscription": {"sid": 1},
    "of the subscription, with a number": {"sid": 1, "seq": 900},
    "in answer to a sign of life": {"id": 11},
    "in answer to a market more": {"id": 12},
    "in answer, of another one": {"id": 12, "sid": 77},
    "of another one": {"sid": 77},
    "of nobody knows what": {},
}


@pytest.mark.parametrize("code", [7, 10, 25])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_after_an_end_of_any_shape_no_book_is_live_until_its_own_new_snapshot(
    end: dict[str, int], code: int
) -> None:
    """Published, an unknown subscription is told without its number."""
    run = running(*MANY)
    run.exchange.mute = True
    run.session.want([A])
    run.now += SECOND
    probe, more, *_ = sent(run)
    assert (probe["id"], probe["params"]["action"]) == (11, "get_snapshot")
    assert (more["id"], more["params"]["sid"]) == (12, 1)
    run.deliver(Sent(frame("error", {"code": code, "msg": "no"}, **end)))
    run.poll()
    assert not any(run.live(ticker) for ticker in MANY)
    assert len(run.told()) == 1
    run.exchange.mute = False
    run.cut()
    run.start()
    assert all(run.live(ticker) for ticker in MANY)


def test_an_end_that_does_not_say_of_what_is_a_new_connection() -> None:
    for text in (b'{"type":"error","msg":{"code":10}}', b'{"type":"unsubscribed","id":6}'):
        run = running()
        run.deliver(Sent(text))
        (close,) = [each for each in run.poll() if isinstance(each, Close)]
        assert close.error.retryable


def test_books_stay_lost_while_their_channel_may_not_begin_again() -> None:
    """Other channels go on meanwhile, and are no sign of life for a book."""
    run = running(*MANY)
    del run.exchange.running[1]
    run.exchange.refuse["subscribe"] = 27
    run.now += SECOND
    for _ in range(20):
        run.deliver(Sent(frame("ticker", {"market_ticker": "OTHER"}, sid=2)))
        run.pass_time(SECOND)
        assert not any(run.live(ticker) for ticker in MANY)
    assert "cannot be decided on until it runs again" in run.told()[0].means


def test_the_end_of_another_channel_takes_no_book_and_says_so() -> None:
    run = running()
    del run.exchange.running[2]
    run.session.want([C])
    run.deliver_all()
    assert run.live(A)
    assert followed(run, "ticker") == {A, B, C}
    (error,) = run.told()
    assert "ended the channel ticker" in error.what
    assert "decisions go on by the order books" in error.means


def test_what_was_asked_of_a_subscription_before_it_ended_does_not_end_the_next_one() -> None:
    """Its answers are on their way while the end is heard."""
    run = running()
    run.exchange.end("orderbook_delta", 25)
    run.path.books[A].lose()
    run.session.want([C])
    run.poll()
    run.deliver_all()
    run.pass_time(SECOND)
    assert all(run.live(ticker) for ticker in (A, B, C))
    assert [error.what for error in run.told()] == [
        "Kalshi ended the channel orderbook_delta (25 ended)"
    ]


def test_one_bad_ticker_costs_no_other_market() -> None:
    run = Run(*MANY)
    run.exchange.bad = {MANY[77]}
    run.start()
    run.pass_time(2 * SECOND)
    assert followed(run, "orderbook_delta") == followed(run, "ticker") == {*MANY} - run.exchange.bad
    assert all(run.live(ticker) for ticker in MANY if ticker not in run.exchange.bad)
    assert {error.what.split(" be ")[0] for error in run.told()} == {
        f"Kalshi does not let {MANY[77]}"
    }
    before = len(run.exchange.commands)
    run.pass_time(SECOND)
    assert all(a in ("get_snapshot", "list_subscriptions") for a in run.actions()[before:])


def test_after_the_bad_ticker_is_found_the_others_go_on_in_growing_numbers() -> None:
    run = running(A)
    run.exchange.bad = {MANY[0]}
    run.session.want(MANY)
    run.deliver_all()
    adds = [
        len(each["params"]["market_tickers"])
        for each in run.exchange.commands
        if each["params"].get("sid") == 1
    ]
    assert adds[:10] == [200, 100, 50, 25, 12, 6, 3, 1, 1, 2]
    assert len(adds) < 20
    assert followed(run, "orderbook_delta") == {A, *MANY[1:]}


def test_a_market_that_is_refused_on_another_channel_is_decided_on_and_that_is_told() -> None:
    run = running(A)
    sid = next(s for s, each in run.exchange.running.items() if each.channel == "trade")
    run.session.want([B])
    adds = {each["params"]["sid"]: each["id"] for each in sent(run)}
    run.deliver(Sent(frame("error", {"code": 11, "msg": "no"}, id=adds[sid])))
    run.deliver_all()
    assert run.live(B)
    (error,) = run.told()
    assert "trade" in error.what
    assert "decisions go on by the order books" in error.means


def test_a_refused_market_is_tried_again_after_a_minute() -> None:
    run = Run(A, B)
    run.exchange.bad = {A}
    run.start()
    run.exchange.bad = set()
    run.pass_time(LEFT_OUT + SECOND)
    assert run.live(A)


def test_a_refused_request_for_snapshots_is_asked_in_parts() -> None:
    run = running(A, B, C)
    for ticker in (A, B, C):
        run.path.books[ticker].lose()
    run.exchange.bad = {B}
    run.pass_time(2 * SECOND)
    assert (run.live(A), run.live(B), run.live(C)) == (True, False, True)
    run.exchange.bad = set()
    run.pass_time(5 * SECOND)
    assert run.live(B)


def test_one_book_that_is_refused_for_good_makes_no_later_request_smaller() -> None:
    run = running(*MANY)
    run.exchange.bad = {MANY[77]}
    for ticker in MANY:
        run.path.books[ticker].lose()
    run.pass_time(5 * SECOND)
    assert [ticker for ticker in MANY if not run.live(ticker)] == [MANY[77]]
    run.exchange.mute = True
    for ticker in MANY:
        run.path.books[ticker].lose()
    asked = [len(each["params"]["market_tickers"]) for each in sent(run)]
    assert asked in ([BATCH, BATCH, 49], [BATCH, BATCH, 50])


def test_the_parts_of_a_refused_request_leave_out_what_is_not_wanted_any_more() -> None:
    run = running(A, B, C)
    for ticker in (A, B, C):
        run.path.books[ticker].lose()
    run.exchange.bad = {B}
    run.poll()
    run.session.unwant([B])
    run.deliver(run.exchange.out.pop(0))
    parts = [each["params"] for each in sent(run) if each["params"]["sid"] == 1]
    assert [each["market_tickers"] for each in parts] == [[A], [C], [B]]
    assert parts[-1]["action"] == "delete_markets"


@pytest.mark.parametrize("code", [18, 27])
def test_a_request_for_snapshots_that_came_too_fast_is_not_asked_in_parts(code: int) -> None:
    """More requests would only make it worse."""
    run = running(A, B, C)
    run.exchange.refuse["get_snapshot"] = code
    for ticker in (A, B, C):
        run.path.books[ticker].lose()
    before = len(run.exchange.commands)
    run.poll()
    run.deliver_all()
    (request,) = run.exchange.commands[before:]
    assert request["params"]["market_tickers"] == [A, B, C]
    run.exchange.refuse.clear()
    run.pass_time(2 * SECOND)
    assert all(run.live(ticker) for ticker in (A, B, C))


def test_a_refused_sign_of_life_is_one_and_makes_no_later_request_smaller() -> None:
    run = running(A, B, C)
    run.exchange.refuse["get_snapshot"] = 11
    run.pass_time(SECOND)
    run.exchange.refuse.clear()
    for ticker in (A, B, C):
        run.path.books[ticker].lose()
    (request,) = [each["params"] for each in sent(run)]
    assert request["market_tickers"] == [A, B, C]


@pytest.mark.parametrize("code", [18, 27])
def test_too_many_commands_are_sent_again_a_little_later(code: int) -> None:
    run = Run(A)
    run.exchange.refuse["subscribe"] = code
    run.start()
    run.exchange.refuse.clear()
    run.pass_time(2 * SECOND)
    assert run.live(A)
    assert run.told() == []


def test_a_full_subscription_is_told_and_left_alone_for_a_minute() -> None:
    run = running(A)
    run.exchange.refuse["add_markets"] = 26
    run.session.want([B])
    run.deliver_all()
    (first, *_) = run.told()
    assert "more markets" in first.what
    before = run.actions().count("add_markets")
    run.pass_time(30 * SECOND)
    assert run.actions().count("add_markets") == before
    run.exchange.refuse.clear()
    run.pass_time(LEFT_OUT)
    assert run.live(B)


def test_a_key_that_may_not_follow_ends_everything() -> None:
    run = Run(A)
    run.exchange.refuse["subscribe"] = 9
    run.poll()
    run.deliver(run.exchange.out.pop(0))
    (close,) = [each for each in run.poll() if isinstance(each, Close)]
    assert isinstance(close.error, AuthRefusedError)


def test_a_command_without_an_answer_ends_the_connection() -> None:
    run = Run(A)
    run.exchange.mute = True
    run.poll()
    for _ in range(ANSWER // SECOND):
        run.now += SECOND
        run.texts += 1
        assert not any(isinstance(each, Close) for each in run.poll())
    run.now += SECOND
    (close,) = [each for each in run.poll() if isinstance(each, Close)]
    assert isinstance(close.error, UnreachableError)
    assert "does not answer" in close.error.what


def test_a_new_connection_begins_with_nothing_of_the_old_one() -> None:
    run = running()
    run.path.books[A].lose()
    run.exchange.change(A, "yes", 4_000, 100)
    run.session.want([C])
    run.cut()
    run.exchange.commands.clear()
    run.start()
    assert [each["id"] for each in run.exchange.commands] == [1, 2, 3, 4]
    assert run.actions() == ["subscribe"] * 4
    assert all(run.live(ticker) for ticker in (A, B, C))


def test_counts_go_on_over_connections() -> None:
    run = running()
    run.path.books[A].lose()
    run.pass_time(TICK)
    run.cut()
    run.start()
    assert run.session.snapshots == 1


def test_messages_about_books_since_the_last_poll_are_a_sign_of_life() -> None:
    run = running()
    run.poll()
    assert run.poll() == []
    run.exchange.change(A, "yes", 4_000, 100)
    run.deliver(run.exchange.out.pop())
    assert run.poll() == [Alive()]


def test_other_channels_are_no_sign_of_life_for_books() -> None:
    """Lifecycles of the whole exchange would hide that the books stand still."""
    run = running()
    run.exchange.mute = True
    body = {"market_ticker": "KXOTHER-26-A", "event_type": "activated"}
    for number in range(1, 13):
        run.now += TICK
        run.deliver(Sent(frame("market_lifecycle_v2", body, sid=4, seq=number)))
        run.poll()
    assert run.said == [Stale()]


def test_a_snapshot_that_takes_no_number_is_a_sign_of_life_all_the_same() -> None:
    """Whether it takes one is not documented."""
    run = running()
    run.poll()
    body = {"market_ticker": A, "yes_dollars_fp": [["0.4000", "1.00"]]}
    seq = run.exchange.running[1].seq
    run.deliver(Sent(frame("orderbook_snapshot", body, sid=1, seq=seq)))
    assert run.poll() == [Alive()]


def test_a_quiet_market_is_kept_alive_by_asking_for_one_book_after_another() -> None:
    run = running()
    run.pass_time(10 * SECOND)
    probes = run.exchange.commands[4:]
    assert run.said == []
    assert {each["params"]["action"] for each in probes} == {"get_snapshot"}
    assert Counter(e["params"]["market_tickers"][0] for e in probes) == {A: 6, B: 6}
    assert run.session.snapshots == 0


def test_without_books_the_sign_of_life_is_a_list() -> None:
    run = Run().start()
    run.pass_time(SECOND)
    assert run.actions() == ["subscribe", "list_subscriptions"]
    assert run.said == []


def test_a_lost_last_message_is_found_by_the_sign_of_life() -> None:
    """No later message shows the gap, so nothing but asking can."""
    run = running()
    run.exchange.change(A, "yes", 4_000, 100)
    run.exchange.out.clear()
    run.pass_time(2 * SECOND)
    assert run.path.books[A].bids == {4_000: 100}
    assert run.session.gaps == {"orderbook_delta": 1}


def test_pings_alone_are_silence_stale_within_two_seconds_and_closed_within_ten() -> None:
    run = running()
    run.exchange.mute = True
    began = run.now
    while not run.said:
        run.now += TICK
        run.poll()
    assert run.said == [Stale()]
    assert run.now - began <= 2 * SECOND
    assert not run.live(A)
    while len(run.said) == 1:
        run.now += TICK
        run.poll()
    assert isinstance(run.said[1], Close)
    assert run.now - began <= 10 * SECOND


def test_after_a_pause_every_book_is_asked_for_again() -> None:
    run = running()
    run.exchange.mute = True
    run.pass_time(4 * SECOND)
    assert run.said == [Stale()]
    run.exchange.mute = False
    run.pass_time(4 * SECOND)
    assert run.live(A)
    assert run.live(B)
    assert run.said == [Stale()]


def test_a_laptop_that_slept_trusts_nothing_and_gives_the_connection_time_to_answer() -> None:
    run = running()
    run.now += 3_600 * SECOND
    assert Stale() in run.poll()
    run.pass_time(2 * SECOND)
    assert run.live(A)
    assert run.said == [Stale()]


def test_many_unreadable_texts_end_the_connection_and_a_few_do_not() -> None:
    run = running()
    for _ in range(MOST_UNREADABLE):
        run.session.on_unreadable()
    run.pass_time(11 * SECOND)
    assert run.said == []
    for _ in range(MOST_UNREADABLE + 1):
        run.session.on_unreadable()
    (close,) = [each for each in run.poll() if isinstance(each, Close)]
    assert close.error.retryable


def test_without_a_connection_there_is_nothing_to_do() -> None:
    run = running()
    run.session.disconnected(run.now)
    assert run.session.poll(run.texts, run.now) == []


def test_how_long_a_connection_was_of_use() -> None:
    run = Run(A)
    run.exchange.mute = True
    run.poll()
    run.now += SECOND
    assert run.session.disconnected(run.now) is None
    run = running()
    run.now += SECOND
    assert run.session.disconnected(run.now) == SECOND


def _crossed(ticker: str) -> BookSnapshot:
    return BookSnapshot(
        ticker=ticker,
        bids=(Level(price=5_000, count=100),),
        asks=(Level(price=4_000, count=100),),
        sid=1,
        seq=1,
        ts_event=None,
        ts_recv=0,
    )
